import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { ClassicLevel } from 'classic-level';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { all, describeStore, stateOf } from '../../test/support/store-suite.ts';
import { openLevelStore } from './level-store.ts';
import { NumberedWrites } from './numbered-writes.ts';
import { seal } from './seal.ts';
import { StateReader } from './state-reader.ts';
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

test('a commit that exceeds the longest possible string is refused alone, and the others continue', async () => {
  const path = await directory();
  const store = await openLevelStore(path, {
    onFailure: () => {
      throw new Error('The store has failed');
    },
  });
  // Never written: the store must detect in advance that it is too large.
  const long = 'x'.repeat(2 ** 28);
  const row = (key: string, value: string) => store.commit({ rows: [[key, value]] });
  const [one, large, two] = await Promise.allSettled([
    row('a', '1'),
    store.commit({ rows: ['x', 'y', 'z'].map((key) => [key, long]) }),
    row('b', '2'),
  ]);
  expect([one?.status, two?.status]).toEqual(['fulfilled', 'fulfilled']);
  expect(large).toMatchObject({ status: 'rejected', reason: { name: 'StoreError', code: 'UNENCODABLE' } });
  const alone = await caught(store.commit({ rows: ['x', 'y', 'z'].map((key) => [key, long]) }));
  expect(alone.code).toBe('UNENCODABLE');
  await row('c', '3');
  await store.close();
  const again = await openLevelStore(path);
  expect(await Promise.all(['a', 'x', 'b', 'c'].map((key) => again.get(key)))).toEqual([
    '1',
    undefined,
    '2',
    '3',
  ]);
  await again.close();
});

test('rows that were removed in order take no room any more', async () => {
  const path = await directory();
  const store = await openLevelStore(path, { checkpointBytes: 1024 * 1024 });
  const keys = Array.from({ length: 110_000 }, (_, number) => `queue/${String(number).padStart(16, '0')}`);
  const commit = (value: () => string | null) =>
    Promise.all(
      Array.from({ length: 22 }, (_, part) =>
        store.commit({
          state: keys.slice(part * 5000, (part + 1) * 5000).map((key) => [key, value()] as const),
        }),
      ),
    );
  await commit(() => randomBytes(60).toString('base64'));
  await commit(() => null);
  await store.close();
  const tables = (await readdir(path)).filter((name) => name.endsWith('.ldb'));
  const sizes = await Promise.all(tables.map(async (name) => (await stat(join(path, name))).size));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1024 * 1024);
});

/** Changes the database without the store. */
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

  test('that cannot be created is refused', async () => {
    const path = join(await directory(), 'file');
    await writeFile(path, '');
    const error = await caught(openLevelStore(join(path, 'data')));
    expect(error.message).toContain(join(path, 'data'));
    // An existing directory that cannot have subdirectories: Node's recursive mkdir hangs there.
    if (process.platform !== 'linux') return;
    expect((await caught(openLevelStore('/proc/tripline/data'))).message).toContain('/proc/tripline/data');
  });
});

