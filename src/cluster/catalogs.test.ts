import { expect, test } from 'vitest';
import { MemoryEntries } from '../../test/support/entries-host.ts';
import { countingModel } from '../../test/support/service.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import { define, read } from './catalog-object.ts';
import { Catalogs } from './catalogs.ts';

const attributes = [{ jsonPath: 'id' }];

test('a slot whose version is no longer stored finds its models in the newest one', async () => {
  const entries = new MemoryEntries();
  const make = async (name: string, request: object) => {
    const answer = await define(
      entries,
      { name, request },
      { now: 0, limits: DEFAULT_LIMITS, wouldKeep: async () => [], tell: async () => [] },
    );
    if ('refusal' in answer) throw new Error(answer.refusal.message);
    return answer.version;
  };
  const input = (inputName: string) => ({ inputName, inputDefinition: { attributes }, tags: [] });
  await make('createInput', input('I'));
  const model = { ...countingModel('Counter', 'I'), evaluationMethod: 'BATCH', tags: [] };
  const version = await make('createDetectorModel', model);
  for (let n = 0; n < 20; n++) await make('createInput', input(`Other${n}`));
  expect(await read(entries, { version })).toEqual({ version });
  // A newly started worker does not know the version.
  const catalogs = new Catalogs(DEFAULT_LIMITS, (request) => read(entries, request));
  const { models } = await catalogs.at(version);
  expect([...models.values()].map(({ compiled }) => compiled.name)).toEqual(['Counter']);
});
