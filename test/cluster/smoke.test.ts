import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPayload } from '../../src/runtime/messages.ts';
import { countingModel } from '../support/service.ts';
import { type ClusterRig, startCluster, WHY_NOT } from './rig.ts';

const message = (messageId: string, body: object, inputName = 'I') => {
  const payload = readPayload(Buffer.from(JSON.stringify(body)));
  if (typeof payload === 'string') throw new Error(payload);
  return { messageId, inputName, payload };
};

describe.skipIf(WHY_NOT !== undefined)(`a cluster of one node (${WHY_NOT ?? 'runs'})`, () => {
  let rig: ClusterRig;
  beforeAll(async () => {
    rig = await startCluster(1);
  }, 90_000);
  afterAll(() => rig.dispose());

  test('evaluates messages, once each, and shows what became of them', async () => {
    const host = rig.host();
    await host.define('createInput', {
      inputName: 'I',
      inputDefinition: { attributes: [{ jsonPath: 'id' }] },
      tags: [],
    } as never);
    await host.define('createDetectorModel', {
      ...countingModel('Counter', 'I'),
      evaluationMethod: 'BATCH',
      tags: [],
    } as never);
    const bodies = Array.from({ length: 40 }, (_, n) => message(`m${n}`, { id: `k${n % 4}` }));
    expect(await host.put(bodies)).toEqual(bodies.map(() => undefined));
    expect(await host.put(bodies)).toEqual(bodies.map(() => undefined));
    for (let n = 0; n < 4; n++) {
      const view = await host.describe({ kind: 'detector', modelName: 'Counter', keyValue: `k${n}` });
      expect(view).toMatchObject({ stateName: 'Counting', variables: [{ name: 'n', value: '10' }] });
    }
    // Another front knows the same.
    const { items } = await rig.host().list({ kind: 'detector', modelName: 'Counter', maxResults: 10 });
    expect(items.map(({ keyValue }) => keyValue).sort()).toEqual(['k0', 'k1', 'k2', 'k3']);
  }, 60_000);
});