describe('the journal', () => {
  /** A directory as a kill leaves it, with three commits in the journal that LevelDB does not have. */
  async function killed(): Promise<string> {
    const path = await directory();
    const store = await openLevelStore(path);
    for (const n of [1, 2, 3])
      await store.commit({ state: [[`key ${n}`, String(n)]], rows: [[`row ${n}`, '']] });
    const copy = await copyOf(path);
    await store.close();
    return copy;
  }

  async function copyOf(path: string): Promise<string> {
    for (;;) {
      const copy = await directory();
      try {
        await cp(path, copy, { recursive: true });
        return copy;
      } catch (error) {
        // LevelDB has deleted a table meanwhile: this copy is of no moment of the store.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
  }

  async function values(path: string): Promise<string[]> {
    const store = await openLevelStore(path);
    const rows = await all(store.scan({ from: '', to: '~' }));
    const state = await stateOf(store);
    await store.close();
    expect(rows.map(([key]) => key)).toEqual(state.map(([, value]) => `row ${value}`));
    return state.map(([, value]) => value);
  }

  async function flip(path: string, text: string): Promise<void> {
    const bytes = await readFile(path);
    const at = bytes.indexOf(text);
    expect(at).toBeGreaterThan(0);
    bytes[at] = (bytes[at] as number) ^ 1;
    await writeFile(path, bytes);
  }

  test('is read back', async () => {
    expect(await values(await killed())).toEqual(['1', '2', '3']);
  });

  test('continues after kills and reopenings', async () => {
    let path = await killed();
    for (let n = 4; n <= 8; n++) {
      const store = await openLevelStore(path, { checkpointBytes: 1 });
      await store.commit({ state: [[`key ${n}`, String(n)]], rows: [[`row ${n}`, '']] });
      path = await copyOf(path);
      await store.close();
    }
    expect(await values(path)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
  });

  test('with a flipped bit in an acknowledged commit is refused, with its number', async () => {
    const path = await killed();
    await flip(join(path, 'JOURNAL-A'), 'key 2');
    expect(await caught(openLevelStore(path))).toMatchObject({
      code: 'CORRUPT',
      message: expect.stringContaining('Commits 2 to 3 were acknowledged and are missing'),
    });
  });

  test('that ends in a write cut off by a power failure is read up to there', async () => {
    const path = await killed();
    await flip(join(path, 'JOURNAL-A'), 'key 3');
    // As if the number of the last commit had not reached the disk.
    await writeFile(join(path, 'COMMITTED'), '2'.padStart(16, '0'));
    const store = await openLevelStore(path);
    // LevelDB had the third commit's row, which was not acknowledged and may be missing.
    expect((await stateOf(store)).map(([, value]) => value)).toEqual(['1', '2']);
    await store.close();
  });

  test('whose older file is missing is refused', async () => {
    const path = await directory();
    const store = await openLevelStore(path);
    await store.commit({ state: [['a', '1']] });
    const before = await copyOf(path);
    await store.close();
    const again = await openLevelStore(path);
    await again.commit({ state: [['a', '2']] });
    await cp(join(path, 'JOURNAL-A'), join(before, 'JOURNAL-A'));
    await again.close();
    expect(await caught(openLevelStore(before))).toMatchObject({
      code: 'CORRUPT',
      message: expect.stringContaining('Commit 1 is missing in the journal'),
    });
  });

  test('that has changed before a checkpoint reads it closes the store, and is refused', async () => {
    const path = await directory();
    const failures: StoreError[] = [];
    const store = await openLevelStore(path, {
      checkpointBytes: 1000,
      onFailure: (error) => failures.push(error),
    });
    await store.commit({ state: [['key 1', '1']] });
    await flip(join(path, 'JOURNAL-A'), 'key 1');
    await store.commit({ state: [['key 2', 'x'.repeat(1000)]] });
    await expect.poll(() => failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ code: 'CORRUPT', message: expect.stringContaining('at byte 0') });
    expect(await caught(store.commit({ rows: [['row', '']] }))).toBe(failures[0]);
    await store.close();
    expect((await caught(openLevelStore(path))).code).toBe('CORRUPT');
  });

  test('combines commits that arrive during a sync into the next one', async () => {
    const store = await openLevelStore(await directory());
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 50 }, async (_, n) => {
        await store.commit({ rows: [['last', String(n)]] });
        order.push(n);
      }),
    );
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(await store.get('last')).toBe('49');
    await store.close();
  });
});

