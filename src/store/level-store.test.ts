import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { all, describeStore } from '../../test/support/store-suite.ts';
import { openLevelStore } from './level-store.ts';
import { StoreError } from './store.ts';

const made: string[] = [];
async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'tripline-store-'));
  made.push(path);
  return path;
}
afterAll(() => Promise.all(made.map((path) => rm(path, { recursive: true, force: true }))));

for (const [name, checkpointBytes] of [
  ['the level store', undefined],
  ['the level store with a checkpoint after every commit', 1],
] as const) {
  describeStore(name, async () => {
    const path = await directory();
    const options = checkpointBytes === undefined ? {} : { checkpointBytes };
    return { open: () => openLevelStore(path, options), dispose: async () => {} };
  });
}

async function caught(promise: Promise<unknown>): Promise<StoreError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof StoreError) return error;
  throw new Error(`expected a StoreError, not ${error}`);
}

/** Changes the database behind the store's back. */
async function tamper(
  path: string,
  change: (db: ClassicLevel<string, Buffer>) => Promise<void>,
): Promise<void> {
  const db = new ClassicLevel<string, Buffer>(path, { valueEncoding: 'buffer' });
  await change(db);
  await db.close();
}

describe('a data directory', () => {
  test('already in use is refused, and named', async () => {
    const path = await directory();
    const store = await openLevelStore(path);
    const error = await caught(openLevelStore(path));
    expect(error.code).toBe('IN_USE');
    expect(error.message).toContain(path);
    expect(error.message).toContain('--data-dir');
    await store.close();
    await (await openLevelStore(path)).close();
  });

  test('of another format is refused', async () => {
    const path = await directory();
    await (await openLevelStore(path)).close();
    await tamper(path, (db) => db.put('m/format', Buffer.from('99')));
    expect(await caught(openLevelStore(path))).toMatchObject({
      code: 'VERSION',
      message: expect.stringContaining('99'),
    });
  });

  test('that belongs to something else is refused', async () => {
    const path = await directory();
    await tamper(path, (db) => db.put('theirs', Buffer.from('1')));
    expect((await caught(openLevelStore(path))).code).toBe('CORRUPT');
  });

  test('that cannot be made is refused', async () => {
    const path = join(await directory(), 'file');
    await writeFile(path, '');
    const error = await caught(openLevelStore(join(path, 'data')));
    expect(error.message).toContain(join(path, 'data'));
  });
});

describe('the journal', () => {
  /** A directory whose journal holds three records and whose state rows hold nothing yet. */
  async function journaled(): Promise<string> {
    const path = await directory();
    await (await openLevelStore(path)).close();
    const store = await openLevelStore(path);
    for (const n of ['1', '2', '3']) await store.commit({ state: [[`key ${n}`, n]] });
    // A kill leaves the journal as it is: copy it past the close, which would write it out.
    const rows: [string, Buffer][] = [];
    await store.close();
    const { encodeRecord } = await import('./journal.ts');
    for (const n of [4, 5, 6]) {
      const record = encodeRecord({ state: [[`key ${n}`, String(n)]], dropState: [] });
      rows.push([`j/${String(n).padStart(16, '0')}`, record]);
    }
    await tamper(path, async (db) => {
      for (const [key, value] of rows) await db.put(key, value);
    });
    return path;
  }

  test('is read back', async () => {
    const store = await openLevelStore(await journaled());
    expect((await all(store.scanState())).map(([, value]) => value)).toEqual(['1', '2', '3', '4', '5', '6']);
    await store.close();
  });

  test('with a missing record is refused', async () => {
    const path = await journaled();
    await tamper(path, (db) => db.del('j/0000000000000005'));
    expect(await caught(openLevelStore(path))).toMatchObject({
      code: 'CORRUPT',
      message: expect.stringContaining('record 5 is missing'),
    });
  });

  test('with a flipped bit is refused', async () => {
    const path = await journaled();
    await tamper(path, async (db) => {
      const record = Buffer.from((await db.get('j/0000000000000005')) ?? []);
      record[record.length - 1] = (record.at(-1) ?? 0) ^ 1;
      await db.put('j/0000000000000005', record);
    });
    expect(await caught(openLevelStore(path))).toMatchObject({
      code: 'CORRUPT',
      message: expect.stringContaining('record 5'),
    });
  });
});

