import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { freePort, pause, ServerProcess } from '../support/server-process.ts';
import { everythingDelivered } from './everything-delivered.ts';
import { patientConfig } from './patient-config.ts';
import { type QueueStub, startQueueStub } from './queue-stub.ts';
import { report } from './report.ts';

/**
 * Kills a server with an unstable target, and leaves it down until timers are overdue: their actions must not overtake
 * earlier ones, and nothing may be stuck.
 */
const ROUNDS = Number(process.env.TRIPLINE_CRASH_ROUNDS ?? 2);
const KEYS = 12;

const dataDir = mkdtempSync(join(tmpdir(), 'tripline-flapping-'));
let stub: QueueStub;
let server: ServerProcess;
let client: ApiClient;

beforeAll(async () => {
  stub = await startQueueStub(20);
  const env = { AWS_ENDPOINT_URL: stub.url, AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' };
  const flags = ['--data-dir', join(dataDir, 'data'), ...patientConfig(dataDir), '--log-level', 'silent'];
  server = new ServerProcess(await freePort(), flags, env);
  client = new ApiClient(server.url);
  await server.start();
  await client.call('POST', '/inputs', {
    inputName: 'Reading',
    inputDefinition: { attributes: [{ jsonPath: 'key' }, { jsonPath: 'n' }] },
  });
  const set = (variableName: string, value: string) => ({ setVariable: { variableName, value } });
  const act = [set('said', '$variable.said + 1'), { sqs: { queueUrl: `${stub.url}/0/q` } }];
  await client.call('POST', '/detector-models', {
    detectorModelName: 'Sayer',
    key: 'key',
    roleArn: 'arn:aws:iam::000000000000:role/r',
    detectorModelDefinition: {
      initialStateName: 'A',
      states: [
        {
          stateName: 'A',
          onEnter: { events: [{ eventName: 'zero', actions: [set('said', '0'), set('fired', '0')] }] },
          onInput: {
            events: [
              {
                eventName: 'message',
                condition: 'currentInput("Reading")',
                actions: [...act, { setTimer: { timerName: 't', durationExpression: '1' } }],
              },
              {
                eventName: 'late',
                condition: 'timeout("t")',
                actions: [...act, set('fired', '$variable.fired + 1')],
              },
            ],
          },
        },
      ],
    },
  });
});

afterAll(async () => {
  await server.stop('SIGKILL');
  await stub.close();
  rmSync(dataDir, { recursive: true, force: true });
});

test(`${ROUNDS} kills while the target comes and goes leave nothing stuck, and no timer's action overtakes`, async () => {
  const keys = Array.from({ length: KEYS }, (_, n) => ({ key: `k${n}`, acknowledged: 0 }));
  for (let round = 0; round < ROUNDS; round++) {
    let killed = false;
    const load = keys.map(async (own) => {
      while (!killed) {
        if (!(await put(own.key, own.acknowledged + 1))) return;
        own.acknowledged++;
      }
    });
    // The target is down at every other kill, so that there are both a history and a waiting queue.
    for (const isDown of [false, true, round % 2 === 1]) {
      stub.isDown = isDown;
      await pause(50 + Math.random() * 150);
    }
    killed = true;
    await server.stop('SIGKILL');
    await Promise.all(load);
    // Long enough that the timers of some or all keys are overdue.
    await pause(400 + Math.random() * 900);
    await server.start();
  }
  await pause(200);
  stub.isDown = false;
  await Promise.all(keys.map(({ key, acknowledged }) => put(key, acknowledged + 1)));
  await expect.poll(() => allFired(keys), { timeout: 60_000 }).toBe(true);
  await everythingDelivered(client);

  let total = 0;
  let fired = 0;
  const ids = new Map<string, string>();
  const arrivals = new Map<string, number[]>();
  for (const body of stub.bodies) {
    const { actionExecutionId, detector, state } = (JSON.parse(body) as { payload: Arrived }).payload;
    const action = `${detector.keyValue}-${state.variables.said}`;
    expect([action, ids.get(action) ?? actionExecutionId]).toEqual([action, actionExecutionId]);
    if (!ids.has(action))
      arrivals.set(detector.keyValue, [...(arrivals.get(detector.keyValue) ?? []), state.variables.said]);
    ids.set(action, actionExecutionId);
  }
  for (const { key, acknowledged } of keys) {
    const variables = await variablesOf(key);
    expect(variables.said - variables.fired).toBe(acknowledged + 1);
    expect(variables.fired).toBeGreaterThan(0);
    // All arrived, and first arrivals are in order.
    const expected = Array.from({ length: variables.said }, (_, index) => index + 1);
    expect({ key, arrivals: arrivals.get(key) }).toEqual({ key, arrivals: expected });
    total += variables.said;
    fired += variables.fired;
  }
  report('while the target comes and goes and timers are overdue', {
    kills: ROUNDS,
    'actions to a queue': total,
    'of them of timers': fired,
    lost: 0,
    'out of order': 0,
    'sent twice, under the same id': stub.bodies.length - ids.size,
  });
}, 3_600_000);

interface Arrived {
  readonly actionExecutionId: string;
  readonly detector: { readonly keyValue: string };
  readonly state: { readonly variables: { readonly said: number } };
}

/** False when the server is gone, and the same message must be sent again. */
async function put(key: string, n: number): Promise<boolean> {
  const payload = Buffer.from(JSON.stringify({ key, n })).toString('base64');
  const messages = [{ messageId: `${key}-${n}`, inputName: 'Reading', payload }];
  try {
    await client.call('POST', '/inputs/messages', { messages });
    return true;
  } catch {
    return false;
  }
}

interface State {
  readonly variables: readonly { readonly name: string; readonly value: string }[];
  readonly timers: readonly { readonly timestamp: number }[];
}

async function stateOf(key: string): Promise<State> {
  const { detector } = await client.call('GET', `/detectors/Sayer/keyValues?keyValue=${key}`);
  return (detector as { state: State }).state;
}

async function variablesOf(key: string): Promise<{ said: number; fired: number }> {
  const { variables } = await stateOf(key);
  const of = (wanted: string) => Number(variables.find(({ name }) => name === wanted)?.value);
  return { said: of('said'), fired: of('fired') };
}

async function allFired(keys: readonly { readonly key: string }[]): Promise<boolean> {
  const states = await Promise.all(keys.map(({ key }) => stateOf(key)));
  return states.every(({ timers }) => timers.every(({ timestamp }) => timestamp * 1000 < Date.now() - 2000));
}
