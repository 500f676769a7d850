import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { openLevelStore } from '../../dist/store/level-store.js';

/**
 * Commits until a checkpoint runs out of disk space, frees space at once, tries to continue, prints what was
 * acknowledged, and kills itself.
 */
const [directory, filler, room] = process.argv.slice(2);
const CHECKPOINT = 600_000;
const TEXT = 'x'.repeat(600);
let failure = '';
const store = await openLevelStore(directory, {
  checkpointBytes: CHECKPOINT,
  threadFrom: 0,
  onFailure: (error) => {
    failure = error.message;
    rmSync(filler, { force: true });
  },
});

let acknowledged = 0;
async function put() {
  const number = String(acknowledged).padStart(8, '0');
  await store.commit({ state: [[`k/${number}`, TEXT]], rows: [[`row/${number}`, '']] });
  acknowledged++;
}

// Not enough for a checkpoint yet.
while (acknowledged < 800) await put();
const { bavail, bsize } = statfsSync(dirname(filler));
writeFileSync(filler, Buffer.alloc(bavail * bsize - Number(room)));
try {
  while (failure === '') {
    await put();
    // Only the checkpoint uses the disk now.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  // Everything still accepted must be kept.
  for (let n = 0; n < 20; n++) await put();
} catch {
  // Refused, and so not counted.
}
process.stdout.write(JSON.stringify({ acknowledged, failure }), () => process.kill(process.pid, 'SIGKILL'));
