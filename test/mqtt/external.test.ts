import { connectAsync, type IPublishPacket, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { hasMosquitto, Mosquitto } from '../support/mosquitto.ts';
import { startTestServer } from '../support/server.ts';
import { countingModel } from '../support/service.ts';

/** Real servers as clients of Mosquitto. */
const roleArn = 'arn:aws:iam::000000000000:role/Rules';
const PATIENT = { timeout: 15_000, interval: 50 };

let mosquitto: Mosquitto;
let closing: (() => unknown)[];
beforeEach(async () => {
  closing = [];
  if (!hasMosquitto) return;
  mosquitto = await Mosquitto.start();
  closing.push(() => mosquitto.dispose());
});
afterEach(async () => {
  for (const close of closing.reverse()) await close();
});

async function device(): Promise<MqttClient> {
  const client = await connectAsync(mosquitto.url, { reconnectPeriod: 50 });
  client.on('error', () => {});
  closing.push(() => client.endAsync(true));
  return client;
}

/** A server with an input and a model for each rule, which counts the rule's messages by `id`. */
async function start(rules: Readonly<Record<string, string>>, settings: object = {}) {
  const server = await startTestServer({}, { mqttUrl: mosquitto.url, ...settings });
  closing.push(() => server.dispose());
  const api = new ApiClient(server.url);
  for (const [name, filter] of Object.entries(rules)) {
    const inputDefinition = { attributes: [{ jsonPath: 'id' }] };
    await api.call('POST', '/inputs', { inputName: name, inputDefinition });
    await api.call('POST', '/detector-models', countingModel(name, name));
    await api.call('POST', `/rules/${name}`, {
      sql: `SELECT * FROM '${filter}'`,
      awsIotSqlVersion: '2016-03-23',
      actions: [{ iotEvents: { inputName: name, roleArn } }],
      errorAction: { republish: { topic: 'errors/${topic()}', qos: 1, roleArn } },
    });
  }
  const count = async (model: string, id: string): Promise<number> => {
    const response = await fetch(`${server.url}/detectors/${model}/keyValues/?keyValue=${id}`);
    if (response.status === 404) return 0;
    const { detector } = (await response.json()) as {
      detector: { state: { variables: { name: string; value: string }[] } };
    };
    return Number(detector.state.variables.find(({ name }) => name === 'n')?.value);
  };
  /** Subscribing takes time: publishes until the rule has received a message. */
  const untilSubscribed = async (model: string, topic: string, client: MqttClient) => {
    await vi.waitFor(async () => {
      await client.publishAsync(topic, `{"id":"probe-${process.hrtime.bigint()}"}`, { qos: 1 });
      const { detectorSummaries } = await api.call('GET', `/detectors/${model}`);
      expect((detectorSummaries as object[]).length).toBeGreaterThan(0);
    }, PATIENT);
  };
  return { server, api, count, untilSubscribed };
}

const say = (client: MqttClient, topic: string, id: string, retain = false) =>
  client.publishAsync(topic, JSON.stringify({ id }), { qos: 1, retain });

describe.runIf(hasMosquitto)(`with Mosquitto${hasMosquitto ? '' : ' (skipped: it is not installed)'}`, () => {
  test('filters that overlap bring a message once to each rule, and it outlives a restart of Mosquitto', async () => {
    const client = await device();
    await say(client, 'a/b', 'retained-before', true);
    const { count, untilSubscribed, server } = await start({ Wide: 'a/#', Level: 'a/+', Exact: 'a/b' });
    await untilSubscribed('Wide', 'a/b', client);
    const models = ['Wide', 'Level', 'Exact'];
    const counts = (id: string) => Promise.all(models.map((model) => count(model, id)));

    for (let n = 0; n < 20; n++) await say(client, 'a/b', 'one');
    await say(client, 'a/b/c', 'deep');
    await say(client, 'a/b', 'retained-live', true);
    await say(client, 'a/b', 'last');
    await vi.waitFor(async () => expect(await counts('last')).toEqual([1, 1, 1]), PATIENT);
    expect(await counts('one')).toEqual([20, 20, 20]);
    expect(await counts('deep')).toEqual([1, 0, 0]);
    expect(await counts('retained-live')).toEqual([1, 1, 1]);
    // Messages retained before the rule existed are old readings.
    expect(await counts('retained-before')).toEqual([0, 0, 0]);

    await mosquitto.stop('SIGTERM');
    await vi.waitFor(async () => {
      const ready = await fetch(`${server.url}/readyz`);
      expect(await ready.text()).toContain('not connected');
    }, PATIENT);
    await mosquitto.start();
    await say(client, 'a/b', 'after');
    await vi.waitFor(async () => expect(await counts('after')).toEqual([1, 1, 1]), PATIENT);
    // The subscriptions already existed, so retained messages are not repeated.
    expect(await counts('retained-live')).toEqual([1, 1, 1]);
    expect(await counts('one')).toEqual([20, 20, 20]);
  }, 60_000);

  test('a message that no input takes is told by the errorAction, once, and does not come back', async () => {
    const client = await device();
    const { untilSubscribed, server } = await start({ Pumps: 'pumps/+' });
    await untilSubscribed('Pumps', 'pumps/1', client);
    const told: IPublishPacket[] = [];
    client.on('message', (_topic, _payload, packet) => told.push(packet));
    await client.subscribeAsync('errors/#', { qos: 1 });
    await client.publishAsync('pumps/1', 'no JSON', { qos: 1 });
    await vi.waitFor(() => expect(told).toHaveLength(1), PATIENT);
    const { base64OriginalPayload, clientId, failures } = JSON.parse(String(told[0]?.payload));
    expect([told[0]?.topic, told[0]?.qos, clientId]).toEqual(['errors/pumps/1', 1, 'N/A']);
    expect(Buffer.from(base64OriginalPayload, 'base64').toString()).toBe('no JSON');
    expect(failures).toMatchObject([{ failedAction: 'IotEventsAction', failedResource: 'Pumps' }]);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain('tripline_rule_action_failure_total{rule="Pumps",action="iotEvents"} 1\n');
  }, 30_000);

  test('two servers of a group share the messages: each counts in one of them', async () => {
    const client = await device();
    const servers = [
      await start({ Pumps: 'pumps/+' }, { mqttGroup: 'plant' }),
      await start({ Pumps: 'pumps/+' }, { mqttGroup: 'plant' }),
    ];
    for (const { untilSubscribed } of servers) await untilSubscribed('Pumps', 'pumps/1', client);
    await Promise.all(Array.from({ length: 200 }, () => say(client, 'pumps/1', 'shared')));
    const counts = () => Promise.all(servers.map(({ count }) => count('Pumps', 'shared')));
    await vi.waitFor(async () => {
      const [one = 0, other = 0] = await counts();
      expect(one + other).toBe(200);
    }, PATIENT);
    expect(Math.min(...(await counts()))).toBeGreaterThan(0);
  }, 60_000);
});
