import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createDetectorModel } from '../../src/api/handlers/detector-models.ts';
import { createInput } from '../../src/api/handlers/inputs.ts';
import { ApiClient } from '../../src/cli/client.ts';
import { NO_RECIPIENTS } from '../../src/core/action/index.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { openEmbedded } from '../../src/runtime/embedded/open.ts';
import { HostClock } from '../../src/runtime/host-clock.ts';
import { readPayload } from '../../src/runtime/messages.ts';
import { RuntimeMetrics } from '../../src/runtime/metrics.ts';
import { openLevelStore } from '../../src/store/level-store.ts';
import { quietLog } from '../support/quiet.ts';
import { freePort, pause, ServerProcess } from '../support/server-process.ts';
import { SimulatedClock } from '../support/simulated-clock.ts';

/** A server that finds more overdue timers than it can fire at once. Uses a real process. */
const TIMERS = 20_000;
const HOUR = 3_600_000;

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Makes evaluating a timer slow. */
const HEAVY = Array.from({ length: 40 }, (_, n) => `$variable.n + ${n} > ${n} * 2 - $variable.n`).join(
  ' && ',
);
const set = (variableName: string, value: string) => ({ setVariable: { variableName, value } });
const MODEL = {
  detectorModelName: 'Watch',
  key: 'id',
  roleArn: 'arn:aws:iam::000000000000:role/r',
  detectorModelDefinition: {
    initialStateName: 'A',
    states: [
      {
        stateName: 'A',
        onInput: {
          events: [
            {
              eventName: 'arm',
              condition: 'currentInput("I")',
              actions: [set('n', '0'), { setTimer: { timerName: 't', durationExpression: '60' } }],
            },
            { eventName: 'fired', condition: 'timeout("t")', actions: [set('n', '$variable.n + 1')] },
            { eventName: 'heavy', condition: HEAVY, actions: [] },
          ],
        },
      },
    ],
  },
} as never;

/** A data directory that a server left an hour ago. */
async function leftBehind(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'tripline-overdue-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const dataDir = join(folder, 'data');
  const clock = new SimulatedClock(Date.now() - HOUR);
  const store = await openLevelStore(dataDir);
  const embedded = await openEmbedded(store, {
    clock: new HostClock({ machine: clock, log: quietLog, onJump: () => {} }),
    ...{ limits: DEFAULT_LIMITS, log: quietLog, metrics: new RuntimeMetrics() },
    ...{ notifications: NO_RECIPIENTS, senders: undefined, random: () => 0.5 },
  });
  embedded.start();
  const { host } = embedded;
  const service = { host, limits: DEFAULT_LIMITS, region: 'us-east-1', accountId: '0' };
  await createInput(service, { inputName: 'I', inputDefinition: { attributes: [{ jsonPath: 'id' }] } });
  await createDetectorModel(service, MODEL);
  for (let from = 0; from < TIMERS; from += 2000) {
    const messages = Array.from({ length: 2000 }, (_, n) => {
      const payload = readPayload(Buffer.from(`{"id":"d${from + n}"}`));
      if (typeof payload === 'string') throw new Error(payload);
      return { messageId: `m${from + n}`, inputName: 'I', payload };
    });
    expect((await host.put(messages)).filter((outcome) => outcome !== undefined)).toEqual([]);
  }
  await embedded.close();
  await store.close();
  return dataDir;
}

test('calls are answered once the server is ready, while tens of thousands of timers are overdue', async () => {
  const dataDir = await leftBehind();
  // Many small turns, so that their number does not depend on the machine.
  const config = `${dataDir}.json`;
  writeFileSync(config, JSON.stringify({ limits: { turnSize: 50 } }));
  const args = ['--data-dir', dataDir, '--config', config, '--actions', 'record'];
  const server = new ServerProcess(await freePort(), args);
  cleanups.push(() => server.stop('SIGKILL'));
  await server.start();
  const client = new ApiClient(server.url);
  const fired = async () => {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    return Number(/^tripline_timer_delay_seconds_count (\d+)/m.exec(metrics)?.[1] ?? 0);
  };
  let answered = 0;
  while ((await fired()) < TIMERS) {
    const payload = Buffer.from(`{"id":"new${answered}"}`).toString('base64');
    const messages = [{ messageId: `n${answered}`, inputName: 'I', payload }];
    await client.call('POST', '/inputs/messages', { messages });
    await client.call('GET', '/detectors/Watch/keyValues?keyValue=d0');
    answered++;
    await pause(1);
  }
  // A call that waited for the timers would be answered only once, after the last of them.
  expect(answered).toBeGreaterThan(3);
  expect(await server.stop('SIGTERM')).toBe(0);
});
