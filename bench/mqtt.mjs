import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from './load.mjs';
import { MOTOR } from './motor.mjs';
import { AS_SHIPPED, beside, call, configForLongLoad, here, median, start, stop } from './servers.mjs';

const SECONDS = 4;
const ROUNDS = 5;
const OURS = { http: 9571, mqtt: 9581 };
const BARE = { http: 9572, mqtt: 9582 };

/**
 * Messages per second of 100 devices that publish with quality of service 1, from the publish to the acknowledgement,
 * which is sent when the outcome in the detectors is durable. Through one rule and through 1,000; compared with the
 * same broker library that only parses, appends and syncs, and with BatchPutMessage of single messages; and the
 * processor time of a message on both servers, which depends less on other load. Rounds in turn.
 */
export async function benchMqtt() {
  const dataDir = mkdtempSync(join(tmpdir(), 'tripline-bench-'));
  const servers = [];
  try {
    const data = ['--data-dir', join(dataDir, 'data'), '--actions', 'record', '--log-level', 'warn'];
    const ports = ['--port', String(OURS.http), '--mqtt-port', String(OURS.mqtt)];
    const config = ['--config', configForLongLoad(dataDir)];
    const tripline = await start(
      here('../bin/tripline.js'),
      ['serve', ...ports, ...config, ...data],
      OURS.http,
      AS_SHIPPED,
    );
    servers.push(tripline);
    const bareArgs = [String(BARE.mqtt), String(BARE.http), join(dataDir, 'appended')];
    const bare = await start(here('./mqtt-bare-server.mjs'), bareArgs, BARE.http, AS_SHIPPED);
    servers.push(bare);
    await call(OURS.http, '/inputs', {
      inputName: 'PressureInput',
      inputDefinition: { attributes: [{ jsonPath: 'motorid' }, { jsonPath: 'sensorData.pressure' }] },
    });
    await call(OURS.http, '/detector-models', MOTOR);
    const none = await publish(tripline, OURS.mqtt, 99);
    await createRule('motors', 'motors/+/status');
    const ours = [];
    const other = [];
    const http = [];
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await publish(tripline, OURS.mqtt, round));
      other.push(await publish(bare, BARE.mqtt, round));
      http.push((await load(OURS.http, 'single')).messages);
    }
    for (let number = 1; number < 1000; number++)
      await createRule(`other_${number}`, `other/${number}/+/status`);
    const many = [];
    const one = [];
    for (let round = ROUNDS; round < 2 * ROUNDS; round++) {
      many.push(await publish(tripline, OURS.mqtt, round));
      await disable(999);
      one.push(await publish(tripline, OURS.mqtt, round + 100));
      await enable(999);
    }
    const rates = (runs) => runs.map(({ messages }) => messages);
    const latencies = (runs) => runs.map(({ p99 }) => p99);
    const costs = (runs) => runs.map(({ microseconds }) => microseconds);
    const what = 'MQTT messages/s, 100 devices, QoS 1 to durable outcome';
    return [
      { name: `${what}, beside parse, append and sync`, ...beside(rates(ours), rates(other)), goal: 0.6 },
      { name: `${what}, beside BatchPutMessage of one`, ...beside(rates(ours), http), goal: 1.5 },
      {
        name: `${what}, one rule beside none`,
        ...{ ours: median(rates(ours)), other: none.messages, ratio: median(rates(ours)) / none.messages },
      },
      {
        name: 'us of processor of such a message, beside parse, append and sync',
        ...beside(costs(ours), costs(other)),
      },
      {
        name: 'us of processor of such a message, 1,000 rules beside one',
        ...beside(costs(many), costs(one)),
        ...{ goal: 1.3, atMost: true },
      },
      {
        name: 'milliseconds p99 of such a publish under that load, beside the same',
        ...beside(latencies(ours), latencies(other)),
        ...{ goal: 1.5, atMost: true },
      },
    ];
  } finally {
    await stop(servers);
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function createRule(name, filter) {
  return call(OURS.http, `/rules/${name}`, {
    sql: `SELECT topic(2) AS motorid, * FROM '${filter}'`,
    awsIotSqlVersion: '2016-03-23',
    actions: [
      {
        iotEvents: {
          inputName: 'PressureInput',
          messageId: '${id}',
          roleArn: 'arn:aws:iam::000000000000:role/r',
        },
      },
    ],
  });
}

const toAll = async (count, action) => {
  for (let number = 1; number <= count; number++)
    await call(OURS.http, `/rules/other_${number}/${action}`, {});
};
const disable = (count) => toAll(count, 'disable');
const enable = (count) => toAll(count, 'enable');

/** The processor time of a process so far, in microseconds; NaN where there is no /proc. */
function processorOf({ pid }) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10_000;
  } catch {
    return Number.NaN;
  }
}

async function publish(server, port, round) {
  const before = processorOf(server);
  const done = await generate(port, round);
  return { ...done, microseconds: (processorOf(server) - before) / done.all };
}

function generate(port, round) {
  return new Promise((resolve, reject) => {
    const args = [here('./mqtt-load.mjs'), String(port), String(SECONDS), String(round)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    child.on('exit', (code) =>
      code === 0 ? resolve(JSON.parse(text)) : reject(new Error(`mqtt-load ended with ${code}`)),
    );
  });
}