/** Commits of all sizes, from some bytes to several times what is read from the journal at once. */
test('a checkpoint writes the last value of each row, as a plain map has it', async () => {
  const key = fc.integer({ min: 10, max: 30 }).map(String);
  // Made into texts only when used: a counterexample should fit on a screen.
  const value = fc.tuple(fc.constantFrom('a', 'ü', '🔥'), fc.constantFrom(0, 1, 100, 20_000, 300_000));
  const textOf = (value: readonly [unit: string, count: number] | null) =>
    value === null ? null : value[0].repeat(value[1]);
  const change = fc.tuple(key, fc.option(value));
  const commit = fc.record({
    state: fc.array(change, { maxLength: 8 }),
    drop: fc.option(fc.tuple(key, key)),
  });
  const commits = fc.array(commit, { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(commits, fc.constantFrom(1, 1000, 500_000), async (list, checkpointBytes) => {
      const path = await directory();
      const expected = new Map<string, string>();
      const store = await openLevelStore(path, { checkpointBytes });
      for (const { state, drop } of list) {
        const [from, to] = drop ?? ['', ''];
        for (const key of [...expected.keys()]) if (key >= from && key < to) expected.delete(key);
        const changes = state.map(([key, value]) => [key, textOf(value)] as const);
        for (const [key, text] of changes)
          if (text === null) expected.delete(key);
          else expected.set(key, text);
        await store.commit({ state: changes, dropState: [{ from, to }] });
      }
      await store.close();
      const again = await openLevelStore(path);
      const rows = await stateOf(again);
      await again.close();
      await rm(path, { recursive: true });
      expect(rows.map(([key]) => key)).toEqual([...expected.keys()].toSorted());
      for (const [key, value] of rows) if (value !== expected.get(key)) throw new Error(`${key} is another`);
    }),
    { numRuns: 60 },
  );
});

test('a store that can have no threads does their work itself, and says so', async () => {
  // The scripts of the threads are in the build only.
  const path = await directory();
  const ended: string[] = [];
  const options = {
    checkpointBytes: 1,
    threadFrom: 0,
    onThreadEnded: (error: Error) => ended.push(error.message),
    onFailure: (error: StoreError) => ended.push(error.message),
  };
  const missing = (script: string) => expect.stringMatching(`has ended: Cannot find module .*${script}`);
  for (const count of [0, 1, 2]) {
    const store = await openLevelStore(path, { ...options, reader: await StateReader.begin(path, 0) });
    expect(await stateOf(store)).toEqual(
      [
        ['k0', 'v'],
        ['k1', 'v'],
      ].slice(0, count),
    );
    await store.commit({ state: [[`k${count}`, 'v']] });
    await store.commit({ rows: [['row', 'v']] });
    await store.close();
    // One for each opening, however many checkpoints there are.
    expect(ended.splice(0)).toEqual([missing('state-reader-thread.js'), missing('checkpoint-thread.js')]);
  }
});

test("a write that is missing in the middle of LevelDB's log is noticed", async () => {
  const path = await directory();
  const store = await openLevelStore(path, { checkpointBytes: 1 });
  for (const n of [1, 2, 3]) await store.commit({ rows: [[`row ${n}`, String(n)]] });
  await store.close();
  // As if the log block with that write were unreadable.
  await tamper(path, (db) =>
    db.batch([2, 3].map((n) => ({ type: 'del', key: `w/${String(n).padStart(16, '0')}` }))),
  );
  expect(await caught(openLevelStore(path))).toMatchObject({
    code: 'CORRUPT',
    message: expect.stringContaining('Write 2 to the database is missing'),
  });
});

describe('a checkpoint that fails', () => {
  const { prototype } = NumberedWrites;

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
    const { write } = prototype;
    vi.spyOn(prototype, 'write').mockImplementation(async function (
      this: NumberedWrites,
      operations,
      options,
    ) {
      if (!operations.some(({ key }) => key.startsWith('s/'))) return write.call(this, operations, options);
      await gate;
      throw new Error('IO error: 000003.log: No space left on device');
    });
    return { store, failures };
  }

  test('closes the store before anything is written after it, and loses nothing', async () => {
    const path = await directory();
    const { store, failures } = await failing(path, Promise.resolve());
    await store.commit({ state: [['a', '1']], rows: [['a', '1']] });
    await expect.poll(() => failures.map(({ code }) => code)).toEqual(['NO_SPACE']);
    expect(await caught(store.commit({ rows: [['b', '1']] }))).toBe(failures[0]);
    expect(failures[0]?.message).toContain('A checkpoint failed');
    await store.close();
    vi.restoreAllMocks();
    const again = await openLevelStore(path);
    expect(await stateOf(again)).toEqual([['a', '1']]);
    expect(await all(again.scan({ from: '', to: '~' }))).toEqual([['a', '1']]);
    await again.close();
  });

  test('keeps a commit in progress at that time, which is in the journal', async () => {
    const path = await directory();
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const { store, failures } = await failing(path, gate);
    await store.commit({ state: [['a', '1']] });
    const commit = store.commit({ state: [['b', '1']], rows: [['b', '1']] });
    open();
    await commit;
    await expect.poll(() => failures).toHaveLength(1);
    expect(await caught(store.commit({ rows: [['c', '1']] }))).toBe(failures[0]);
    await store.close();
    vi.restoreAllMocks();
    const again = await openLevelStore(path);
    expect(await stateOf(again)).toEqual([
      ['a', '1'],
      ['b', '1'],
    ]);
    expect(await all(again.scan({ from: '', to: '~' }))).toEqual([['b', '1']]);
    await again.close();
  });

  test('while the store closes leaves the journal intact and the directory unlocked', async () => {
    const path = await directory();
    const store = await openLevelStore(path);
    await store.commit({ state: [['a', '1']] });
    vi.spyOn(prototype, 'write').mockRejectedValue(new Error('No space left on device'));
    await store.close();
    vi.restoreAllMocks();
    const again = await openLevelStore(path);
    expect(await stateOf(again)).toEqual([['a', '1']]);
    await again.close();
  });
});

