import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import type { LevelStoreOptions } from '../../src/store/level-store.ts';
import type { StoreError } from '../../src/store/store.ts';
import { Random } from '../sim/random.ts';
import { all, describeStore } from '../support/store-suite.ts';

/**
 * Checkpoints in a thread of their own: the same store from the build, since Node 20 runs no TypeScript in threads. That
 * they survive kills and full disks is tested beside this and in test/crash.
 */
const BUILT = pathToFileURL(join(import.meta.dirname, '../../dist/store/level-store.js')).href;
const { openLevelStore } = (await import(BUILT)) as typeof import('../../src/store/level-store.ts');

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

describeStore('a store whose checkpoints all take a thread', async () => {
  const path = directory();
  return { open: () => openLevelStore(path, always), dispose: async () => {} };
});

test('a thread takes over from this one, and the next opening from the thread', async () => {
  const random = new Random(7);
  const path = directory();
  const expected = new Map<string, string>();
  for (let opening = 0; opening < 6; opening++) {
    // Some checkpoints are too small for a thread, until the first one that is not.
    const store = await openLevelStore(path, { checkpointBytes: 5000, threadFrom: 8000 });
    expect(new Map(await all(store.scanState()))).toEqual(expected);
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
  expect(new Map(await all(store.scanState()))).toEqual(expected);
  await store.close();
});

test('what fails in the thread closes the store, with the same error as without', async () => {
  for (const threadFrom of [0, Number.POSITIVE_INFINITY]) {
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
    bytes.write('x', bytes.indexOf('key 1'));
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
