import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { Admin } from '../../src/cluster/admin.ts';
import { type Balancer, startBalancer } from '../../src/cluster/balancer.ts';
import { type QueueStub, startQueueStub } from '../crash/queue-stub.ts';
import { report } from '../crash/report.ts';
import { freePort, pause } from '../support/server-process.ts';
import { ClusterProcess } from './processes.ts';
import { type Restate, startServers, WHY_NOT } from './rig.ts';

/*
 * Kills processes of a cluster under load: fronts, workers and nodes of Restate in turn. Clients repeat unacknowledged
 * messages with the same id at whichever front answers. At the end every acknowledged message is counted exactly once,
 * every timer has fired once, and every action has arrived under one id.
 *
 * npm run crash:cluster -- --rounds 30
 */
const ROUNDS = Number(process.env.TRIPLINE_CLUSTER_ROUNDS ?? 3);
const CLIENTS = 6;
/** Acknowledged messages between two kills. */
const BETWEEN = 60;
/** Milliseconds within which that many must be acknowledged. */
const STALL = 90_000;
const VICTIMS = ['front', 'worker', 'node'] as const;

let restate: Restate;
let stub: QueueStub;
let balancer: Balancer;
const fronts: ClusterProcess[] = [];
const workers: ClusterProcess[] = [];

