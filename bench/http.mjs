import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from './load.mjs';
import { MOTOR } from './motor.mjs';
import { AS_SHIPPED, beside, call, here, start, stop } from './servers.mjs';

const ROUNDS = 15;
const SECONDS = 2;
const KINDS = ['batch', 'single'];

/**
 * Durable messages per second over HTTP, with ten messages or one in a request. Compared with the physical limit (the
 * same protocol code, which appends the raw bytes and syncs, behind Node's HTTP server and without it), with Tripline without commits, and with the same protocol
 * code answering at once. A round measures each server once; the first round is the warm-up.
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
      ['./appending-server.mjs', '9565', join(dataDir, 'appended directly'), 'direct'],
    ])
      servers.push(await start(here(script), args, 9561 + servers.length, AS_SHIPPED));
    for (const port of [9561, 9564]) {
      await call(port, '/inputs', {
        inputName: 'PressureInput',
        inputDefinition: { attributes: [{ jsonPath: 'motorid' }, { jsonPath: 'sensorData.pressure' }] },
      });
      await call(port, '/detector-models', MOTOR);
    }
    const measured = [];
    for (let round = 0; round <= ROUNDS; round++)
      for (const kind of KINDS)
        for (const port of [9561, 9563, 9564, 9562, 9565]) {
          const figures = await load(port, kind, round === 0 ? 3 : SECONDS);
          if (round > 0) measured.push({ kind, port, ...figures });
        }
    const figures = (kind, port, name) =>
      measured.filter((each) => each.kind === kind && each.port === port).map((each) => each[name]);
    const row = (kind, port, name) => beside(figures(kind, 9561, name), figures(kind, port, name));
    const appending = 'appending the raw bytes and syncing';
    const directly = 'appending, with its requests taken directly too';
    const batches = 'durable messages/s over HTTP, 10 a request, beside';
    return [
      { name: `${batches} ${appending}`, ...row('batch', 9563, 'messages'), goal: 0.75 },
      { name: `${batches} ${directly}`, ...row('batch', 9565, 'messages') },
      { name: `${batches} itself without commits`, ...row('batch', 9564, 'messages') },
      { name: `${batches} answering at once`, ...row('batch', 9562, 'messages') },
      {
        name: `durable messages/s over HTTP, one a request, beside ${appending}`,
        ...{ ...row('single', 9563, 'messages'), goal: 0.85 },
      },
      {
        name: `durable messages/s over HTTP, one a request, beside ${directly}`,
        ...row('single', 9565, 'messages'),
      },
      {
        name: 'milliseconds p99 of such a request, beside appending the raw bytes and syncing',
        ...{ ...row('single', 9563, 'p99'), goal: 1.5, atMost: true },
      },
      {
        name: 'durable messages/s over HTTP, one a request, beside itself without commits',
        ...row('single', 9564, 'messages'),
      },
    ];
  } finally {
    await stop(servers);
    rmSync(dataDir, { recursive: true, force: true });
  }
}
