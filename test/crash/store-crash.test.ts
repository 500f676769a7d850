import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openLevelStore } from '../../src/store/level-store.ts';
import { pause } from '../support/server-process.ts';
import { all, stateOf } from '../support/store-suite.ts';
import { report } from './report.ts';
import { stateAfter } from './store-commits.mjs';

const ROUNDS = Number(process.env.TRIPLINE_CRASH_ROUNDS ?? 15);
const WRITER = fileURLToPath(new URL('./store-writer.mjs', import.meta.url));

/**
 * Kills a writing process at any moment, including checkpoints: everything reported as durable is present and complete.
 */
test(`${ROUNDS} kills of a process that commits and checkpoints`, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tripline-store-crash-'));
  let next = 1;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const writer = spawn(process.execPath, [WRITER, directory, String(next)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      writer.stdout.on('data', (chunk: Buffer) => {
        output += chunk;
      });
      await once(writer.stdout, 'data');
      await pause(20 + Math.random() * 200);
      const exited = once(writer, 'exit');
      writer.kill('SIGKILL');
      await exited;
      const acknowledged = Number(output.trimEnd().split('\n').at(-1));
      const store = await openLevelStore(directory, { checkpointBytes: 20_000 });
      const state = new Map(await stateOf(store));
      const last = Number(state.get('last'));
      // One more commit may have become durable without being reported.
      expect([acknowledged, acknowledged + 1]).toContain(last);
      expect(state).toEqual(stateAfter(last));
      const rows = await all(store.scan({ from: 'row/', to: 'row0' }));
      expect(rows.map(([, value]) => Number(value))).toEqual(
        Array.from({ length: last }, (_, index) => index + 1),
      );
      await store.close();
      next = last + 1;
    }
    report('the store alone', { kills: ROUNDS, commits: next - 1, lost: 0, torn: 0 });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}, 3_600_000);