beforeAll(async () => {
  if (WHY_NOT !== undefined) return;
  restate = await startServers(3);
  stub = await startQueueStub(20);
  const where = ['--restate-ingress', restate.ingressUrl, '--restate-admin', restate.adminUrl];
  const env = { AWS_ENDPOINT_URL: stub.url, AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' };
  const workerPorts = [await freePort(), await freePort()];
  balancer = await startBalancer(workerPorts);
  for (const port of workerPorts)
    workers.push(new ClusterProcess('worker', port, [...where, '--advertise', balancer.url], env));
  for (let n = 0; n < 2; n++) fronts.push(new ClusterProcess('serve', await freePort(), where));
  for (const each of [...workers, ...fronts]) await each.start();
  const client = new ApiClient(fronts[0]?.url ?? '');
  for (const inputName of ['Reading', 'Watch'])
    await client.call('POST', '/inputs', {
      inputName,
      inputDefinition: { attributes: [{ jsonPath: 'key' }] },
    });
  await client.call('POST', '/detector-models', COUNTER);
  await client.call('POST', '/detector-models', TIMED);
}, 180_000);

afterAll(async () => {
  for (const each of [...fronts, ...workers]) await each.kill();
  await balancer?.close();
  await stub?.close();
  await restate?.dispose();
});

const count = (variableName: string) => ({
  setVariable: { variableName, value: `$variable.${variableName} + 1` },
});
const zero = (variableName: string) => ({ setVariable: { variableName, value: '0' } });

/** Counts its messages. */
const COUNTER = {
  detectorModelName: 'Counter',
  key: 'key',
  roleArn: 'arn:aws:iam::000000000000:role/r',
  detectorModelDefinition: {
    initialStateName: 'A',
    states: [
      {
        stateName: 'A',
        onEnter: { events: [{ eventName: 'zero', actions: [zero('count')] }] },
        onInput: {
          events: [{ eventName: 'count', condition: 'currentInput("Reading")', actions: [count('count')] }],
        },
      },
    ],
  },
};

/** Counts and acts three seconds after its message. */
const TIMED = {
  detectorModelName: 'Timed',
  key: 'key',
  roleArn: 'arn:aws:iam::000000000000:role/r',
  detectorModelDefinition: {
    initialStateName: 'A',
    states: [
      {
        stateName: 'A',
        onEnter: {
          events: [
            { eventName: 'begin', actions: [zero('fired'), { setTimer: { timerName: 't', seconds: 3 } }] },
          ],
        },
        onInput: {
          events: [
            {
              eventName: 'fire',
              condition: 'timeout("t") && !currentInput("Watch")',
              actions: [count('fired'), { sqs: { queueUrl: 'http://127.0.0.1/0/q' } }],
            },
          ],
        },
      },
    ],
  },
};

/** Sends a message until a front has accepted it. Returns the number of repetitions. */
async function put(inputName: string, messageId: string, body: object, first: number): Promise<number> {
  const payload = Buffer.from(JSON.stringify(body)).toString('base64');
  const request = { messages: [{ messageId, inputName, payload }] };
  for (let attempt = 0; ; attempt++) {
    const front = fronts[(first + attempt) % fronts.length] as ClusterProcess;
    try {
      const answer = await new ApiClient(front.url).call('POST', '/inputs/messages', request);
      const errors = answer.BatchPutMessageErrorEntries as readonly object[];
      if (errors.length === 0) return attempt;
    } catch {
      // The front was killed, or cut off from a killed process: the same message is sent again.
    }
    await pause(20);
  }
}

interface Load {
  readonly acknowledged: Map<string, number>;
  readonly timed: Set<string>;
  repeated: number;
  lastAt: number;
  longestGap: number;
}

/** One client: sends message after message to its own detector, and occasionally one to a new detector with a timer. */
async function write(client: number, load: Load, isOver: () => boolean): Promise<void> {
  const key = `client-${client}`;
  for (let n = 1; !isOver(); n++) {
    load.repeated += await put('Reading', `${key}-${n}`, { key }, client);
    load.acknowledged.set(key, n);
    if (n % 4 === 0) {
      const own = `${key}-${n}`;
      load.repeated += await put('Watch', own, { key: own }, client);
      load.timed.add(own);
    }
    const now = Date.now();
    load.longestGap = Math.max(load.longestGap, now - load.lastAt);
    load.lastAt = now;
  }
}

async function killAndRestart(victim: (typeof VICTIMS)[number], number: number): Promise<void> {
  if (victim === 'node') {
    const node = restate.servers.nodes[number % restate.servers.nodes.length];
    if (node === undefined) throw new Error('there is no node');
    const exited = once(node.child, 'exit');
    node.child.kill('SIGKILL');
    await exited;
    node.start();
    await new Admin(node.adminUrl).ready(90_000);
    return;
  }
  const all = victim === 'front' ? fronts : workers;
  const process = all[number % all.length] as ClusterProcess;
  await process.kill();
  await process.start();
}

async function variableOf(model: string, key: string, name: string): Promise<number> {
  const client = new ApiClient(fronts[0]?.url ?? '');
  const { detector } = await client.call('GET', `/detectors/${model}/keyValues?keyValue=${key}`);
  const { variables } = (
    detector as { state: { variables: readonly { readonly name: string; readonly value: string }[] } }
  ).state;
  return Number(variables.find((each) => each.name === name)?.value);
}

test.skipIf(WHY_NOT !== undefined)(
  `${ROUNDS} kills of fronts, workers and nodes lose nothing and double nothing (${WHY_NOT ?? 'runs'})`,
  async () => {
    const load: Load = {
      acknowledged: new Map(),
      timed: new Set(),
      repeated: 0,
      lastAt: Date.now(),
      longestGap: 0,
    };
    const total = () => [...load.acknowledged.values()].reduce((sum, n) => sum + n, 0) + load.timed.size;
    let isOver = false;
    const clients = Array.from({ length: CLIENTS }, (_, client) => write(client, load, () => isOver));
    const more = async (by: number) => {
      const until = Date.now() + STALL;
      for (const least = total() + by; total() < least; ) {
        if (Date.now() > until)
          throw new Error(
            `Nothing goes on:\n${[...fronts, ...workers].map(({ output }) => output).join('\n')}`,
          );
        await pause(20);
      }
    };
    const gaps: Record<(typeof VICTIMS)[number], number> = { front: 0, worker: 0, node: 0 };
    await more(BETWEEN);
    for (let round = 0; round < ROUNDS; round++) {
      const victim = VICTIMS[round % VICTIMS.length] ?? 'front';
      load.longestGap = 0;
      await killAndRestart(victim, Math.floor(round / VICTIMS.length));
      await more(BETWEEN);
      gaps[victim] = Math.max(gaps[victim], load.longestGap);
    }
    isOver = true;
    await Promise.all(clients);

    for (const [key, n] of load.acknowledged)
      expect([key, await variableOf('Counter', key, 'count')]).toEqual([key, n]);
    const until = Date.now() + 120_000;
    const ids = () => {
      const found = new Map<string, Set<string>>();
      for (const body of stub.bodies) {
        const { actionExecutionId, detector } = (
          JSON.parse(body) as {
            payload: { actionExecutionId: string; detector: { keyValue: string } };
          }
        ).payload;
        const own = found.get(detector.keyValue) ?? new Set();
        found.set(detector.keyValue, own.add(actionExecutionId));
      }
      return found;
    };
    while (ids().size < load.timed.size && Date.now() < until) await pause(200);
    const arrived = ids();
    expect([...load.timed].filter((key) => arrived.get(key)?.size !== 1)).toEqual([]);
    expect(arrived.size).toBe(load.timed.size);
    for (const key of load.timed) expect([key, await variableOf('Timed', key, 'fired')]).toEqual([key, 1]);
    report('a cluster of three nodes, two workers and two fronts', {
      kills: ROUNDS,
      'messages acknowledged': total(),
      'of them sent again before': load.repeated,
      'lost or counted twice': 0,
      'timers fired, once each': load.timed.size,
      'actions that arrived, under one id each': arrived.size,
      'actions sent twice, under the same id': stub.bodies.length - arrived.size,
      'longest gap, a front killed (ms)': gaps.front,
      'longest gap, a worker killed (ms)': gaps.worker,
      'longest gap, a node killed (ms)': gaps.node,
    });
  },
  120_000 + 60_000 * ROUNDS,
);
