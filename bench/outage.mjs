import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const API = 'http://127.0.0.1:9573';
const TARGET = 'http://127.0.0.1:9574';
const SECONDS_BEFORE = 30;
const SECONDS_DOWN = Number(process.env.SECONDS_DOWN ?? 60);
/** Actions per second to each of two queues; 5,000 in a minute. */
const RATE = 5000 / 60;
const KEYS = 50;

/**
 * One of two queues is down for a minute while both get 5,000 actions. Measures what happens to the actions for the
 * one, and the time from a message's acknowledgement to the arrival of its action at the other, before and during the
 * outage.
 */
const dataDir = mkdtempSync(join(tmpdir(), 'tripline-outage-'));
const env = { ...process.env, AWS_ENDPOINT_URL: TARGET, AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' };
const target = run('./target-server.mjs', ['9574'], process.env);
const server = run(
  '../bin/tripline.js',
  ['serve', '--port', '9573', '--mqtt-port', '0', '--data-dir', dataDir, '--log-level', 'error'],
  env,
);
const numbers = new Map();
let message = 0;
try {
  await ready(`${API}/readyz`);
  await ready(`${TARGET}/counts`);
  await define();
  await produce(5);
  await fetch(`${TARGET}/latencies`);
  await produce(SECONDS_BEFORE);
  const before = await latencies();
  await fetch(`${TARGET}/down?queue=dead`);
  const memory = [];
  const produced = await produce(SECONDS_DOWN, () => memory.push(residentMB()));
  const meanwhile = await latencies();
  const waiting = await pending();
  await fetch(`${TARGET}/up`);
  const began = Date.now();
  while ((await pending()) > 0) await wait(50);
  const recovery = (Date.now() - began) / 1000;
  const { counts, outOfOrder } = await (await fetch(`${TARGET}/counts`)).json();
  const failed = (await (await fetch(`${API}/_tripline/actions?status=FAILED`)).json()).actions.length;
  const third = Math.ceil(memory.length / 3);
  console.table({
    'actions to the dead queue while it was down': produced,
    'waiting when it came back': waiting,
    'arrived of all': `${counts[`${TARGET}/0/dead`]} of ${message}`,
    failed: failed,
    'out of order for their detector': outOfOrder,
    'seconds until all had arrived': recovery,
    'p99 ms to the other queue, before': before,
    'p99 ms to the other queue, meanwhile': meanwhile,
    'resident MB in the first third of the outage': mean(memory.slice(0, third)),
    'resident MB in the last third': mean(memory.slice(-third)),
  });
} finally {
  server.kill('SIGKILL');
  target.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
}

function run(script, args, env) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  return spawn(process.execPath, [path, ...args], { env, stdio: ['ignore', 'inherit', 'inherit'] });
}

async function ready(url) {
  for (;;) {
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // Not listening yet.
    }
    await wait(20);
  }
}

async function define() {
  const attributes = ['key', 'n', 't'].map((jsonPath) => ({ jsonPath }));
  await call('/inputs', { inputName: 'R', inputDefinition: { attributes } });
  const queue = (name, contentExpression) => ({
    sqs: { queueUrl: `${TARGET}/0/${name}`, payload: { contentExpression, type: 'STRING' } },
  });
  const actions = [queue('dead', "'${$input.R.key} ${$input.R.n}'"), queue('live', "'@${$input.R.t}'")];
  const events = [{ eventName: 'e', condition: 'currentInput("R")', actions }];
  await call('/detector-models', {
    detectorModelName: 'M',
    key: 'key',
    roleArn: 'arn:aws:iam::000000000000:role/r',
    detectorModelDefinition: { initialStateName: 'A', states: [{ stateName: 'A', onInput: { events } }] },
  });
}

/** Sends one message at a time, at a constant rate; returns their number. */
async function produce(seconds, eachSecond = () => {}) {
  const began = Date.now();
  const total = Math.round(seconds * RATE);
  for (let n = 0; n < total; n++) {
    const due = began + (n * 1000) / RATE;
    if (due > Date.now()) await wait(due - Date.now());
    if (n % Math.round(RATE) === 0) eachSecond();
    const key = `k${message++ % KEYS}`;
    const number = (numbers.get(key) ?? 0) + 1;
    numbers.set(key, number);
    const payload = Buffer.from(JSON.stringify({ key, n: number, t: Date.now() })).toString('base64');
    await call('/inputs/messages', {
      messages: [{ messageId: `${key}-${number}`, inputName: 'R', payload }],
    });
  }
  return total;
}

async function latencies() {
  await wait(500);
  const all = (await (await fetch(`${TARGET}/latencies`)).json()).sort((a, b) => a - b);
  return all[Math.floor(all.length * 0.99)];
}

async function pending() {
  const text = await (await fetch(`${API}/metrics`)).text();
  return [...text.matchAll(/^tripline_actions_pending\{.*\} (\d+)$/gm)].reduce(
    (sum, [, n]) => sum + Number(n),
    0,
  );
}

function residentMB() {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) / 1024;
}

async function call(path, body) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(API + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
}

function mean(figures) {
  return Math.round(figures.reduce((sum, each) => sum + each, 0) / figures.length);
}
