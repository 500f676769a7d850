import { execFile } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { load } from './load.mjs';
import { MOTOR } from './motor.mjs';
import { AS_SHIPPED, beside, call, configForLongLoad, here, start, stop } from './servers.mjs';

const run = promisify(execFile);
const SYNCS = 1000;
const ROUNDS = 15;

/**
 * At half of the rate that the server sustains: the time from when a request is due to its acknowledgement, compared
 * with the disk's own fdatasync in the same run; and from an acknowledgement to the arrival of the action's request at
 * an idle target, with ten actions a second among the messages.
 */
export async function benchLatency() {
  const dataDir = mkdtempSync(join(tmpdir(), 'tripline-bench-'));
  const env = {
    ...AS_SHIPPED,
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9566',
    AWS_ACCESS_KEY_ID: 'k',
    AWS_SECRET_ACCESS_KEY: 's',
  };
  const data = ['--data-dir', join(dataDir, 'data'), '--config', configForLongLoad(dataDir)];
  const args = ['serve', '--port', '9565', '--mqtt-port', '0', ...data];
  const server = await start(here('../bin/tripline.js'), [...args, '--log-level', 'warn'], 9565, env);
  const appending = await start(
    here('./appending-server.mjs'),
    ['9569', join(dataDir, 'appended')],
    9569,
    AS_SHIPPED,
  );
  try {
    await call(9565, '/inputs', {
      inputName: 'PressureInput',
      inputDefinition: { attributes: [{ jsonPath: 'motorid' }, { jsonPath: 'id' }] },
    });
    await call(9565, '/detector-models', MOTOR);
    const { messages } = await load(9565);
    const rate = Math.round(messages / 10 / 2);
    const [half, limit] = [[], []];
    const both = [
      { port: 9565, series: half },
      { port: 9569, series: limit },
    ];
    // In turn first and second: what a server has left to the disk, the next one meets.
    for (let round = 0; round < ROUNDS; round++)
      for (const { port, series } of round % 2 === 0 ? both : [...both].reverse())
        series.push((await paced(port, rate, 6, 10)).acknowledged);
    const at = (percentile) =>
      beside(
        half.map((each) => each[percentile]),
        limit.map((each) => each[percentile]),
      );
    const [p50, p99, p999] = [at('p50'), at('p99'), at('p999')];
    const sync = syncTimes(dataDir);
    await call(9565, '/detector-models', acting());
    const idle = await paced(9565, 50, 6, 1);
    return [
      {
        name: `ms p99 to the acknowledgement at half rate (${rate} requests/s), beside appending and syncing`,
        ...{ ...p99, goal: 1.5, atMost: true },
      },
      { name: 'ms p99.9 of the same', ...p999, goal: 2, atMost: true },
      { name: 'ms p50 of the same', ...p50 },
      {
        name: 'ms p99 of the same, beside fdatasync p99',
        ...{ ours: p99.ours, other: sync.p99, ratio: p99.ours / sync.p99 },
      },
      {
        name: `ms p99 from the acknowledgement to the action's arrival (${idle.actions} actions), of 10`,
        ...{ ours: idle.left.p99, other: 10, ratio: idle.left.p99 / 10, goal: 0.5, atMost: true },
      },
    ];
  } finally {
    await stop([server, appending]);
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function paced(port, rate, seconds, size) {
  const numbers = [port, 9566, rate, seconds, size].map(String);
  const { stdout } = await run(process.execPath, [here('./paced-load.mjs'), ...numbers]);
  return JSON.parse(stdout);
}

/** A second model that sends an action for each message that asks for one. */
function acting() {
  const payload = { contentExpression: "'${$input.PressureInput.id}'", type: 'STRING' };
  const event = {
    eventName: 'act',
    condition: '$input.PressureInput.act == true',
    actions: [{ sqs: { queueUrl: 'http://127.0.0.1:9566/0/q', payload } }],
  };
  return {
    detectorModelName: 'acting',
    key: 'motorid',
    roleArn: MOTOR.roleArn,
    detectorModelDefinition: {
      initialStateName: 'A',
      states: [{ stateName: 'A', onInput: { events: [event] } }],
    },
  };
}

/** Milliseconds that the disk takes for a small write and its sync. */
function syncTimes(folder) {
  const file = openSync(join(folder, 'syncs'), 'w');
  const bytes = Buffer.alloc(4096, 1);
  const times = Array.from({ length: SYNCS }, (_, n) => {
    const began = performance.now();
    writeSync(file, bytes, 0, bytes.length, (n % 100) * bytes.length);
    fdatasyncSync(file);
    return performance.now() - began;
  }).sort((a, b) => a - b);
  closeSync(file);
  return { p50: times[SYNCS >> 1], p99: times[Math.floor(SYNCS * 0.99)] };
}
