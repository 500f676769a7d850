import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MOTOR } from './motor.mjs';
import { here } from './servers.mjs';

const ROUNDS = 3;
const KEYS = 1000;
/** With gigabytes free, the garbage collector leaves tens of megabytes uncollected, and more the longer it runs. */
const BOUNDED = ['--max-old-space-size=64'];

/**
 * `tripline simulate` over a million messages from a file, compared with a program that reads the same lines, parses
 * them and makes the same steps; and its memory compared with that for a tenth of the messages. In turn, medians.
 */
export async function benchSimulate() {
  const folder = mkdtempSync(join(tmpdir(), 'tripline-bench-'));
  try {
    const model = join(folder, 'motor.json');
    writeFileSync(model, JSON.stringify(MOTOR));
    const large = await messages(join(folder, 'large.ndjson'), 1_000_000);
    const small = await messages(join(folder, 'small.ndjson'), 100_000);
    const runs = { ours: [], steps: [], large: [], small: [] };
    for (let round = 0; round < ROUNDS; round++) {
      runs.ours.push(run('simulate', model, large));
      runs.steps.push(run('steps', model, large));
      runs.large.push(run('simulate', model, large, BOUNDED));
      runs.small.push(run('simulate', model, small, BOUNDED));
    }
    const median = (name, figure) =>
      runs[name].map((each) => each[figure]).sort((a, b) => a - b)[ROUNDS >> 1];
    const row = (name, ours, other, goal) => ({ name, ours, other, ratio: ours / other, goal, atMost: true });
    return [
      row(
        's of processor for 1,000,000 simulated messages, beside their parsing and steps',
        median('ours', 'seconds'),
        median('steps', 'seconds'),
        2,
      ),
      row(
        'MB for 1,000,000 simulated messages, beside 100,000',
        median('large', 'megabytes'),
        median('small', 'megabytes'),
        1.2,
      ),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes so many readings of a thousand motors, ten milliseconds apart. */
async function messages(file, count) {
  const out = createWriteStream(file);
  for (let n = 0; n < count; n++) {
    const pressure = n % 4 === 0 ? 80 : 60;
    const payload = `{"motorid":"m${(n * 7) % KEYS}","sensorData":{"pressure":${pressure},"temperature":39.5}}`;
    const line = `{"inputName":"PressureInput","payload":${payload},"time":${1_735_689_600_000 + n * 10}}\n`;
    if (!out.write(line)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  return file;
}

function run(kind, model, file, flags = []) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...flags, here('./simulate-of.mjs'), kind, model, file],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  if (!stdout.includes(`"detectorCount":${KEYS}`)) throw new Error(`${kind} has other detectors: ${stdout}`);
  return JSON.parse(stderr.trim().split('\n').at(-1));
}
