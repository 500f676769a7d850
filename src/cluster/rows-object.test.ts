import { expect, test } from 'vitest';
import { MemoryEntries } from '../../test/support/entries-host.ts';
import { commitRows, keptRows, readRows } from './rows-object.ts';

test('rows are read by version, and changed only with knowledge of the newest one', async () => {
  const state = new MemoryEntries();
  const commit = (known: number, ...changes: (readonly [string, string | null])[]) =>
    commitRows(state, 'rules', { known, changes });
  expect(await readRows(state, {})).toEqual({ version: 0, rows: [] });
  expect(await commit(0, ['b', '1'], ['a', '2'])).toEqual({ version: 1 });
  expect(await commit(0, ['c', '3'])).toEqual({ stale: 1 });
  expect(await readRows(state, { known: 0 })).toEqual({
    version: 1,
    rows: [
      ['a', '2'],
      ['b', '1'],
    ],
  });
  expect(await readRows(state, { known: 1 })).toEqual({ version: 1 });
  expect(await commit(1, ['a', null])).toEqual({ version: 2 });
  expect(keptRows(state.entries)).toEqual([['b', '1']]);
});

test('rows that a call could not carry are refused, until others are deleted', async () => {
  const state = new MemoryEntries();
  const large = 'x'.repeat(7 * 1024 * 1024);
  const commit = (known: number, key: string, text: string | null) =>
    commitRows(state, 'rules', { known, changes: [[key, text]] });
  expect(await commit(0, 'a', large)).toEqual({ version: 1 });
  expect(await commit(1, 'b', large)).toEqual({
    refusal: {
      code: 'LimitExceededException',
      message: 'rules would have 14680066 bytes together; a cluster takes 12582912',
    },
  });
  expect(await commit(1, 'a', large)).toEqual({ version: 2 });
  expect(await commit(2, 'a', null)).toEqual({ version: 3 });
  expect(await commit(3, 'b', large)).toEqual({ version: 4 });
});
