import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from './load.mjs';
import { MOTOR } from './motor.mjs';
import { call, here, median, start } from './servers.mjs';

const SECONDS = 4;
const ROUNDS = 3;
const OURS = { http: 9571, mqtt: 9581 };
const BARE = { http: 9572, mqtt: 9582 };

/**
 * Messages a second of 100 devices that publish with quality of service 1, from the publish to the acknowledgement, which
 * comes when the outcome in the detectors is durable. Through one rule and through 1,000; beside the same broker library
 * that parses, appends and syncs, and beside BatchPutMessage of single messages. Rounds in turn, medians.
 */
export async function benchMqtt() {
  const dataDir = mkdtempSync(join(tmpdir(), 'tripline-bench-'));
  const servers = [];
  try {
    const data = ['--data-dir', join(dataDir, 'data'), '--actions', 'record', '--log-level', 'warn'];
    const ports = ['--port', String(OURS.http), '--mqtt-port', String(OURS.mqtt)];
    servers.push(await start(here('../bin/tripline.js'), ['serve', ...ports, ...data], OURS.http));
    const bare = [String(BARE.mqtt), String(BARE.http), join(dataDir, 'appended')];
    servers.push(await start(here('./mqtt-bare-server.mjs'), bare, BARE.http));
    await call(OURS.http, '/inputs', {
      inputName: 'PressureInput',
      inputDefinition: { attributes: [{ jsonPath: 'motorid' }, { jsonPath: 'sensorData.pressure' }] },
    });
    await call(OURS.http, '/detector-models', MOTOR);
    const none = await publish(OURS.mqtt, 99);
    await createRule('motors', 'motors/+/status');
    const rates = { ours: [], bare: [], http: [] };
    const latency = [];
    for (let round = 0; round < ROUNDS; round++) {
      const { messages, p99 } = await publish(OURS.mqtt, round);
      rates.ours.push(messages);
      latency.push(p99);
      rates.bare.push((await publish(BARE.mqtt, round)).messages);
      rates.http.push((await load(OURS.http, 'single')).messages);
    }
    const [ours, other, http] = [rates.ours, rates.bare, rates.http].map(median);
    for (let number = 1; number < 1000; number++)
      await createRule(`other_${number}`, `other/${number}/+/status`);
    const many = [];
    for (let round = 3; round < 3 + ROUNDS; round++) many.push((await publish(OURS.mqtt, round)).messages);
    const thousand = median(many);
    const what = 'MQTT messages/s, 100 devices, QoS 1 to durable outcome';
    return [
      { name: `${what}, beside parse, append and sync`, ours, other, ratio: ours / other, goal: 0.6 },
      { name: `${what}, beside BatchPutMessage of one`, ours, other: http, ratio: ours / http, goal: 1.5 },
      { name: `${what}, one rule beside none`, ours, other: none.messages, ratio: ours / none.messages },
      {
        name: `${what}, one rule beside 1,000`,
        ours,
        other: thousand,
        ratio: ours / thousand,
        goal: 1.3,
        atMost: true,
      },
      { name: 'milliseconds p99 of such a publish under that load', ours: median(latency) },
    ];
  } finally {
    const ended = servers.map((server) => new Promise((resolve) => server.on('exit', resolve)));
    for (const server of servers) server.kill('SIGTERM');
    await Promise.all(ended);
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

function publish(port, round) {
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
