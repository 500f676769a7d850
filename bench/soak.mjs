import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MOTOR } from './motor.mjs';
import { call, here, start } from './servers.mjs';

/**
 * A steady load on 100,000 detectors for half an hour: memory, latency and files, minute by minute.
 *
 *     npm run bench:soak -- --minutes 30 --rate 100
 */
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '30' }, rate: { type: 'string', default: '100' } },
});
const minutes = Number(values.minutes);
const rate = Number(values.rate);
const KEYS = 100_000;
const SIZE = 10;
const PORT = 9568;
/** How much more the last third may have than the middle one. */
const FLAT = 1.1;

const folder = mkdtempSync(join(tmpdir(), 'tripline-soak-'));
const dataDir = join(folder, 'data');
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const args = [
  'serve',
  '--port',
  String(PORT),
  '--mqtt-port',
  '0',
  '--actions',
  'record',
  '--data-dir',
  dataDir,
];
const server = await start(here('../bin/tripline.js'), [...args, '--log-level', 'warn'], PORT);
await call(PORT, '/inputs', {
  inputName: 'PressureInput',
  inputDefinition: { attributes: [{ jsonPath: 'motorid' }] },
});
await call(PORT, '/detector-models', MOTOR);

let number = 0;
let failed = 0;
let latencies = [];
const began = performance.now();
const pace = setInterval(() => {
  const due = Math.floor(((performance.now() - began) / 1000) * rate);
  while (number < due) send(number++);
}, 2);
const samples = [];
console.log('minute   resident MB   data MB   p50 ms   p99 ms   requests');
for (let minute = 1; minute <= minutes; minute++) {
  await new Promise((resolve) => setTimeout(resolve, 60_000));
  const times = latencies.sort((a, b) => a - b);
  latencies = [];
  const at = (share) => times[Math.floor(times.length * share)] ?? 0;
  const sample = { resident: resident(), data: sizeOf(dataDir), p50: at(0.5), p99: at(0.99) };
  samples.push(sample);
  const cells = [sample.resident / 1e6, sample.data / 1e6, sample.p50, sample.p99].map((figure) =>
    figure.toFixed(1),
  );
  console.log(
    `${String(minute).padStart(6)} ${cells.map((cell) => cell.padStart(10)).join('')} ${times.length}`,
  );
}
clearInterval(pace);
const ended = new Promise((resolve) => server.on('exit', resolve));
server.kill('SIGTERM');
await ended;
const third = Math.floor(samples.length / 3);
const median = (list, of) => list.map(of).sort((a, b) => a - b)[list.length >> 1];
let isFlat = failed === 0;
for (const of of ['resident', 'data', 'p99']) {
  const middle = median(samples.slice(third, 2 * third), (sample) => sample[of]);
  const last = median(samples.slice(2 * third), (sample) => sample[of]);
  const flat = last <= middle * FLAT;
  isFlat &&= flat;
  console.log(`${of}: last third ${(last / middle).toFixed(2)} of the middle one${flat ? '' : ', NOT FLAT'}`);
}
console.log(`${number * SIZE} messages, ${failed} requests failed`);
rmSync(folder, { recursive: true, force: true });
process.exit(isFlat ? 0 : 1);

function send(n) {
  const messages = Array.from({ length: SIZE }, (_, m) => {
    const at = n * SIZE + m;
    const payload = `{"motorid":"motor-${(at * 7919) % KEYS}","sensorData":{"pressure":${40 + (at % 50)}}}`;
    const data = Buffer.from(payload).toString('base64');
    return `{"messageId":"s-${at}","inputName":"PressureInput","payload":"${data}"}`;
  });
  const body = `{"messages":[${messages.join(',')}]}`;
  const due = performance.now();
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const options = { port: PORT, host: '127.0.0.1', path: '/inputs/messages', method: 'POST', agent, headers };
  const outgoing = request(options, (response) => {
    response.resume();
    response.on('end', () => {
      if (response.statusCode !== 200) failed++;
      latencies.push(performance.now() - due);
    });
  });
  outgoing.on('error', () => failed++);
  outgoing.end(body);
}

function resident() {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) * 1024;
}

function sizeOf(directory) {
  // A file may go while the list is walked.
  return readdirSync(directory).reduce((sum, name) => {
    try {
      return sum + statSync(join(directory, name)).size;
    } catch {
      return sum;
    }
  }, 0);
}
