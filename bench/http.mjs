import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MOTOR } from './motor.mjs';

export const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const SECONDS = 6;
const ROUNDS = 3;

/**
 * Durable messages per second over HTTP, ten in a request, from a load generator in a process of its own. Beside the
 * physical limit (the same protocol code, which appends the raw bytes and syncs), beside Tripline with its commits
 * switched off, and beside the same protocol code that answers at once. Rounds in turn, medians.
 */
export async function benchHttp() {
  const dataDir = mkdtempSync(join(tmpdir(), 'tripline-bench-'));
  const config = ['--data-dir', join(dataDir, 'data'), '--mqtt-port', '0', '--actions', 'record'];
  const servers = [];
  try {
    for (const [script, ...args] of [
      ['../bin/tripline.js', 'serve', '--port', '9561', '--log-level', 'warn', ...config],
      ['./answering-server.mjs', '9562'],
      ['./appending-server.mjs', '9563', join(dataDir, 'appended')],
      ['./memory-server.mjs', '9564'],
    ])
      servers.push(await start(here(script), args, 9561 + servers.length));
    for (const port of [9561, 9564]) {
      await call(port, '/inputs', {
        inputName: 'PressureInput',
        inputDefinition: { attributes: [{ jsonPath: 'motorid' }, { jsonPath: 'sensorData.pressure' }] },
      });
      await call(port, '/detector-models', MOTOR);
    }
    const rates = { 9561: [], 9562: [], 9563: [], 9564: [] };
    const latency = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (const port of Object.keys(rates)) {
        const { messages, p99 } = await load(Number(port), round);
        rates[port].push(messages);
        if (port === '9561') latency.push(p99);
      }
    }
    const [ours, answering, appending, memory] = Object.values(rates).map(median);
    const row = (name, other, goal) => ({
      name: `durable messages/s over HTTP, 10 a request, beside ${name}`,
      ...{ ours, other, ratio: ours / other, goal },
    });
    return [
      row('appending the raw bytes and syncing', appending, 0.6),
      row('itself without commits', memory, 0.7),
      row('answering at once', answering),
      { name: 'milliseconds p99 of such a request under that load', ours: median(latency) },
    ];
  } finally {
    const ended = servers.map((server) => new Promise((resolve) => server.on('exit', resolve)));
    for (const server of servers) server.kill('SIGTERM');
    await Promise.all(ended);
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Starts a server and waits until it answers. */
export async function start(script, args, port, env = {}) {
  const options = { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } };
  const child = spawn(process.execPath, [script, ...args], options);
  for (let tries = 0; tries < 1200; tries++) {
    try {
      // Servers without /readyz answer it as well.
      if ((await fetch(`http://127.0.0.1:${port}/readyz`)).status !== 503) return child;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${script} is not ready`);
}

/** Messages a second, and the p99 of a request in milliseconds, as fast as it goes. */
export function load(port, round, kind = 'batch') {
  return new Promise((resolve, reject) => {
    const args = [here('./load.mjs'), String(port), String(SECONDS), String(round), kind];
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

export async function call(port, path, body) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
}

export function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}
