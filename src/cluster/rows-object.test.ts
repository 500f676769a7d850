import { expect, test } from 'vitest';
import type { KeyValues } from './key-values.ts';
import { commitRows, keptRows, readRows } from './rows-object.ts';

function entries() {
  const all = new Map<string, unknown>();
  const get = async <T>(name: string) => (all.get(name) ?? null) as T | null;
  const state: KeyValues = {
    get,
    getAll: <T>(names: readonly string[]) => Promise.all(names.map((name) => get<T>(name))),
    set: (name, value) => void all.set(name, value),
    clear: (name) => void all.delete(name),
    stateKeys: async () => [...all.keys()],
  };
  const texts = () => new Map(Array.from(all, ([key, value]) => [key, JSON.stringify(value)]));
  return { state, texts };
}

test('rows are read by version, and changed only with knowledge of the newest one', async () => {
  const { state, texts } = entries();
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
  expect(keptRows(texts())).toEqual([['b', '1']]);
});

test('rows too large for a call are refused until others are deleted', async () => {
  const { state } = entries();
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
