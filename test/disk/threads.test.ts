import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ClassicLevel } from 'classic-level';
import { afterEach, describe, expect, test } from 'vitest';
import type { LevelStoreOptions } from '../../src/store/level-store.ts';
import type { StoreError } from '../../src/store/store.ts';
import type { StoredRows } from '../../src/stored-rows.ts';
import { Random } from '../sim/random.ts';
import { describeStore, stateOf } from '../support/store-suite.ts';

/**
 * Checkpoints and the scan of the state rows in threads of their own: the same store from the build, since Node 20 runs no
 * TypeScript in threads. That they survive kills and full disks is tested beside this and in test/crash.
 */
const built = (name: string) => pathToFileURL(join(import.meta.dirname, `../../dist/store/${name}.js`)).href;
const { openLevelStore } = (await import(
  built('level-store')
)) as typeof import('../../src/store/level-store.ts');
const { StateReader } = (await import(
  built('state-reader')
)) as typeof import('../../src/store/state-reader.ts');

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function directory(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tripline-thread-'));
  folders.push(folder);
  return folder;
}

const always: LevelStoreOptions = { checkpointBytes: 1, threadFrom: 0 };

describeStore('a store that has threads for what is not quite small', async () => {
  const path = directory();
  const options = { checkpointBytes: 1, threadFrom: 300 };
  return {
    open: async () => openLevelStore(path, { ...options, reader: await StateReader.begin(path, 0) }),
    dispose: async () => {},
  };
});

test('a thread takes over from this one, and the next opening from the thread', async () => {
  const random = new Random(7);
  const path = directory();
  const expected = new Map<string, string>();
  for (let opening = 0; opening < 6; opening++) {
    // Some checkpoints are too small for a thread, until the first one that is not.
    const store = await openLevelStore(path, { checkpointBytes: 5000, threadFrom: 8000 });
    expect(new Map(await stateOf(store))).toEqual(expected);
    for (let n = 0; n < 60; n++) {
      const key = `k${random.int(10, 40)}`;
      const from = `k${random.int(10, 40)}`;
      const dropState = random.int(0, 9) === 0 ? [{ from, to: `${from}~` }] : [];
      const value = 'ü'.repeat(random.int(0, 2000));
      for (const range of dropState)
        for (const each of expected.keys()) if (each >= range.from && each < range.to) expected.delete(each);
      expected.set(key, value);
      await store.commit({ state: [[key, value]], dropState, rows: [[key, value]] });
      expect(await store.get(key)).toBe(value);
    }
    await store.close();
  }
  const store = await openLevelStore(path);
  expect(new Map(await stateOf(store))).toEqual(expected);
  await store.close();
});

test.skipIf(process.platform !== 'linux')(
  `the thread of checkpoints comes last, and only it${process.platform === 'linux' ? '' : ' (skipped: not Linux)'}`,
  async () => {
    const usual = getPriority();
    const store = await openLevelStore(directory(), always);
    await store.commit({ state: [['a', '1']] });
    await expect.poll(() => priorities()).toContain(10);
    expect(getPriority()).toBe(usual);
    await store.close();
    expect(priorities()).not.toContain(10);
  },
);

