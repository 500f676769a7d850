import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { freePort, pause, ServerProcess } from '../support/server-process.ts';
import { everythingDelivered } from './everything-delivered.ts';
import { patientConfig } from './patient-config.ts';
import { type QueueStub, startQueueStub } from './queue-stub.ts';
import { report } from './report.ts';

/** Kills a server between the commit of its actions and their delivery repeatedly, and accounts for each. */
const ROUNDS = Number(process.env.TRIPLINE_CRASH_ROUNDS ?? 20);
const KEYS = 16;

const dataDir = mkdtempSync(join(tmpdir(), 'tripline-delivery-'));
let stub: QueueStub;
let server: ServerProcess;
let client: ApiClient;

beforeAll(async () => {
  stub = await startQueueStub(30);
  const env = { AWS_ENDPOINT_URL: stub.url, AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' };
  const flags = ['--data-dir', join(dataDir, 'data'), ...patientConfig(dataDir), '--log-level', 'error'];
  server = new ServerProcess(await freePort(), flags, env);
  client = new ApiClient(server.url);
  await server.start();
  for (const inputName of ['Reading', 'Echo']) {
    const inputDefinition = { attributes: [{ jsonPath: 'key' }, { jsonPath: 'n' }] };
    await client.call('POST', '/inputs', { inputName, inputDefinition });
  }
  const echo = {
    iotEvents: {
      inputName: 'Echo',
      payload: {
        contentExpression: `'{"key":"\${$input.Reading.key}","n":\${$input.Reading.n}}'`,
        type: 'JSON',
      },
    },
  };
  const count = { setVariable: { variableName: 'count', value: '$variable.count + 1' } };
  await define('Relay', 'Reading', [count, { sqs: { queueUrl: `${stub.url}/0/q` } }, echo]);
  await define('Echoes', 'Echo', [count]);
});

afterAll(async () => {
  await server.stop('SIGKILL');
  await stub.close();
  rmSync(dataDir, { recursive: true, force: true });
});

function define(detectorModelName: string, inputName: string, actions: readonly object[]): Promise<unknown> {
  const zero = { setVariable: { variableName: 'count', value: '0' } };
  return client.call('POST', '/detector-models', {
    detectorModelName,
    key: 'key',
    roleArn: 'arn:aws:iam::000000000000:role/r',
    detectorModelDefinition: {
      initialStateName: 'A',
      states: [
        {
          stateName: 'A',
          onEnter: { events: [{ eventName: 'zero', actions: [zero] }] },
          onInput: { events: [{ eventName: 'act', condition: `currentInput("${inputName}")`, actions }] },
        },
      ],
    },
  });
}

interface Key {
  readonly key: string;
  acknowledged: number;
}

test(`${ROUNDS} kills between commit and delivery lose no action, and each keeps its id`, async () => {
  const keys = Array.from({ length: KEYS }, (_, n): Key => ({ key: `k${n}`, acknowledged: 0 }));
  for (let round = 0; round < ROUNDS; round++) {
    let killed = false;
    const load = keys.map((own) => write(own, () => killed));
    await pause(60 + Math.random() * 200);
    killed = true;
    await server.stop('SIGKILL');
    await Promise.all(load);
    await server.start();
  }
  await Promise.all(keys.map((own) => put(own.key, own.acknowledged + 1)));
  const sent = new Map(keys.map(({ key, acknowledged }) => [key, acknowledged + 1]));
  const total = [...sent.values()].reduce((sum, count) => sum + count, 0);
  await everythingDelivered(client);

  const ids = new Map<string, string>();
  const arrivals = new Map<string, number[]>();
  for (const body of stub.bodies) {
    const { actionExecutionId, detector, state } = (JSON.parse(body) as { payload: Arrived }).payload;
    const number = state.variables.count;
    const action = `${detector.keyValue}-${number}`;
    expect([action, ids.get(action) ?? actionExecutionId]).toEqual([action, actionExecutionId]);
    if (!ids.has(action))
      arrivals.set(detector.keyValue, [...(arrivals.get(detector.keyValue) ?? []), number]);
    ids.set(action, actionExecutionId);
  }
  for (const [key, count] of sent) {
    // All arrived, and first arrivals are in order.
    expect({ key, arrivals: arrivals.get(key) }).toEqual({ key, arrivals: numbers(count) });
    expect({ key, echoed: await countOf('Echoes', key) }).toEqual({ key, echoed: count });
  }
  expect(new Set(ids.values()).size).toBe(total);
  const doubled = stub.bodies.length - ids.size;
  // A kill duplicates deliveries in progress, and those that had just arrived.
  expect(doubled).toBeLessThan(ROUNDS * 2 * DEFAULT_LIMITS.deliveriesPerTarget);
  report('between the commit of actions and their delivery', {
    kills: ROUNDS,
    'actions to a queue': total,
    lost: 0,
    'sent twice, under the same id': doubled,
    'messages to another input': total,
    'of them lost or doubled': 0,
  });
}, 3_600_000);

interface Arrived {
  readonly actionExecutionId: string;
  readonly detector: { readonly keyValue: string };
  readonly state: { readonly variables: { readonly count: number } };
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** Sends increasing numbers until the server is gone; unacknowledged ones are sent again. */
async function write(own: Key, stopped: () => boolean): Promise<void> {
  while (!stopped()) {
    try {
      await put(own.key, own.acknowledged + 1);
    } catch {
      // Killed before it answered: the same message is sent again after the restart.
      return;
    }
    own.acknowledged++;
  }
}

async function put(key: string, n: number): Promise<void> {
  const payload = Buffer.from(JSON.stringify({ key, n })).toString('base64');
  const messages = [{ messageId: `${key}-${n}`, inputName: 'Reading', payload }];
  const { BatchPutMessageErrorEntries: errors } = await client.call('POST', '/inputs/messages', { messages });
  expect(errors).toEqual([]);
}

async function countOf(model: string, key: string): Promise<number> {
  const { detector } = await client.call('GET', `/detectors/${model}/keyValues?keyValue=${key}`);
  const { variables } = (detector as { state: { variables: readonly { value: string }[] } }).state;
  return Number(variables[0]?.value);
}