describe('a data directory that was not closed', () => {
  /** A directory as a kill leaves it, with a row in a table. */
  async function killed(): Promise<string> {
    const path = await directory();
    const first = await openLevelStore(path);
    await first.commit({ rows: [['row', 'value']] });
    await first.close();
    // Opening moves the log into a table.
    const store = await openLevelStore(path);
    const copy = await directory();
    await cp(path, copy, { recursive: true });
    await store.close();
    return copy;
  }

  async function damageTable(path: string): Promise<string> {
    const name = (await readdir(path)).find((each) => each.endsWith('.ldb')) ?? '';
    const bytes = await readFile(join(path, name));
    await writeFile(join(path, name), bytes.fill(0, 0, 20));
    return name;
  }

  test('is refused every time when a table is damaged, and the table is named', async () => {
    const path = await killed();
    const name = await damageTable(path);
    for (const _ of [1, 2]) {
      expect(await caught(openLevelStore(path))).toMatchObject({
        code: 'CORRUPT',
        message: expect.stringMatching(
          `^The file ${name} in ${path} is damaged between bytes 0 and .* backup.$`,
        ),
      });
    }
  });
});

/** A commit as stored by formats 1 and 2: one change of state. */
function formerRecord(key: string, value: string): Buffer {
  const part = (text: string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(Buffer.byteLength(text));
    return Buffer.concat([length, Buffer.from(text)]);
  };
  const rest = Buffer.concat([Buffer.from([0, 0, 0, 0, 1, 0, 0, 0]), part(key), part(value)]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(rest));
  return Buffer.concat([sum, rest]);
}

/** The store's own records in a directory of formats 1 and 2. */
async function asFormer(db: ClassicLevel<string, Buffer>, format: string, checkpoint: string): Promise<void> {
  await db.put('m/format', Buffer.from(format));
  await db.put('m/checkpoint', Buffer.from(checkpoint));
  await db.clear({ gte: 'w/', lt: 'w0' });
}

describe('a data directory of format 2', () => {
  /** A directory as a kill leaves it, with three records in the journal. */
  async function former(): Promise<string> {
    const path = await directory();
    await (await openLevelStore(path)).close();
    await tamper(path, async (db) => {
      for (const n of [1, 2, 3])
        await db.put(`j/${String(n).padStart(16, '0')}`, formerRecord(`key ${n}`, String(n)));
      await asFormer(db, '2', seal('m/checkpoint', '0'));
    });
    await writeFile(join(path, 'COMMITTED'), '3'.padStart(16, '0'));
    for (const name of ['JOURNAL-A', 'JOURNAL-B']) await rm(join(path, name));
    return path;
  }

  test('is migrated with its journal', async () => {
    const path = await former();
    for (const expected of [3, 4]) {
      const store = await openLevelStore(path);
      const values = (await stateOf(store)).map(([, value]) => value);
      expect(values).toEqual(['1', '2', '3', '4'].slice(0, expected));
      await store.commit({ state: [['key 4', '4']] });
      await store.close();
    }
  });

  test.each([
    [
      'a missing record',
      (db: ClassicLevel<string, Buffer>) => db.del('j/0000000000000002'),
      'record 2 is missing',
    ],
    [
      'a flipped bit',
      async (db: ClassicLevel<string, Buffer>) => {
        const record = Buffer.from((await db.get('j/0000000000000002')) ?? []);
        record[record.length - 1] = (record.at(-1) ?? 0) ^ 1;
        await db.put('j/0000000000000002', record);
      },
      'record 2',
    ],
    [
      'an end that is missing',
      (db: ClassicLevel<string, Buffer>) => db.del('j/0000000000000003'),
      'Commits 3 to 3',
    ],
  ])('with %s is refused', async (_what, change, message) => {
    const path = await former();
    await tamper(path, change);
    expect(await caught(openLevelStore(path))).toMatchObject({
      code: 'CORRUPT',
      message: expect.stringContaining(message),
    });
  });
});

describe('a data directory of format 1', () => {
  const rows = Array.from({ length: 1200 }, (_, n): [string, string] => [
    `k${String(n).padStart(5, '0')}`,
    `v${n}`,
  ]);

  /** As that version left it: values without checksums, and a journal. */
  async function former(): Promise<string> {
    const path = await directory();
    const store = await openLevelStore(path);
    await store.commit({ state: rows, rows });
    await store.close();
    await tamper(path, async (db) => {
      for await (const [key, value] of db.iterator())
        if (/^[rs]/.test(key)) await db.put(key, value.subarray(8));
      await asFormer(db, '1', '1');
      await db.put('j/0000000000000002', formerRecord('last', 'v'));
    });
    for (const name of ['COMMITTED', 'JOURNAL-A', 'JOURNAL-B']) await rm(join(path, name));
    return path;
  }

  test('is migrated, also when the process is killed after any of its writes', async () => {
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
    expect(await stateOf(store)).toEqual([...rows, ['last', 'v']]);
    await store.close();
  });
});