/** Of the threads of this process. */
function priorities(): number[] {
  return readdirSync('/proc/self/task').flatMap((thread) => {
    try {
      return getPriority(Number(thread));
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

test('what fails in the thread closes the store, with the same error as without', async () => {
  // A letter of a key, and the number of its frame's changes.
  for (const [threadFrom, offset] of [0, Number.POSITIVE_INFINITY].flatMap((each) => [
    [each, undefined] as const,
    [each, 24] as const,
  ])) {
    const path = directory();
    const failures: StoreError[] = [];
    const options = {
      checkpointBytes: 1000,
      onFailure: (error: StoreError) => failures.push(error),
      threadFrom,
    };
    const store = await openLevelStore(path, options);
    await store.commit({ state: [['key 1', '1']] });
    const file = join(path, 'JOURNAL-A');
    const bytes = readFileSync(file);
    bytes.write('x', offset ?? bytes.indexOf('key 1'));
    writeFileSync(file, bytes);
    await store.commit({ state: [['key 2', 'x'.repeat(1000)]] });
    await expect.poll(() => failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({
      code: 'CORRUPT',
      message: expect.stringMatching(/^A checkpoint failed, and the store .* is corrupt at byte 0/),
    });
    await expect(store.commit({ rows: [['row', '']] })).rejects.toBe(failures[0]);
    await store.close();
  }
});

test('a backup that is taken meanwhile has everything, and the directory is free afterwards', async () => {
  const path = directory();
  const store = await openLevelStore(path, always);
  await store.commit({ state: [['a', '1']] });
  await store.commit({ state: [['b', '2']], rows: [['c', '3']] });
  const keys: string[] = [];
  for await (const [key] of store.dump()) keys.push(key);
  expect(keys).toEqual(expect.arrayContaining(['s/a', 's/b', 'r/c']));
  await store.close();
  await (await openLevelStore(path)).close();
});

describe('a thread that reads', () => {
  const rows = Array.from({ length: 20_000 }, (_, n): [string, string] => [
    `k${String(n).padStart(6, '0')}${'é'.repeat(n % 3)}`,
    `${'ü'.repeat(n % 7)}${'x'.repeat(n % 300)}`,
  ]);

  async function filled(): Promise<string> {
    const path = directory();
    const store = await openLevelStore(path, always);
    await store.commit({ state: rows });
    await store.close();
    // Opening once more moves everything from the log into tables.
    await (await openLevelStore(path)).close();
    return path;
  }

  /** Code and signal with which a process ends that runs `code` on the directory; it is killed if it does not end. */
  function exitOf(code: string, path: string): Promise<unknown[]> {
    // Not from the command line, whose flags threads would inherit.
    const script = join(directory(), 'script.mjs');
    writeFileSync(
      script,
      `import { openLevelStore } from '${built('level-store')}';
      import { StateReader } from '${built('state-reader')}';
      const path = ${JSON.stringify(path)};
      ${code}`,
    );
    return once(spawn(process.execPath, [script], { stdio: 'inherit', timeout: 15_000 }), 'exit');
  }

  const openWithReader = async (path: string) =>
    openLevelStore(path, { ...always, reader: await StateReader.begin(path, 0) });

  test('gives every row, in order, and their texts at any time', async () => {
    const store = await openWithReader(await filled());
    const groups: StoredRows[] = [];
    await store.scanState((each) => groups.push(each));
    await store.close();
    const seen = groups.flatMap((group) =>
      Array.from({ length: group.count }, (_, index) => [group.key(index), group.value(index).toString()]),
    );
    expect(seen).toEqual(rows);
    expect(groups.length).toBeGreaterThan(2);
    const [first] = groups;
    expect(first?.value(299).length).toBe(Buffer.byteLength(rows[299]?.[1] ?? ''));
    expect(first?.value(7).charCodeAt(6)).toBe('x'.charCodeAt(0));
  });

  test('is not begun for few bytes, and keeps no process running', async () => {
    const path = await filled();
    expect(await StateReader.begin(path, 1e9)).toBeUndefined();
    expect(await StateReader.begin(join(path, 'none'), 1)).toBeUndefined();
    const begin = `if ((await StateReader.begin(path, 1)) === undefined) process.exit(3);`;
    expect(await exitOf(begin, path)).toEqual([0, null]);
  });

  test('ends with what its caller throws, and the store can be closed and opened again', async () => {
    const path = await filled();
    const store = await openWithReader(path);
    let seen = 0;
    const scan = store.scanState(() => {
      if (++seen === 2) throw new RangeError('enough');
    });
    await expect(scan).rejects.toThrow(new RangeError('enough'));
    expect(seen).toBe(2);
    await store.close();
    const again = await openWithReader(path);
    expect(await stateOf(again)).toHaveLength(rows.length);
    await again.close();
  });

  test('ends with the store of whoever only opens that', async () => {
    const path = await filled();
    const open = `
      const onThreadEnded = (error) => { throw error; };
      const reader = await StateReader.begin(path, 1);
      await (await openLevelStore(path, { reader, onThreadEnded })).close();`;
    expect(await exitOf(open, path)).toEqual([0, null]);
  });

  test('names a row that is damaged', async () => {
    const path = await filled();
    const db = new ClassicLevel<string, string>(path);
    await db.put('s/k010000', '00000000 something else');
    await db.close();
    const store = await openWithReader(path);
    await expect(stateOf(store)).rejects.toMatchObject({
      name: 'StoreError',
      code: 'CORRUPT',
      message: 'Row s/k010000 does not match its checksum. Restore a backup.',
    });
    await store.close();
  });

  test('refuses a directory with a damaged table before anybody writes to it', async () => {
    const path = await filled();
    const table = readdirSync(path).find((name) => name.endsWith('.ldb')) as string;
    const bytes = readFileSync(join(path, table));
    bytes[200] = 1 ^ (bytes[200] as number);
    writeFileSync(join(path, table), bytes);
    const before = readdirSync(path).sort();
    const expected = {
      name: 'StoreError',
      code: 'CORRUPT',
      message: expect.stringMatching(/^The file \d+\.ldb in .* is damaged between bytes 0 and \d+\. Restore/),
    };
    await expect(openWithReader(path)).rejects.toMatchObject(expected);
    await expect(openLevelStore(path)).rejects.toMatchObject(expected);
    expect(readdirSync(path).sort()).toEqual(before);
  });
});
