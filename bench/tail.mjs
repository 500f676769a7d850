import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MOTOR } from './motor.mjs';
import { pace, percentiles } from './pacer.mjs';
import { AS_SHIPPED, call, here, start, stop } from './servers.mjs';

/**
 * What the slowest percent of acknowledgements wait for, compared with those in the middle.
 *
 *     npm run bench:tail -- --rate 3000 --seconds 30 --keys 1000
 *
 * Each request has a time from when it was made to its answer; the server records when it collected garbage, synced
 * and evaluated (tail-hook.mjs). A cell is the share of the requests' time covered by such spans;
 * causes overlap: a collection may happen within a turn, and a sync runs beside the event loop.
 */
const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '3000' },
    seconds: { type: 'string', default: '30' },
    keys: { type: 'string', default: '1000' },
  },
});
const PORT = 9590;
const folder = mkdtempSync(join(tmpdir(), 'tripline-tail-'));
const file = join(folder, 'spans.json');
const server = await start(
  here('../bin/tripline.js'),
  ['serve', '--port', String(PORT), '--mqtt-port', '0', '--actions', 'record', '--log-level', 'warn'].concat([
    '--data-dir',
    join(folder, 'data'),
  ]),
  PORT,
  {
    NODE_OPTIONS: `${AS_SHIPPED.NODE_OPTIONS} --import ${new URL('./tail-hook.mjs', import.meta.url)}`,
    TRIPLINE_TAIL: file,
  },
);
await call(PORT, '/inputs', {
  inputName: 'PressureInput',
  inputDefinition: { attributes: [{ jsonPath: 'motorid' }, { jsonPath: 'sensorData.pressure' }] },
});
await call(PORT, '/detector-models', MOTOR);
const requests = [];
const warm = 2 * Number(values.rate);
const load = await pace({
  ...{ port: PORT, rate: Number(values.rate), size: 10, keys: Number(values.keys) },
  acknowledged: ({ n, made, now }) => {
    if (n >= warm) requests.push([performance.timeOrigin + made, performance.timeOrigin + now]);
  },
});
await new Promise((resolve) => setTimeout(resolve, Number(values.seconds) * 1000));
await load.end();
await stop([server]);

const byCause = group(JSON.parse(readFileSync(file, 'utf8')));
rmSync(folder, { recursive: true, force: true });
requests.sort((a, b) => a[1] - a[0] - (b[1] - b[0]));
const part = (from, to) =>
  requests.slice(Math.floor(requests.length * from), Math.floor(requests.length * to));
const [middle, slow] = [part(0.45, 0.55), part(0.99, 1)];
const { p50, p99, p999 } = percentiles(requests.map(([made, now]) => now - made));
console.log(
  `${requests.length} requests of ten: p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}, p99.9 ${p999.toFixed(1)} ms`,
);
console.log(`${'covered by'.padEnd(20)}${'the middle tenth'.padStart(18)}${'the slowest 1 %'.padStart(18)}`);
const rows = [...byCause].map(([cause, spans]) => [cause, covered(middle, spans), covered(slow, spans)]);
for (const [cause, ...shares] of rows.sort((a, b) => b[2] - a[2]))
  console.log(
    `${cause.padEnd(20)}${shares.map((share) => `${(share * 100).toFixed(1)} %`.padStart(18)).join('')}`,
  );

function group(spans) {
  const groups = new Map();
  for (const span of spans) {
    const [cause] = span;
    if (!groups.has(cause)) groups.set(cause, []);
    groups.get(cause).push(span);
  }
  return groups;
}

/** The share of these requests' time covered by the spans. */
function covered(some, spans) {
  const all = some.reduce((sum, [made, now]) => sum + now - made, 0);
  const sorted = spans.map(([, from, to]) => [from, to]).sort((a, b) => a[0] - b[0]);
  const longest = sorted.reduce((most, [from, to]) => Math.max(most, to - from), 0);
  let time = 0;
  for (const [made, now] of some) {
    let at = first(sorted, made - longest);
    for (; at < sorted.length && sorted[at][0] < now; at++)
      time += Math.max(0, Math.min(now, sorted[at][1]) - Math.max(made, sorted[at][0]));
  }
  return time / all;
}

/** Index of the first span that begins at `time` or later. */
function first(sorted, time) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle][0] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
