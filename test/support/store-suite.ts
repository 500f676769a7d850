import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Change, Row, Store } from '../../src/store/store.ts';

/** A kind of store with persistent data. */
export interface StoreHarness {
  /** Opens the store on the data left by earlier calls. */
  open(): Promise<Store>;
  dispose(): Promise<void>;
}

/** The behaviour required of every store. */
export function describeStore(name: string, prepare: () => Promise<StoreHarness>): void {
  describe(name, () => {
    async function using(run: (harness: StoreHarness) => Promise<void>): Promise<void> {
      const harness = await prepare();
      try {
        await run(harness);
      } finally {
        await harness.dispose();
      }
    }

    test('begins empty', () =>
      using(async (harness) => {
        const store = await harness.open();
        expect(await stateOf(store)).toEqual([]);
        expect(await all(store.scan({ from: '', to: '\uffff' }))).toEqual([]);
        expect(await store.get('a')).toBeUndefined();
        await store.close();
      }));

    test('returns rows by key and by range, in both directions', () =>
      using(async (harness) => {
        const store = await harness.open();
        await store.commit({
          rows: ['c', 'a', 'd', 'b', 'e'].map((key): Change => [key, key.toUpperCase()]),
        });
        expect(await store.get('c')).toBe('C');
        expect(await keys(store.scan({ from: 'b', to: 'e' }))).toEqual(['b', 'c', 'd']);
        expect(await keys(store.scan({ from: 'b', to: 'e', reverse: true }))).toEqual(['d', 'c', 'b']);
        expect(await keys(store.scan({ from: 'a', to: 'z', limit: 2 }))).toEqual(['a', 'b']);
        expect(await keys(store.scan({ from: 'a', to: 'z', reverse: true, limit: 2 }))).toEqual(['e', 'd']);
        expect(await keys(store.scan({ from: 'a', to: 'z', limit: 0 }))).toEqual([]);
        await store.close();
      }));

    test('keeps the last change of a key within one commit', () =>
      using(async (harness) => {
        let store = await harness.open();
        const changes: Change[] = [
          ['k', '1'],
          ['k', null],
          ['k', '2'],
          ['gone', '1'],
          ['gone', null],
        ];
        await store.commit({ rows: changes, state: changes });
        expect(await all(store.scan({ from: '', to: '\uffff' }))).toEqual([['k', '2']]);
        await store.close();
        store = await harness.open();
        expect(await stateOf(store)).toEqual([['k', '2']]);
        await store.close();
      }));

    test('keeps unusual keys and values', () =>
      using(async (harness) => {
        const odd: Row[] = [
          ['', 'empty key'],
          ['empty value', ''],
          ['nul\0key', 'nul\0value'],
          ['größe/温度/🌡', '"quoted"\n\ttext 🌡'],
          ['x'.repeat(2000), 'y'.repeat(100_000)],
        ];
        let store = await harness.open();
        await store.commit({ rows: odd, state: odd });
        await store.close();
        store = await harness.open();
        expect(new Map(await stateOf(store))).toEqual(new Map(odd));
        for (const [key, value] of odd) expect(await store.get(key)).toBe(value);
        await store.close();
      }));

    test('drops a range of state rows, and keeps later changes', () =>
      using(async (harness) => {
        let store = await harness.open();
        await store.commit({ state: ['d/1/a', 'd/1/b', 'd/2/a', 'e'].map((key): Change => [key, 'old']) });
        await store.close();
        store = await harness.open();
        await stateOf(store);
        await store.commit({ dropState: [{ from: 'd/1/', to: 'd/10' }], state: [['d/1/b', 'new']] });
        await store.commit({ state: [['d/1/c', 'new']] });
        await store.close();
        store = await harness.open();
        expect(await stateOf(store)).toEqual([
          ['d/1/b', 'new'],
          ['d/1/c', 'new'],
          ['d/2/a', 'old'],
          ['e', 'old'],
        ]);
        await store.close();
      }));

    test('commits in the order of the calls, without waiting in between', () =>
      using(async (harness) => {
        let store = await harness.open();
        await Promise.all(
          Array.from({ length: 200 }, (_, n) =>
            store.commit({ state: [['last', String(n)]], rows: [['last', String(n)]] }),
          ),
        );
        expect(await store.get('last')).toBe('199');
        await store.close();
        store = await harness.open();
        expect(await stateOf(store)).toEqual([['last', '199']]);
        await store.close();
      }));

    test('refuses to work once it is closed', () =>
      using(async (harness) => {
        const store = await harness.open();
        await store.close();
        await expect(store.commit({ rows: [['a', 'b']] })).rejects.toThrow(/closed/);
      }));

    const key = fc.constantFrom('a', 'a/1', 'a/2', 'a/3', 'b', 'b/1', 'c/1');
    const change = fc.tuple(key, fc.oneof(fc.string(), fc.constant(null)));
    const range = fc.tuple(key, key).map(([from, to]) => ({ from, to }));
    const commit = fc.record({
      state: fc.array(change, { maxLength: 6 }),
      rows: fc.array(change, { maxLength: 3 }),
      dropState: fc.array(range, { maxLength: 1 }),
    });

    test('behaves like a plain map, also across reopening', () =>
      using(async (harness) => {
        const state = new Map<string, string>();
        const rows = new Map<string, string>();
        let store = await harness.open();
        await stateOf(store);
        const commits = fc.array(fc.tuple(commit, fc.boolean()), { maxLength: 12 });
        await fc.assert(
          fc.asyncProperty(commits, async (steps) => {
            for (const [changes, reopen] of steps) {
              await store.commit(changes);
              for (const { from, to } of changes.dropState) {
                for (const each of [...state.keys()]) if (each >= from && each < to) state.delete(each);
              }
              for (const [each, value] of changes.state)
                value === null ? state.delete(each) : state.set(each, value);
              for (const [each, value] of changes.rows)
                value === null ? rows.delete(each) : rows.set(each, value);
              if (reopen) {
                await store.close();
                store = await harness.open();
                expect(new Map(await stateOf(store))).toEqual(state);
              }
              expect(new Map(await all(store.scan({ from: '', to: '\uffff' })))).toEqual(rows);
            }
          }),
          { numRuns: 40 },
        );
        await store.close();
      }));
  });
}

export async function stateOf(store: Pick<Store, 'scanState'>): Promise<Row[]> {
  const found: Row[] = [];
  await store.scanState((rows) => {
    for (let index = 0; index < rows.count; index++)
      found.push([rows.key(index), rows.value(index).toString()]);
  });
  return found;
}

export async function all(rows: AsyncIterable<Row>): Promise<Row[]> {
  const found: Row[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

async function keys(rows: AsyncIterable<Row>): Promise<string[]> {
  return (await all(rows)).map(([key]) => key);
}
