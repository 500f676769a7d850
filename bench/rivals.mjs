import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from './load.mjs';
import { MOTOR } from './motor.mjs';
import { AS_SHIPPED, beside, call, here, start, stop } from './servers.mjs';

const ROUNDS = 5;
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

/** Goals: multiples of the rival's messages per second. */
const GOALS = { restate: 20, sqlite: 3 };

/**
 * The motor model, one message in a request, 32 connections from a separate process: Tripline compared with what its
 * users would build on otherwise. Each answers when the message is processed. All except the cached Node-RED have
 * stored what they answered. Rounds in turn, medians.
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
      await start(
        here('../bin/tripline.js'),
        [...serve, '--data-dir', join(dataDir, 'tripline')],
        9570,
        AS_SHIPPED,
      ),
    );
    await call(9570, '/inputs', {
      inputName: 'PressureInput',
      inputDefinition: { attributes: [{ jsonPath: 'motorid' }, { jsonPath: 'sensorData.pressure' }] },
    });
    await call(9570, '/detector-models', MOTOR);
    for (const [kind, { script, port, args = [] }] of Object.entries(RIVALS)) {
      const own = [String(port), join(dataDir, kind), ...args];
      started.push(await start(here(script), own, port, AS_SHIPPED));
      if (kind !== 'restate') await check(kind, port, '/message');
      else await check(kind, port, '/motor/check/message');
    }
    const measured = { tripline: [] };
    for (const kind of Object.keys(RIVALS)) measured[kind] = [];
    for (let round = 0; round < ROUNDS; round++) {
      measured.tripline.push(await load(9570, 'single'));
      for (const [kind, { port }] of Object.entries(RIVALS))
        measured[kind].push(await load(port, kind === 'restate' ? 'restate' : 'plain'));
    }
    return Object.entries(RIVALS).flatMap(([kind, { name }]) => {
      const row = (figure) =>
        beside(
          measured.tripline.map((each) => each[figure]),
          measured[kind].map((each) => each[figure]),
        );
      return [
        {
          name: `single messages/s over HTTP, beside ${name}`,
          ...row('messages'),
          ...(GOALS[kind] !== undefined && { goal: GOALS[kind] }),
        },
        {
          name: `milliseconds p99 of such a request, beside ${name}`,
          ...row('p99'),
          ...(kind === 'restate' && { goal: 0.1, atMost: true }),
        },
      ];
    });
  } finally {
    await stop(started);
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Checks that a rival does what the model does: up, down three times, and back. Waits until it accepts messages. */
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
