import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call, here, load, median, start } from './http.mjs';
import { MOTOR } from './motor.mjs';

const ROUNDS = 3;
const RIVALS = {
  restate: { port: 9571, script: './rival-restate.mjs', name: 'a Restate virtual object per motor' },
  sqlite: { port: 9572, script: './rival-sqlite.mjs', name: 'XState and a SQLite row per motor' },
  nodeRed: { port: 9573, script: './rival-node-red.mjs', name: 'Node-RED, file context' },
  nodeRedCached: {
    port: 9574,
    script: './rival-node-red.mjs',
    name: 'Node-RED, file context written every 30 s',
    args: ['cached'],
  },
};

/**
 * The motor model, one message in a request, 32 connections from a process of its own: Tripline beside what its users
 * would build on otherwise. Each answers when the message is processed. All but the cached Node-RED keep what they
 * answered. Rounds in turn, medians.
 */
export async function benchRivals() {
  const dataDir = mkdtempSync(join(tmpdir(), 'tripline-bench-'));
  const started = [];
  try {
    const serve = [
      'serve',
      '--port',
      '9570',
      '--mqtt-port',
      '0',
      '--actions',
      'record',
      '--log-level',
      'warn',
    ];
    started.push(
      await start(here('../bin/tripline.js'), [...serve, '--data-dir', join(dataDir, 'tripline')], 9570),
    );
    await call(9570, '/inputs', {
      inputName: 'PressureInput',
      inputDefinition: { attributes: [{ jsonPath: 'motorid' }, { jsonPath: 'sensorData.pressure' }] },
    });
    await call(9570, '/detector-models', MOTOR);
    for (const [kind, { script, port, args = [] }] of Object.entries(RIVALS)) {
      started.push(await start(here(script), [String(port), join(dataDir, kind), ...args], port));
      if (kind !== 'restate') await check(kind, port, '/message');
      else await check(kind, port, '/motor/check/message');
    }
    const measured = { tripline: [] };
    for (const kind of Object.keys(RIVALS)) measured[kind] = [];
    for (let round = 0; round < ROUNDS; round++) {
      measured.tripline.push(await load(9570, round, 'single'));
      for (const [kind, { port }] of Object.entries(RIVALS))
        measured[kind].push(await load(port, round, kind === 'restate' ? 'restate' : 'plain'));
    }
    return Object.entries(RIVALS).flatMap(([kind, { name }]) => {
      const rates = rowOf(measured, kind, 'messages');
      const latencies = rowOf(measured, kind, 'p99');
      return [
        {
          name: `single messages/s over HTTP, beside ${name}`,
          ...rates,
          ...(kind === 'restate' && { goal: 15 }),
        },
        {
          name: `milliseconds p99 of such a request, beside ${name}`,
          ...latencies,
          ...(kind === 'restate' && { goal: 0.1, atMost: true }),
        },
      ];
    });
  } finally {
    const ended = started.map((server) => new Promise((resolve) => server.on('exit', resolve)));
    for (const server of started) server.kill('SIGTERM');
    await Promise.all(ended);
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function rowOf(measured, kind, figure) {
  const [ours, other] = [measured.tripline, measured[kind]].map((each) =>
    median(each.map((one) => one[figure])),
  );
  return { ours, other, ratio: ours / other };
}

/** That a rival does what the model does: up, down three times, and back. Waits until it takes messages. */
async function check(kind, port, path) {
  const post = (pressure) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ motorid: 'check', sensorData: { pressure } }),
    });
  for (let tries = 0; tries < 600 && (await post(0)).status === 404; tries++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  const expected = ['Dangerous', 'Dangerous', 'Dangerous', 'Normal'];
  for (const [at, pressure] of [80, 60, 60, 60].entries()) {
    const response = await post(pressure);
    const text = await response.text();
    if (!response.ok || JSON.parse(text).state !== expected[at])
      throw new Error(`${kind} answers ${response.status} ${text} to message ${at + 1}`);
  }
}
