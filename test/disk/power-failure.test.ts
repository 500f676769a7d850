import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { afterEach, expect, test, vi } from 'vitest';
import { openLevelStore } from '../../src/store/level-store.ts';
import { NumberedWrites } from '../../src/store/numbered-writes.ts';
import type { Change, Changes } from '../../src/store/store.ts';
import { Random } from '../sim/random.ts';
import { all, stateOf } from '../support/store-suite.ts';

/**
 * A power failure may lose the unsynced ends of LevelDB's log and of `COMMITTED`. Whatever it loses, everything
 * acknowledged is present.
 */
const TIMES = Number(process.env.TRIPLINE_POWER_TIMES ?? 40);
const folders: string[] = [];

afterEach(() => {
  vi.restoreAllMocks();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

type Batch = (
  this: unknown,
  ...args: [operations?: unknown, options?: { readonly sync?: boolean }]
) => unknown;

/** The length of each of LevelDB's logs at its last sync. */
function watchSyncs(directory: string): ReadonlyMap<string, number> {
  const synced = new Map<string, number>();
  const note = (options: { readonly sync?: boolean } | undefined) => {
    if (options?.sync !== true) return;
    for (const name of logsIn(directory)) synced.set(name, statSync(join(directory, name)).size);
  };
  const { prototype } = NumberedWrites;
  const { write } = prototype;
  vi.spyOn(prototype, 'write').mockImplementation(async function (this: NumberedWrites, operations, options) {
    await write.call(this, operations, options);
    note(options);
  });
  // A new database is written as one list.
  const level = ClassicLevel.prototype as unknown as { batch: Batch };
  const { batch } = level;
  vi.spyOn(level, 'batch').mockImplementation(function (this: unknown, ...args) {
    const written = batch.apply(this, args);
    return args.length === 0 ? written : Promise.resolve(written).then(() => note(args[1]));
  });
  return synced;
}

function logsIn(directory: string): string[] {
  return readdirSync(directory).filter((name) => /^\d+\.log$/.test(name));
}

class Expected {
  readonly state = new Map<string, string>();
  readonly rows = new Map<string, string>();
  commits = 0;

  add({ state = [], dropState = [], rows = [] }: Changes): void {
    this.commits++;
    for (const { from, to } of dropState)
      for (const key of this.state.keys()) if (key >= from && key < to) this.state.delete(key);
    for (const [map, list] of [
      [this.state, state],
      [this.rows, rows],
    ] as const)
      for (const [key, value] of list) value === null ? map.delete(key) : map.set(key, value);
  }
}

function randomChanges(random: Random): Changes {
  const changes = (most: number) =>
    Array.from({ length: random.int(0, most) }, (): Change => {
      const key = `k${random.int(10, 40)}`;
      return [key, random.int(0, 4) === 0 ? null : 'x'.repeat(random.int(0, 300))];
    });
  const from = `k${random.int(10, 40)}`;
  const dropState = random.int(0, 9) === 0 ? [{ from, to: `${from}~` }] : [];
  return { state: changes(6), dropState, rows: changes(4) };
}

test(`${TIMES} power failures take nothing that was acknowledged`, async () => {
  let cut = 0;
  for (let seed = 1; seed <= TIMES; seed++) {
    const random = new Random(seed);
    const folder = mkdtempSync(join(tmpdir(), 'tripline-power-'));
    folders.push(folder);
    let directory = join(folder, 'first');
    const expected = new Expected();
    for (const next of ['second', 'third', 'fourth']) {
      const synced = watchSyncs(directory);
      const store = await openLevelStore(directory, { checkpointBytes: random.int(500, 30_000) });
      expect(new Map(await stateOf(store))).toEqual(expected.state);
      expect(new Map(await all(store.scan({ from: '', to: '~' })))).toEqual(expected.rows);
      for (let n = random.int(0, 60); n > 0; n--) {
        const group = Array.from({ length: random.int(1, 3) }, () => randomChanges(random));
        await Promise.all(group.map((changes) => store.commit(changes)));
        for (const changes of group) expected.add(changes);
      }
      const copy = join(folder, next);
      cpSync(directory, copy, { recursive: true });
      for (const name of logsIn(copy)) {
        const { size } = statSync(join(copy, name));
        const kept = random.int(Math.min(synced.get(name) ?? 0, size), size);
        cut += size - kept;
        truncateSync(join(copy, name), kept);
      }
      const noted = String(random.int(0, expected.commits)).padStart(16, '0');
      if (expected.commits > 0) writeFileSync(join(copy, 'COMMITTED'), noted);
      await store.close();
      vi.restoreAllMocks();
      directory = copy;
    }
  }
  expect(cut).toBeGreaterThan(10_000);
}, 120_000);
