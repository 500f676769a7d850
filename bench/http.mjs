import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MOTOR } from './motor.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const SECONDS = 6;
const ROUNDS = 3;

/**
 * Durable messages per second over HTTP, ten in a request, from a load generator in a process of its own; beside
 * the same server code that reads, checks and parses the same requests and answers without evaluating.
 */
export async function benchHttp() {
  const dataDir = mkdtempSync(join(tmpdir(), 'tripline-bench-'));
  const config = ['--data-dir', dataDir, '--mqtt-port', '0', '--actions', 'record', '--log-level', 'warn'];
  const durable = await start(here('../bin/tripline.js'), ['serve', '--port', '9561', ...config], 9561);
  const answering = await start(here('./answering-server.mjs'), ['9562'], 9562);
  try {
    await call(9561, '/inputs', {
      inputName: 'PressureInput',
      inputDefinition: { attributes: [{ jsonPath: 'motorid' }, { jsonPath: 'sensorData.pressure' }] },
    });
    await call(9561, '/detector-models', MOTOR);
    const rates = { durable: [], answering: [] };
    const latency = [];
    for (let round = 0; round < ROUNDS; round++) {
      const first = await load(9561, round);
      rates.durable.push(first.messages);
      latency.push(first.p99);
      rates.answering.push((await load(9562, round)).messages);
    }
    const [a, b] = [median(rates.durable), median(rates.answering)];
    return [
      {
        name: 'durable messages/s over HTTP, 10 a request, beside answering without evaluating',
        ours: a,
        other: b,
        ratio: a / b,
      },
      { name: 'milliseconds p99 of such a request under that load', ours: median(latency) },
    ];
  } finally {
    durable.kill('SIGTERM');
    answering.kill('SIGTERM');
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function start(script, args, port) {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
  for (let tries = 0; tries < 200; tries++) {
    try {
      if ((await fetch(`http://127.0.0.1:${port}/readyz`)).status !== 503) return child;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${script} is not ready`);
}

function load(port, round) {
  return new Promise((resolve, reject) => {
    const args = [here('./load.mjs'), String(port), String(SECONDS), String(round)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    child.on('exit', (code) =>
      code === 0 ? resolve(JSON.parse(text)) : reject(new Error(`load ended with ${code}`)),
    );
  });
}

async function call(port, path, body) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}
