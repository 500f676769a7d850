import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DEFAULT_LIMITS } from '../dist/limits.js';
import { Dispatcher } from '../dist/runtime/delivery/dispatcher.js';
import { Outbox } from '../dist/runtime/delivery/outbox.js';
import { HostClock } from '../dist/runtime/host-clock.js';
import { RuntimeMetrics } from '../dist/runtime/metrics.js';
import { createSenders } from '../dist/send/index.js';
import { openLevelStore } from '../dist/store/level-store.js';

const PORT = 9571;
const COUNT = 8_000;
const ROUNDS = 5;
const CONCURRENCY = DEFAULT_LIMITS.deliveriesPerTarget;
const TARGET = `http://127.0.0.1:${PORT}`;
const QUEUE = `${TARGET}/0/q`;
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Deliveries per second from the durable outbox, with durable outcomes, compared with a bare loop of the same SDK
 * client with as many requests in progress, to the same target in another process.
 */
export async function benchDelivery() {
  process.env.AWS_ENDPOINT_URL = TARGET;
  process.env.AWS_ACCESS_KEY_ID = 'k';
  process.env.AWS_SECRET_ACCESS_KEY = 's';
  const server = await startTarget();
  try {
    const rows = [];
    for (const service of ['sqs', 'dynamodb']) {
      const rates = { ours: [], bare: [] };
      for (let round = 0; round < ROUNDS; round++) {
        rates.bare.push(await bare(service));
        rates.ours.push(await ours(service));
      }
      const [a, b] = [median(rates.ours), median(rates.bare)];
      const name = `deliveries/s to ${service} from the outbox, beside a bare loop of the SDK, ${CONCURRENCY} at once`;
      rows.push({ name, ours: a, other: b, ratio: a / b, goal: 0.8, met: a / b >= 0.8 });
    }
    return rows;
  } finally {
    server.kill();
  }
}

async function startTarget() {
  const path = fileURLToPath(new URL('./target-server.mjs', import.meta.url));
  const server = spawn(process.execPath, [path, String(PORT)], { stdio: 'inherit' });
  for (;;) {
    try {
      await fetch(`${TARGET}/counts`);
      return server;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function payload(n) {
  return JSON.stringify({ key: `k${n % 1000}`, n, pressure: 71.5, text: 'x'.repeat(300) });
}

async function bare(service) {
  const settings = { region: 'us-east-1', maxAttempts: 1 };
  const client =
    service === 'sqs'
      ? new SQSClient({ ...settings, useQueueUrlAsEndpoint: false })
      : new DynamoDBClient(settings);
  const command = (n) =>
    service === 'sqs'
      ? new SendMessageCommand({ QueueUrl: QUEUE, MessageBody: payload(n) })
      : new PutItemCommand({
          TableName: 'T',
          Item: {
            key: { S: `k${n % 1000}` },
            n: { N: String(n) },
            pressure: { N: '71.5' },
            text: { S: 'x'.repeat(300) },
          },
        });
  let next = 0;
  const worker = async () => {
    while (next < COUNT) await client.send(command(next++));
  };
  await client.send(command(0));
  const began = performance.now();
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const rate = COUNT / ((performance.now() - began) / 1000);
  client.destroy();
  return rate;
}

/** Fills an outbox, then delivers it: reads, sends, and makes the outcomes durable. */
async function ours(service) {
  const folder = mkdtempSync(join(tmpdir(), 'tripline-bench-'));
  const store = await openLevelStore(folder);
  const common = { limits: DEFAULT_LIMITS, log: SILENT, metrics: new RuntimeMetrics() };
  const outbox = await Outbox.open(store, {
    ...common,
    sends: true,
    notifications: { contactOf: () => undefined, smtp: false },
  });
  for (let n = 0; n < COUNT; n += 100) {
    const effects = Array.from({ length: 100 }, (_, at) => outgoing(service, n + at));
    const { rows, committed } = outbox.prepare(effects, Date.now());
    await store.commit({ rows });
    committed();
  }
  const senders = createSenders({ region: 'us-east-1', timeout: 30_000, answerBytes: 262_144 });
  const dispatcher = new Dispatcher({
    ...{ ...common, outbox, senders, clock: new HostClock({ log: SILENT }), random: Math.random },
    loopback: () => Promise.reject(new Error('none')),
  });
  outbox.deliverTo(dispatcher);
  const request =
    service === 'sqs'
      ? { operation: 'SendMessage', input: { QueueUrl: QUEUE, MessageBody: 'warm' } }
      : undefined;
  if (request) await senders.send({ service, ...request });
  const done = new Promise((resolve) => {
    outbox.onFinished(() => outbox.pending.size === 0 && resolve());
  });
  const began = performance.now();
  dispatcher.start();
  await done;
  const rate = COUNT / ((performance.now() - began) / 1000);
  await dispatcher.close();
  await senders.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
  return rate;
}

function outgoing(service, n) {
  const common = {
    actionExecutionId: `00000000-0000-3000-8000-${String(n).padStart(12, '0')}`,
    detectorModelName: 'M',
    detectorModelVersion: '1',
    keyValue: `k${n % 1000}`,
    eventName: 'e',
    eventTime: Date.now(),
  };
  const effect =
    service === 'sqs'
      ? {
          ...common,
          type: 'sqs',
          parameters: { queueUrl: QUEUE },
          payload: { type: 'STRING', text: payload(n) },
        }
      : {
          ...common,
          type: 'dynamoDBv2',
          parameters: { tableName: 'T' },
          payload: { type: 'JSON', text: payload(n) },
        };
  return { effect, roleArn: 'role', chain: 0 };
}

function median(figures) {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.table(await benchDelivery());
