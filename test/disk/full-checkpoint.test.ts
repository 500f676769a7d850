import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { openLevelStore } from '../../src/store/level-store.ts';
import { smallDisk } from '../support/small-disk.ts';
import { all, stateOf } from '../support/store-suite.ts';

/**
 * A disk with room for commits, but not for the checkpoint that one of them starts; then room becomes available.
 * Everything acknowledged at any time is present after a kill.
 */
const WRITER = fileURLToPath(new URL('./fill-store.mjs', import.meta.url));
const disk = smallDisk(24);

afterEach(() => disk.remove());

test.skipIf(disk.missing !== undefined)(
  `a checkpoint that meets a full disk costs no commit${disk.missing === undefined ? '' : ` (skipped: ${disk.missing})`}`,
  async () => {
    for (const room of [120_000, 200_000]) {
      const data = join(disk.path, `data-${room}`);
      const { stdout, stderr, signal } = spawnSync(
        process.execPath,
        [WRITER, data, join(disk.path, 'filler'), String(room)],
        { encoding: 'utf8' },
      );
      expect({ stderr, signal }).toEqual({ stderr: '', signal: 'SIGKILL' });
      const { acknowledged, failure } = JSON.parse(stdout) as { acknowledged: number; failure: string };
      // On a busy machine a commit may hit the full disk before the checkpoint in progress does.
      expect(failure).toMatch(/^A (checkpoint|commit) failed.*no space left/i);
      const store = await openLevelStore(data);
      const rows = (await all(store.scan({ from: 'row/', to: 'row0' }))).map(([key]) => key);
      // The refused commit may have become durable before the store failed: completely, or not at all.
      expect([acknowledged, acknowledged + 1]).toContain(rows.length);
      expect(rows).toEqual(Array.from(rows, (_, number) => `row/${String(number).padStart(8, '0')}`));
      expect(await stateOf(store)).toHaveLength(rows.length);
      await store.close();
    }
  },
  60_000,
);
