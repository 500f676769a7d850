import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLevelStore } from '../dist/store/level-store.js';
import { MOTOR } from './motor.mjs';
import { call, here, start } from './servers.mjs';

const COUNT = 1_000_000;
const CHUNK = 5_000;

/**
 * A million detectors of the motor model: resident memory per detector above a server that has none, when each has
 * been asked for, and when none has. And a million with
 * a timer each: the time from the start of the process to its first acknowledged message, beside a process that scans
 * the same rows and does nothing with them.
 */
export async function benchSize() {
  const folder = mkdtempSync(join(tmpdir(), 'tripline-bench-'));
  try {
    const plain = join(folder, 'plain');
    const empty = await serve(plain, define);
    await fill(plain, false);
    const [idle, used] = [await serve(plain, put), await serve(plain, readAll)].map(
      ({ resident }) => (resident - empty.resident) / COUNT,
    );
    rmSync(plain, { recursive: true });

    const armed = join(folder, 'armed');
    await serve(armed, define);
    await fill(armed, true);
    const scan = here('./scan-of.mjs');
    const rounds = [];
    for (let round = 0; round < 3; round++) {
      const scanned = Number(execFileSync(process.execPath, [scan, armed]));
      rounds.push({ scanned, started: (await serve(armed, put)).seconds });
    }
    const median = (name) => rounds.map((round) => round[name]).sort((x, y) => x - y)[1];
    const [ours, other] = [median('started'), median('scanned')];
    return [
      {
        name: `bytes resident per detector, ${COUNT} detectors, of 600`,
        ...{ ours: used, other: 600, ratio: used / 600, goal: 1, atMost: true },
      },
      {
        name: `bytes resident per detector, ${COUNT} detectors that nobody has asked for since the start`,
        ...{ ours: idle, other: 600, ratio: idle / 600 },
      },
      {
        name: `seconds from the start to the first acknowledgement, ${COUNT} timers, beside scanning`,
        ...{ ours, other, ratio: ours / other, goal: 1.8, atMost: true },
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function define() {
  await call(9567, '/inputs', {
    inputName: 'PressureInput',
    inputDefinition: { attributes: [{ jsonPath: 'motorid' }] },
  });
  await call(9567, '/detector-models', MOTOR);
}

/** Every detector is asked for. */
async function readAll() {
  let seen = 0;
  let token = '';
  do {
    const answer = await fetch(`http://127.0.0.1:9567/detectors/motor?maxResults=250${token}`);
    const { detectorSummaries, nextToken } = await answer.json();
    seen += detectorSummaries.length;
    token = nextToken === undefined ? '' : `&nextToken=${encodeURIComponent(nextToken)}`;
  } while (token !== '');
  if (seen !== COUNT) throw new Error(`${seen} detectors are listed`);
}

let sent = 0;

async function put() {
  const payload = Buffer.from('{"motorid":"motor-7","sensorData":{"pressure":60}}').toString('base64');
  const messages = [{ messageId: String(sent++), inputName: 'PressureInput', payload }];
  await call(9567, '/inputs/messages', { messages });
}

async function serve(dataDir, use) {
  const began = performance.now();
  const args = ['serve', '--port', '9567', '--mqtt-port', '0', '--data-dir', dataDir, '--actions', 'record'];
  const server = await start(here('../bin/tripline.js'), [...args, '--log-level', 'warn'], 9567);
  await use();
  const seconds = (performance.now() - began) / 1000;
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  const resident = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  const ended = new Promise((resolve) => server.on('exit', resolve));
  server.kill('SIGTERM');
  await ended;
  return { seconds, resident };
}

async function fill(dataDir, isArmed) {
  const store = await openLevelStore(dataDir);
  const now = Date.now();
  for (let n = 0; n < COUNT; n += CHUNK) {
    const state = Array.from({ length: CHUNK }, (_, m) => {
      const key = `motor-${n + m}`;
      const input = `{"motorid":"${key}","sensorData":{"pressure":60,"temperature":39.5}}`;
      const next = isArmed ? now + 86_400_000 + n + m : null;
      const timers = isArmed ? `[["idle",${next},86400,"RUNNING"]]` : '[]';
      const text = `[${next},"Normal",${n + m},${now},${now},{"breached":0},${timers},["PressureInput"]]\x1e${input}`;
      return [`detector/0000000001/${key}`, text];
    });
    await store.commit({ state });
  }
  await store.close();
}
