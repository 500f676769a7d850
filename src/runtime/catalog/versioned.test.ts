import { expect, test } from 'vitest';
import { startService } from '../../../test/support/service.ts';
import { DEFAULT_LIMITS } from '../../limits.ts';
import { versionKey } from '../rows.ts';
import { detectorModels, type Model } from './catalog.ts';
import { wholeVersion } from './versioned.ts';

test('a former version is read from its row, unless the model was deleted and created again', async () => {
  const { call, host, clock } = await startService();
  await call.CreateInput({ inputName: 'I', inputDefinition: { attributes: [{ jsonPath: 'v' }] } });
  const definition = (name: string) => ({
    initialStateName: name,
    states: [{ stateName: name, onInput: { events: [{ eventName: 'e', condition: 'currentInput("I")' }] } }],
  });
  const define = async (first: string) => {
    const model = { detectorModelName: 'M', roleArn: 'arn:aws:iam::000000000000:role/M' };
    await call.CreateDetectorModel({ ...model, detectorModelDefinition: definition(first) });
    await call.UpdateDetectorModel({ ...model, detectorModelDefinition: definition('Second') });
    return (await host.catalog()).models.get('M') as Model;
  };
  const kind = detectorModels(DEFAULT_LIMITS);
  const before = await define('First');
  const read: string[] = [];
  const row = (key: string) => {
    read.push(key);
    return host.row(key);
  };
  expect(await wholeVersion(kind, before, '1', row)).toMatchObject({
    ...{ detectorModelVersion: '1', status: 'INACTIVE', detectorModelDefinition: definition('First') },
  });
  expect(await wholeVersion(kind, before, '2', row)).toBe(before.newest);
  expect(await wholeVersion(kind, before, '3', row)).toBeUndefined();
  expect(read).toEqual([versionKey('M', '1')]);
  // The model is deleted and created again under the same name.
  await call.DeleteDetectorModel({ detectorModelName: 'M' });
  expect(await wholeVersion(kind, before, '1', row)).toBeUndefined();
  await clock.advance(clock.now() + 1000, async () => {});
  await define('Other');
  expect(await wholeVersion(kind, before, '1', row)).toBeUndefined();
});
