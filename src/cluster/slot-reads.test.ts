import { expect, test } from 'vitest';
import { MemoryEntries } from '../../test/support/entries-host.ts';
import { countingModel } from '../../test/support/service.ts';
import { runDetectorModel } from '../core/engine/detectors.ts';
import { instanceKey } from '../core/engine/instance-key.ts';
import { compileModel } from '../core/model/compile.ts';
import { instanceEntry, UNLISTED } from './slot-entries.ts';
import { list } from './slot-reads.ts';

test('a list holds no variables: its size does not depend on that of the detectors', async () => {
  const compiled = compileModel({ ...countingModel('M', 'I'), detectorModelVersion: '1' });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  const model = runDetectorModel(compiled.model, 7, 'arn:aws:iam::000000000000:role/r');
  const state = new MemoryEntries();
  const stateName = countingModel('M', 'I').detectorModelDefinition.initialStateName;
  const row = [5000, stateName, 1, 1000, 2000, { n: 'x'.repeat(10_000) }, [['t', 5000, 3, 'RUNNING']], {}];
  const entry = instanceEntry(instanceKey(model, 'a'));
  state.set(entry, [UNLISTED, JSON.stringify(row)]);
  const query = { maxResults: 10 };
  const answer = await list(state, 3, new Map([[7, model]]), { epoch: 7, query, after: 0 });
  expect(answer).toEqual({
    items: [
      {
        modelName: 'M',
        modelVersion: '1',
        keyValue: 'a',
        stateName,
        creationTime: 1000,
        lastUpdateTime: 2000,
        nextExpiry: 5000,
      },
    ],
  });
});
