import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MOTOR } from './motor.mjs';
import { pace } from './pacer.mjs';
import { AS_SHIPPED, call, here, median, start, stop } from './servers.mjs';

const COUNT = Number(process.env.TRIPLINE_BENCH_DETECTORS ?? 1_000_000);
const PORT = 9567;
const ROUNDS = 3;

/**
 * A million detectors of the motor model, each created by its first message: resident memory per detector above an
 * empty server, right afterwards; after a restart, before any is read; and after each was read. And a million detectors
 * with a timer each: the time from the start of the process to its first acknowledged message, compared with a process
 * that only scans the same rows.
 */
export async function benchSize() {
  const folder = mkdtempSync(join(tmpdir(), 'tripline-bench-'));
  try {
    const empty = await serve(join(folder, 'empty'), () => define(MOTOR));
    const plain = join(folder, 'plain');
    const uses = [fill, put, readAll];
    const [filled, idle, asked] = await inTurn(uses, async (use) => {
      const { resident } = await serve(plain, use === fill ? () => define(MOTOR).then(fill) : use);
      return (resident - empty.resident) / COUNT;
    });
    rmSync(plain, { recursive: true });

    const armed = join(folder, 'armed');
    await serve(armed, () => define(ARMED).then(fill));
    const scan = here('./scan-of.mjs');
    const rounds = await inTurn(Array.from({ length: ROUNDS }), async () => {
      const scanned = Number(execFileSync(process.execPath, [scan, armed]));
      return { scanned, started: (await serve(armed, put)).seconds };
    });
    const ours = median(rounds.map(({ started }) => started));
    const other = median(rounds.map(({ scanned }) => scanned));
    const resident = `bytes resident per detector, ${COUNT.toLocaleString('en')}`;
    const beside600 = (bytes) => ({ ours: bytes, other: 600, ratio: bytes / 600, atMost: true });
    return [
      { name: `${resident} with a message each`, ...beside600(filled), goal: 1 },
      { name: `${resident} after a restart`, ...beside600(idle) },
      { name: `${resident} once all were listed`, ...beside600(asked) },
      {
        name: `seconds from the start to the first acknowledgement, ${COUNT} timers, beside scanning`,
        ...{ ours, other, ratio: ours / other, goal: 1.8, atMost: true },
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The motor, with a timer of one day for each. */
const ARMED = structuredClone(MOTOR);
ARMED.detectorModelDefinition.states[0].onEnter.events[0].actions.push({
  setTimer: { timerName: 'idle', durationExpression: '86400' },
});

async function inTurn(list, work) {
  const results = [];
  for (const each of list) results.push(await work(each));
  return results;
}

async function define(model) {
  await call(PORT, '/inputs', {
    inputName: 'PressureInput',
    inputDefinition: { attributes: [{ jsonPath: 'motorid' }, { jsonPath: 'sensorData.pressure' }] },
  });
  await call(PORT, '/detector-models', model);
}

/** Sends a message to each detector. */
async function fill() {
  let acknowledged = 0;
  await new Promise((resolve, reject) => {
    const load = pace({
      ...{ port: PORT, rate: 2500, size: 10, keys: COUNT, most: COUNT / 10 },
      acknowledged: () => {
        if (++acknowledged === COUNT / 10) load.then(({ end }) => end()).then(resolve);
      },
    });
    load.catch(reject);
  });
}

/** Reads every detector. */
async function readAll() {
  let seen = 0;
  let token = '';
  do {
    const answer = await fetch(`http://127.0.0.1:${PORT}/detectors/motor?maxResults=250${token}`);
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
  await call(PORT, '/inputs/messages', { messages });
}

async function serve(dataDir, use) {
  const began = performance.now();
  const config = `${dataDir}.json`;
  writeFileSync(config, JSON.stringify({ limits: { detectorsPerModel: COUNT } }));
  const ports = ['--port', String(PORT), '--mqtt-port', '0'];
  const args = [...ports, '--data-dir', dataDir, '--config', config, '--actions', 'record'];
  const server = await start(
    here('../bin/tripline.js'),
    ['serve', ...args, '--log-level', 'warn'],
    PORT,
    AS_SHIPPED,
  );
  try {
    await use();
    const seconds = (performance.now() - began) / 1000;
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
    return { seconds, resident: Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024 };
  } finally {
    await stop([server]);
  }
}