describe('a checkpoint that fails', () => {
  type Batch = (operations: readonly { readonly key: string }[], options?: object) => Promise<void>;
  const prototype = ClassicLevel.prototype as unknown as { batch: Batch };

  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** Opens a store whose checkpoints fail once `gate` resolves. */
  async function failing(path: string, gate: Promise<void>) {
    const failures: StoreError[] = [];
    const store = await openLevelStore(path, {
      checkpointBytes: 1,
      onFailure: (error) => failures.push(error),
    });
    const { batch } = prototype;
    vi.spyOn(prototype, 'batch').mockImplementation(async function (this: unknown, operations, options) {
      if (!operations.some(({ key }) => key.startsWith('s/'))) {
        await batch.call(this, operations, options);
        if (!operations.some(({ key }) => key === 'r/late')) return;
        // Heard of after the checkpoint.
        await gate;
        await new Promise((resolve) => setImmediate(resolve));
        return;
      }
      await gate;
      throw new Error('IO error: 000003.log: No space left on device');
    });
    return { store, failures };
  }

  test('ends the store before anything is written behind it, and loses nothing', async () => {
    const path = await directory();
    const { store, failures } = await failing(path, Promise.resolve());
    await store.commit({ state: [['a', '1']], rows: [['a', '1']] });
    await expect.poll(() => failures.map(({ code }) => code)).toEqual(['NO_SPACE']);
    expect(await caught(store.commit({ rows: [['b', '1']] }))).toBe(failures[0]);
    expect(failures[0]?.message).toContain('A checkpoint failed');
    await store.close();
    vi.restoreAllMocks();
    const again = await openLevelStore(path);
    expect(await all(again.scanState())).toEqual([['a', '1']]);
    expect(await all(again.scan({ from: '', to: '~' }))).toEqual([['a', '1']]);
    await again.close();
  });

  test('takes the word back for a commit that was under way with it', async () => {
    const path = await directory();
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const { store, failures } = await failing(path, gate);
    await store.commit({ state: [['a', '1']] });
    const commit = store.commit({ rows: [['late', '1']] });
    await new Promise((resolve) => setTimeout(resolve, 20));
    open();
    expect(await caught(commit)).toBe(failures[0]);
    await store.close();
  });

  test('while the store closes leaves the journal, and the directory free', async () => {
    const path = await directory();
    const store = await openLevelStore(path);
    await store.commit({ state: [['a', '1']] });
    vi.spyOn(prototype, 'batch').mockRejectedValue(new Error('No space left on device'));
    await store.close();
    vi.restoreAllMocks();
    const again = await openLevelStore(path);
    expect(await all(again.scanState())).toEqual([['a', '1']]);
    await again.close();
  });
});

describe('a data directory of format 1', () => {
  const rows = Array.from({ length: 1200 }, (_, n): [string, string] => [
    `k${String(n).padStart(5, '0')}`,
    `v${n}`,
  ]);

  /** As it was left: values without checksums, and a journal. */
  async function former(): Promise<string> {
    const path = await directory();
    const store = await openLevelStore(path);
    await store.commit({ state: rows, rows });
    await store.close();
    await tamper(path, async (db) => {
      for await (const [key, value] of db.iterator())
        if (!/^(m.format|j)/.test(key)) await db.put(key, value.subarray(8));
      await db.put('m/format', Buffer.from('1'));
      const { encodeRecord } = await import('./journal.ts');
      await db.put('j/0000000000000002', encodeRecord({ state: [['last', 'v']], dropState: [] }));
    });
    await rm(join(path, 'COMMITTED'));
    return path;
  }

  test('is taken over, also when each write of it is the last of a process', async () => {
    const path = await former();
    const prototype = ClassicLevel.prototype as unknown as { batch: (...args: never) => Promise<void> };
    const { batch } = prototype;
    let store: Awaited<ReturnType<typeof openLevelStore>> | undefined;
    let kills = 0;
    for (; store === undefined; kills++) {
      let left = kills;
      const spy = vi.spyOn(prototype, 'batch').mockImplementation(async function (this: unknown, ...args) {
        if (left-- === 0) throw new Error('killed');
        return batch.apply(this, args);
      });
      store = await openLevelStore(path).catch(() => undefined);
      spy.mockRestore();
    }
    expect(kills).toBeGreaterThan(2);
    expect(await all(store.scan({ from: '', to: '~' }))).toEqual(rows);
    expect(await all(store.scanState())).toEqual([...rows, ['last', 'v']]);
    await store.close();
  });
});
