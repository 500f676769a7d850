import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort, pause, ServerProcess } from '../support/server-process.ts';
import { COUNTER_INPUT, COUNTER_MODEL } from './counter-model.ts';
import { patientConfig } from './patient-config.ts';
import { report } from './report.ts';

/** Kills a real server under load repeatedly, and accounts for every acknowledged message. */
const ROUNDS = Number(process.env.TRIPLINE_CRASH_ROUNDS ?? 20);
const WRITERS = 8;
const KEYS = 5;

const dataDir = mkdtempSync(join(tmpdir(), 'tripline-crash-'));
let server: ServerProcess;

beforeAll(async () => {
  // Frequent checkpoints, and a history that keeps every action.
  const config = patientConfig(dataDir, { checkpointBytes: 50_000, actionHistory: 10_000_000 });
  const flags = ['--data-dir', join(dataDir, 'data'), ...config];
  server = new ServerProcess(await freePort(), [...flags, '--actions', 'record', '--log-level', 'warn']);
});

afterAll(async () => {
  await server.stop('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

/** A writer's record of one of its keys. */
interface Key {
  readonly key: string;
  /** The last number whose message was acknowledged. */
  acknowledged: number;
  /** The last number sent; it may or may not have arrived. */
  sent: number;
}

test(`${ROUNDS} rounds of kill -9 under load lose nothing and double nothing`, async () => {
  const keys = Array.from({ length: WRITERS }, (_, writer) =>
    Array.from({ length: KEYS }, (_, n): Key => ({ key: `w${writer}-${n}`, acknowledged: 0, sent: 0 })),
  );
  await server.start();
  await call('POST', '/inputs', COUNTER_INPUT);
  await call('POST', '/detector-models', COUNTER_MODEL);

  let killedAtStart = 0;
  for (let round = 0; round < ROUNDS; round++) {
    let killed = false;
    const load = keys.map((own) => write(own, () => killed));
    await pause(100 + Math.random() * 400);
    killed = true;
    await server.stop('SIGKILL');
    await Promise.all(load);
    // Also during the start, possibly several times in a row.
    while (Math.random() < 0.3) {
      server.launch();
      await pause(Math.random() * 400);
      await server.stop('SIGKILL');
      killedAtStart++;
    }
    await server.start();
    for (const own of keys.flat()) await checkAcknowledged(own);
  }

  // Each writer repeats what may not have arrived, with the same messageId so that nothing counts twice.
  await Promise.all(keys.flat().map((own) => settle(own)));
  const all = keys.flat();
  const actions = await listActions();
  const messages = all.reduce((sum, { sent }) => sum + sent, 0);
  expect(messages).toBeGreaterThan(ROUNDS * WRITERS);
  expect(new Set(actions.map(({ actionExecutionId }) => actionExecutionId)).size).toBe(actions.length);
  for (const { key, sent } of all) {
    const { variables } = await describe(key);
    expect({ key, count: variables.count, last: variables.last }).toEqual({ key, count: sent, last: sent });
    const own = actions.filter((action) => action.keyValue === key);
    const numbers = own
      .filter(({ type }) => type === 'sns')
      .map(({ request }) => Number(request.input.Message));
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: sent }, (_, index) => index + 1));
  }
  await allTimersFired(all);
  let fired = 0;
  for (const { key } of all) {
    const { variables } = await describe(key);
    const quiet = (await listActions(key)).filter(({ type }) => type === 'sqs');
    expect(quiet.length).toBe(variables.timeouts);
    expect(variables.timeouts).toBeGreaterThan(0);
    fired += quiet.length;
  }
  report('a server under load', {
    kills: ROUNDS + killedAtStart,
    'of them while it started': killedAtStart,
    'messages acknowledged': messages,
    'timers fired': fired,
    actions: messages + fired,
    lost: 0,
    doubled: 0,
  });
}, 3_600_000);

/** Sends increasing numbers for its keys until the server is gone. */
async function write(keys: readonly Key[], stopped: () => boolean): Promise<void> {
  while (!stopped()) {
    for (const own of keys) {
      const next = own.sent > own.acknowledged ? own.sent : own.acknowledged + 1;
      own.sent = next;
      try {
        await put(own.key, next);
      } catch {
        // The server was killed before it answered: whether the message counts is checked after the restart.
        return;
      }
      own.acknowledged = next;
    }
  }
}

async function checkAcknowledged({ key, acknowledged, sent }: Key): Promise<void> {
  if (acknowledged === 0) return;
  const { variables } = await describe(key);
  expect([acknowledged, sent]).toContain(variables.last);
  expect(variables.count).toBe(variables.last);
}

async function settle(own: Key): Promise<void> {
  if (own.sent > 0) await put(own.key, own.sent);
  own.acknowledged = own.sent;
}

async function allTimersFired(keys: readonly Key[]): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (const { key } of keys) {
    for (;;) {
      const { variables, timers } = await describe(key);
      if (
        (variables.timeouts ?? 0) > 0 &&
        timers.every(({ timestamp }) => timestamp * 1000 <= Date.now() - 1000)
      )
        break;
      expect(Date.now(), `timer of ${key} did not fire`).toBeLessThan(deadline);
      await pause(50);
    }
  }
}

async function put(key: string, n: number): Promise<void> {
  const payload = Buffer.from(JSON.stringify({ key, n })).toString('base64');
  const answer = await call('POST', '/inputs/messages', {
    messages: [{ messageId: `${key}-${n}`, inputName: 'Count', payload }],
  });
  expect(answer.BatchPutMessageErrorEntries).toEqual([]);
}

async function describe(key: string): Promise<{
  variables: Record<string, number>;
  timers: readonly { readonly timestamp: number }[];
}> {
  const { detector } = await call('GET', `/detectors/Counter/keyValues/?keyValue=${key}`);
  const { variables, timers } = detector.state;
  return {
    variables: Object.fromEntries(
      variables.map(({ name, value }: { name: string; value: string }) => [name, Number(value)]),
    ),
    timers,
  };
}

interface ListedAction {
  readonly actionExecutionId: string;
  readonly type: string;
  readonly keyValue: string;
  readonly request: { readonly input: Readonly<Record<string, string>> };
}

async function listActions(keyValue?: string): Promise<ListedAction[]> {
  const actions: ListedAction[] = [];
  let nextToken: string | undefined;
  do {
    const query = new URLSearchParams({ maxResults: '250' });
    if (keyValue !== undefined) query.set('keyValue', keyValue);
    if (nextToken !== undefined) query.set('nextToken', nextToken);
    const page = await call('GET', `/_tripline/actions?${query}`);
    actions.push(...page.actions);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return actions;
}

// biome-ignore lint/suspicious/noExplicitAny: an answer is checked by what is expected of it
async function call(method: string, path: string, body?: object): Promise<any> {
  const response = await fetch(server.url + path, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? {} : JSON.parse(text);
}
