import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type MqttClient } from 'mqtt';
import { afterEach, expect, test } from 'vitest';
import { COUNTER_INPUT, COUNTER_MODEL } from '../crash/counter-model.ts';
import { report } from '../crash/report.ts';
import { hasMosquitto, Mosquitto } from '../support/mosquitto.ts';
import { freePort, pause, ServerProcess } from '../support/server-process.ts';

/**
 * Devices publish with quality of service 1 while the processes are killed and restarted: every message counts once in
 * its detector. `npm run crash:mqtt` runs it with 50,000.
 */
const MESSAGES = Number(process.env.TRIPLINE_MQTT_MESSAGES ?? 1000);
/** Kills, at random numbers of acknowledged messages. */
const KILLS = Number(process.env.TRIPLINE_MQTT_KILLS ?? 3);
const DEVICES = 10;
const IN_FLIGHT = 20;

let closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

test(`${MESSAGES} messages to the embedded broker, kill -9 of the server: none lost, none doubled`, async () => {
  const port = await freePort();
  const server = await startServer(['--mqtt-port', String(port)]);
  const figures = await run(`mqtt://127.0.0.1:${port}`, server, () => restart(server));
  report('to the embedded broker', { 'kills of the server': KILLS, ...figures });
}, 900_000);

test.runIf(hasMosquitto)(
  `${MESSAGES} messages through Mosquitto, kill -9 of the server and restarts of Mosquitto: none lost, none doubled${
    hasMosquitto ? '' : ' (skipped: it is not installed)'
  }`,
  async () => {
    const mosquitto = await Mosquitto.start();
    closing.push(() => mosquitto.dispose());
    const server = await startServer(['--mqtt-url', mosquitto.url]);
    await untilSubscribed(mosquitto, server);
    // Mosquitto writes its state to disk when it is stopped; a kill would lose acknowledged messages.
    let restarts = 0;
    const figures = await run(mosquitto.url, server, async (round) => {
      if (round % 3 !== 2) return restart(server);
      restarts++;
      await mosquitto.stop('SIGTERM');
      await mosquitto.start();
    });
    report('through Mosquitto', {
      'kills of the server': KILLS - restarts,
      'restarts of Mosquitto': restarts,
      ...figures,
    });
  },
  900_000,
);

async function startServer(flags: readonly string[]): Promise<ServerProcess> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tripline-mqtt-crash-'));
  const common = ['--data-dir', dataDir, '--actions', 'record', '--log-level', 'warn'];
  const server = new ServerProcess(await freePort(), [...common, ...flags]);
  closing.push(async () => {
    await server.stop('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  });
  await server.start();
  await call(server, '/inputs', COUNTER_INPUT);
  await call(server, '/detector-models', COUNTER_MODEL);
  await call(server, '/rules/count', {
    sql: "SELECT topic(2) AS key, n FROM 'count/+'",
    awsIotSqlVersion: '2016-03-23',
    actions: [
      {
        iotEvents: {
          inputName: 'Count',
          messageId: '${topic(2)}-${n}',
          roleArn: 'arn:aws:iam::000000000000:role/Count',
        },
      },
    ],
  });
  return server;
}

async function restart(server: ServerProcess): Promise<void> {
  await server.stop('SIGKILL');
  await server.start();
}

/** A broker keeps messages for a session only after its first subscription. */
async function untilSubscribed(mosquitto: Mosquitto, server: ServerProcess): Promise<void> {
  const client = connectDevice(mosquitto.url, 'probe');
  while ((await countOf(server, 'probe')) === 0) {
    await client.publishAsync('count/probe', `{"n":${Date.now()}}`, { qos: 1 });
    await pause(50);
  }
  await client.endAsync();
}

/**
 * Publishes everything while `kill` is called repeatedly, and waits until everything has been counted; returns the
 * figures.
 */
async function run(
  url: string,
  server: ServerProcess,
  kill: (round: number) => Promise<void>,
): Promise<Readonly<Record<string, number>>> {
  const each = Math.floor(MESSAGES / DEVICES);
  const devices = Array.from({ length: DEVICES }, (_, n) => `device-${n}`);
  let acknowledged = 0;
  const published = Promise.all(devices.map((device) => publish(url, device, each, () => acknowledged++)));

  const moments = Array.from({ length: KILLS }, () => Math.random() * 0.9 * MESSAGES).sort((x, y) => x - y);
  for (const [round, moment] of moments.entries()) {
    while (acknowledged < moment) await pause(5);
    await kill(round);
  }
  await published;
  const counts = async () => Promise.all(devices.map((device) => countOf(server, device)));
  await expect.poll(counts, { timeout: 60_000, interval: 200 }).toEqual(devices.map(() => each));
  // Leaves time for duplicates to arrive.
  await pause(1000);
  const counted = await counts();
  expect(counted).toEqual(devices.map(() => each));
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    'messages acknowledged': acknowledged,
    'counted in detectors': sum(counted),
    lost: sum(counted.map((count) => Math.max(0, each - count))),
    doubled: sum(counted.map((count) => Math.max(0, count - each))),
  };
}

/** A bounded number at a time. */
async function publish(
  url: string,
  device: string,
  count: number,
  onAcknowledged: () => void,
): Promise<void> {
  const client = connectDevice(url, device);
  let next = 1;
  const lane = async () => {
    while (next <= count) {
      await publishForSure(client, `count/${device}`, `{"n":${next++}}`);
      onAcknowledged();
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  await client.endAsync();
}

/** The library repeats after a reconnect, but gives up if that is interrupted: then the device repeats. */
async function publishForSure(client: MqttClient, topic: string, payload: string): Promise<void> {
  for (;;) {
    try {
      await client.publishAsync(topic, payload, { qos: 1 });
      return;
    } catch (error) {
      if (client.disconnecting) throw error;
      await pause(20);
    }
  }
}

function connectDevice(url: string, clientId: string): MqttClient {
  const client = connect(url, { clientId, clean: false, reconnectPeriod: 50, connectTimeout: 2000 });
  // The broker is killed repeatedly; the library reconnects.
  client.on('error', () => {});
  closing.push(() => client.endAsync(true));
  return client;
}

async function countOf(server: ServerProcess, key: string): Promise<number> {
  const response = await fetch(`${server.url}/detectors/Counter/keyValues/?keyValue=${key}`);
  if (!response.ok) return 0;
  const { detector } = (await response.json()) as {
    detector: { state: { variables: { name: string; value: string }[] } };
  };
  return Number(detector.state.variables.find(({ name }) => name === 'count')?.value ?? 0);
}

async function call(server: ServerProcess, path: string, body: object): Promise<void> {
  const response = await fetch(server.url + path, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
}
