import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { load } from './load.mjs';
import { MOTOR } from './motor.mjs';
import { pace, Times } from './pacer.mjs';
import { AS_SHIPPED, call, configForLongLoad, here, median, start, stop } from './servers.mjs';

/**
 * A constant load on 100,000 detectors for half an hour: latency, stalls of the event loop, memory and files, minute by
 * minute. The default rate is half of what the server sustains.
 *
 *     npm run bench:soak -- --minutes 30 --rate 2000
 */
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '30' }, rate: { type: 'string' } },
});
const minutes = Number(values.minutes);
const KEYS = 100_000;
const SIZE = 10;
const PORT = 9568;
/** Permitted ratio of the last third to the middle one. */
const FLAT = 1.1;
/** Permitted milliseconds of an event loop stall. */
const STALL = 50;

const folder = mkdtempSync(join(tmpdir(), 'tripline-soak-'));
const dataDir = join(folder, 'data');
const config = ['--mqtt-port', '0', '--actions', 'record', '--log-level', 'warn', '--data-dir', dataDir];
const server = await start(
  here('../bin/tripline.js'),
  ['serve', '--port', String(PORT), '--config', configForLongLoad(folder), ...config],
  PORT,
  AS_SHIPPED,
);
await call(PORT, '/inputs', {
  inputName: 'PressureInput',
  inputDefinition: { attributes: [{ jsonPath: 'motorid' }, { jsonPath: 'sensorData.pressure' }] },
});
await call(PORT, '/detector-models', MOTOR);
const rate = values.rate === undefined ? await half() : Number(values.rate);

let requests = 0;
const times = new Times();
const paced = await pace({
  ...{ port: PORT, rate, size: SIZE, keys: KEYS },
  acknowledged: ({ made, now }) => {
    requests++;
    times.add(now - made);
  },
});
await stall();
const samples = [];
console.log(`${rate} requests of ${SIZE} a second on ${KEYS.toLocaleString('en')} detectors`);
console.log('minute   resident MB   data MB   p50 ms   p99 ms   p99.9 ms   stall ms   requests');
for (let minute = 1; minute <= minutes; minute++) {
  await new Promise((resolve) => setTimeout(resolve, 60_000));
  const { percentiles, count } = times;
  times.clear();
  const sample = {
    ...{ resident: resident() / 1e6, data: sizeOf(dataDir) / 1e6 },
    ...percentiles,
    stall: await stall(),
  };
  samples.push(sample);
  const cells = Object.values(sample).map((figure) => figure.toFixed(1).padStart(10));
  console.log(`${String(minute).padStart(6)} ${cells.join('')} ${count}`);
}
await paced.end();
await stop([server]);
const third = Math.floor(samples.length / 3);
let isFlat = true;
for (const name of ['resident', 'data', 'p99']) {
  const middle = median(samples.slice(third, 2 * third).map((sample) => sample[name]));
  const last = median(samples.slice(2 * third).map((sample) => sample[name]));
  const flat = last <= middle * FLAT;
  isFlat &&= flat;
  console.log(
    `${name}: last third ${(last / middle).toFixed(2)} of the middle one${flat ? '' : ', NOT FLAT'}`,
  );
}
const longest = Math.max(...samples.map((sample) => sample.stall));
console.log(`longest stall ${longest.toFixed(0)} ms${longest <= STALL ? '' : ', TOO LONG'}`);
console.log(`${requests * SIZE} messages, each acknowledged`);
rmSync(folder, { recursive: true, force: true });
process.exit(isFlat && longest <= STALL ? 0 : 1);

/** Requests of ten messages a second at half of the rate that the server sustains now. */
async function half() {
  await load(PORT, 'batch', 3);
  return Math.round((await load(PORT)).messages / SIZE / 2);
}

/**
 * The longest stall of the event loop since the last call, in milliseconds. The server's clock for it ticks every 10
 * ms, which its metric includes.
 */
async function stall() {
  const metrics = await (await fetch(`http://127.0.0.1:${PORT}/metrics`)).text();
  return Number(/^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(metrics)[1]) * 1000 - 10;
}

function resident() {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) * 1024;
}

function sizeOf(directory) {
  // A file may be deleted while the list is read.
  return readdirSync(directory).reduce((sum, name) => {
    try {
      return sum + statSync(join(directory, name)).size;
    } catch {
      return sum;
    }
  }, 0);
}
