import { connect as connectSocket } from 'node:net';
import { connectAsync, type IPublishPacket, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { freePort } from '../support/server-process.ts';
import { countingModel } from '../support/service.ts';
import { SimulatedClock } from '../support/simulated-clock.ts';

/** Devices publish to the embedded broker of a real server; rules turn messages into inputs and failures. */
const roleArn = 'arn:aws:iam::000000000000:role/Rules';
const toInput = (more: object = {}) => ({ iotEvents: { inputName: 'I', roleArn, ...more } });
const errors = (topic: string) => ({ republish: { topic, qos: 1, roleArn } });

interface Running {
  readonly server: TestServer;
  readonly api: ApiClient;
  readonly port: number;
}

async function start(...[limits, settings, clock]: Parameters<typeof startTestServer>): Promise<Running> {
  const port = await freePort();
  const server = await startTestServer(limits, { mqttPort: port, ...settings }, clock);
  const api = new ApiClient(server.url);
  await api.call('POST', '/inputs', {
    inputName: 'I',
    inputDefinition: { attributes: [{ jsonPath: 'id' }] },
  });
  await api.call('POST', '/detector-models', countingModel('M', 'I'));
  return { server, api, port };
}

const createRule = ({ api }: Running, name: string, rule: object) =>
  api.call('POST', `/rules/${name}`, { awsIotSqlVersion: '2016-03-23', ...rule });

const device = ({ port }: Running, clientId: string): Promise<MqttClient> =>
  connectAsync(`mqtt://127.0.0.1:${port}`, { clientId, reconnectPeriod: 0 }, false);

/** Collects what a client receives on a filter from now on. */
async function heard(client: MqttClient, filter: string): Promise<IPublishPacket[]> {
  const packets: IPublishPacket[] = [];
  client.on('message', (_topic, _payload, packet) => packets.push(packet));
  await client.subscribeAsync(filter, { qos: 1 });
  return packets;
}

async function count({ api }: Running, id: string): Promise<number> {
  const { detector } = await api.call('GET', `/detectors/M/keyValues/?keyValue=${id}`);
  const { variables } = (detector as { state: { variables: { name: string; value: string }[] } }).state;
  return Number(variables.find(({ name }) => name === 'n')?.value);
}

async function metric({ server }: Running, line: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const found = text.split('\n').find((each) => each.startsWith(`tripline_${line} `));
  return Number(found?.split(' ').at(-1) ?? 0);
}

describe('a message through a rule', () => {
  let running: Running;
  let client: MqttClient;
  beforeAll(async () => {
    running = await start();
    client = await device(running, 'device-1');
    await createRule(running, 'pumps', {
      sql: "SELECT topic(2) AS id FROM 'pumps/+'",
      actions: [toInput({ messageId: '${topic(2)}-${n}' })],
    });
    await createRule(running, 'poison', {
      sql: "SELECT * FROM 'poison/+'",
      actions: [toInput(), toInput({ messageId: '${nothing}' })],
      errorAction: errors("errors/${replace(topic(), '/', '-')}"),
    });
    await createRule(running, 'untold', { sql: "SELECT * FROM 'untold'", actions: [toInput()] });
  });
  afterAll(async () => {
    await client.endAsync();
    await running.server.dispose();
  });

  test('is in the detector when it is acknowledged, and counts once by its messageId', async () => {
    for (let n = 1; n <= 20; n++) {
      await client.publishAsync('pumps/a', `{"n":${n}}`, { qos: 1 });
      expect(await count(running, 'a')).toBe(n);
    }
    await client.publishAsync('pumps/a', '{"n":20}', { qos: 1 });
    expect(await count(running, 'a')).toBe(20);
  });

  test.each([
    ['text', 'The result is Binary'],
    ['[1]', 'The result is Array'],
    ['{"a":1}', 'The payload has no value at the key id of detector model M. Verify the Input Attribute key'],
    ['{"id":"a b"}', "Value 'a b' at the key id of detector model M"],
  ])('that no input can take goes to the errorAction once: %s', async (payload, reason) => {
    const watcher = await device(running, 'watcher');
    const packets = await heard(watcher, 'errors/#');
    const before = await metric(running, 'rule_topic_match_total{rule="poison"}');
    await client.publishAsync('poison/1', payload, { qos: 1 });
    await vi.waitFor(() => expect(packets).toHaveLength(1));
    const { topic, payload: told, qos } = packets[0] as IPublishPacket;
    expect([topic, qos]).toEqual(['errors/poison-1', 1]);
    const { failures, ...rest } = JSON.parse(told.toString()) as { failures: { errorMessage: string }[] };
    expect(rest).toEqual({
      ruleName: 'poison',
      topic: 'poison/1',
      cloudwatchTraceId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      clientId: 'device-1',
      sourceIp: '127.0.0.1',
      base64OriginalPayload: Buffer.from(payload).toString('base64'),
    });
    expect(failures).toEqual([
      {
        failedAction: 'IotEventsAction',
        failedResource: 'I',
        errorMessage: expect.stringContaining(reason),
      },
      {
        failedAction: 'IotEventsAction',
        failedResource: 'I',
        errorMessage: expect.stringContaining('MessageId: ""'),
      },
    ]);
    // It has been evaluated once, on the same connection.
    expect(await metric(running, 'rule_topic_match_total{rule="poison"}')).toBe(before + 1);
    expect(client.connected).toBe(true);
    await watcher.endAsync();
  });

  test('that was published over HTTP and fails is reported with the id that its publisher got', async () => {
    const watcher = await device(running, 'watcher');
    const packets = await heard(watcher, 'errors/#');
    const answer = await running.api.call('POST', '/topics/poison/2?qos=1', {});
    await vi.waitFor(() => expect(packets).toHaveLength(1));
    const { cloudwatchTraceId } = JSON.parse(String(packets[0]?.payload)) as Record<string, unknown>;
    expect(answer).toEqual({ message: 'OK', traceId: cloudwatchTraceId });
    await watcher.endAsync();
  });

  test('that fails without an errorAction is acknowledged and counted', async () => {
    await client.publishAsync('untold', 'text', { qos: 1 });
    expect(await metric(running, 'rule_action_failure_total{rule="untold",action="iotEvents"}')).toBe(1);
    expect(await metric(running, 'rule_topic_match_total{rule="untold"}')).toBe(1);
  });
});

test('overload slows the sender down, loses nothing and keeps the order', async () => {
  const clock = new SimulatedClock(1_600_000_000_000);
  const limits = { evaluationsPerSecond: 100, queuedMessages: 40, mqttInFlight: 20 };
  const running = await start(limits, {}, clock);
  await createRule(running, 'pumps', {
    sql: "SELECT topic(2) AS id FROM 'pumps/+'",
    actions: [toInput({ messageId: '${topic(2)}-${n}' })],
  });
  const ids = ['a', 'b', 'c'];
  const acknowledged = new Map(ids.map((id) => [id, [] as number[]]));
  const clients = await Promise.all(ids.map((id) => device(running, id)));
  const publishing = clients.flatMap((client, index) =>
    Array.from({ length: 60 }, async (_, n) => {
      const id = ids[index] ?? '';
      await client.publishAsync(`pumps/${id}`, `{"n":${n}}`, { qos: 1 });
      acknowledged.get(id)?.push(n);
    }),
  );
  const all = () => [...acknowledged.values()].flat().length;
  // The clock stands still: only that many fit into its second, and the others wait.
  await vi.waitFor(() => expect(all()).toBe(100), { timeout: 10_000 });
  expect(await metric(running, 'rule_message_throttled_total')).toBeGreaterThan(0);
  clock.jump(clock.now() + 1000);
  await Promise.all(publishing);
  for (const id of ids) {
    expect(acknowledged.get(id)).toEqual(Array.from({ length: 60 }, (_, n) => n));
    expect(await count(running, id)).toBe(60);
  }
  expect(await metric(running, 'rule_action_failure_total{rule="pumps",action="iotEvents"}')).toBe(0);
  await Promise.all(clients.map((client) => client.endAsync()));
  await running.server.dispose();
}, 30_000);

test('a subscriber that reads nothing holds up no MQTT action, and a good one gets all of them', async () => {
  const running = await start({ mqttBacklogBytes: 100_000 }, { actions: 'aws' });
  const { api, port } = running;
  const said = { type: 'STRING', contentExpression: `'${'x'.repeat(500)}'` };
  const talk = {
    eventName: 'talk',
    condition: 'currentInput("I")',
    actions: [{ iotTopicPublish: { mqttTopic: "'said'", payload: said } }],
  };
  await api.call('POST', '/detector-models', {
    detectorModelName: 'Talks',
    roleArn,
    detectorModelDefinition: {
      initialStateName: 'Talking',
      states: [{ stateName: 'Talking', onInput: { events: [talk] } }],
    },
  });
  await createRule(running, 'pumps', {
    sql: "SELECT topic(2) AS id FROM 'pumps/+'",
    actions: [toInput()],
  });
  // CONNECT as `mute` and SUBSCRIBE to #; afterwards it reads nothing.
  const mute = connectSocket(port, '127.0.0.1').on('error', () => {});
  mute.write(Buffer.from('101000044d5154540402000000046d757465', 'hex'));
  mute.write(Buffer.from('8206000100012300', 'hex'));
  await new Promise((resolve) => mute.once('data', resolve));
  mute.pause();
  const client = await device(running, 'device-1');
  const packets = await heard(client, 'said');
  // More than the buffers of a connection can hold.
  const [messages, payload] = [1000, JSON.stringify({ filling: 'x'.repeat(20_000) })];
  await Promise.all(
    Array.from({ length: messages }, (_, n) => client.publishAsync(`pumps/${n % 10}`, payload, { qos: 1 })),
  );
  await vi.waitFor(() => expect(packets).toHaveLength(messages), { timeout: 15_000 });
  const dropped = await metric(running, 'mqtt_messages_dropped_total{reason="slow_subscriber"}');
  expect(dropped).toBeGreaterThan(0);
  mute.destroy();
  await client.endAsync();
  await running.server.dispose();
}, 30_000);
