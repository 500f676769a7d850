import { connectAsync, type MqttClient } from 'mqtt';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openBrokerRig } from '../../../../test/support/broker-rig.ts';
import { hasMosquitto, Mosquitto } from '../../../../test/support/mosquitto.ts';
import { quietLog } from '../../../../test/support/quiet.ts';
import { DEFAULT_LIMITS } from '../../../limits.ts';
import { emptyImage, type MemoryImage, openMemoryStore } from '../../../store/memory-store.ts';
import type { Publication } from '../../rules/publication.ts';
import { MqttMetrics } from '../metrics.ts';
import { RemoteBroker, type RemoteBrokerOptions } from './remote-broker.ts';

let closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

interface Rig {
  readonly remote: RemoteBroker;
  readonly got: Publication[];
  readonly payloads: () => string[];
  setFilters(...filters: string[]): void;
}

/** A connection to an external broker, with rules that require these filters. */
async function open(
  url: string,
  filters: string[],
  options: Partial<RemoteBrokerOptions> & {
    image?: MemoryImage;
    deliver?: RemoteBrokerOptions['rules']['deliver'];
  } = {},
): Promise<Rig> {
  const got: Publication[] = [];
  let present = filters;
  let listener = () => {};
  const { image = emptyImage(), deliver = async () => {}, ...others } = options;
  const remote = await RemoteBroker.open({
    address: { url },
    clientId: undefined,
    group: undefined,
    store: openMemoryStore(image),
    rules: {
      deliver: async (publication) => {
        got.push(publication);
        await deliver(publication);
      },
      filters: () => present,
      onChange: (changed) => {
        listener = changed;
        return () => {};
      },
    },
    limits: DEFAULT_LIMITS,
    log: quietLog,
    metrics: new MqttMetrics(new Registry()),
    random: () => 0,
    ...others,
  });
  closing.push(() => remote.close());
  remote.start();
  return {
    remote,
    got,
    payloads: () => got.map(({ payload }) => payload.toString()),
    setFilters: (...next) => {
      present = next;
      listener();
    },
  };
}

async function publisher(url: string, protocolVersion: 4 | 5 = 5): Promise<MqttClient> {
  const client = await connectAsync(url, { protocolVersion });
  closing.push(() => client.endAsync(true));
  return client;
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => String(from + n));

/** Publishes until the first message arrives, which shows that the subscription exists. */
async function subscribed({ got }: Rig, client: MqttClient, topic: string): Promise<void> {
  await vi.waitFor(
    async () => {
      await client.publishAsync(topic, 'ready?', { qos: 1 });
      expect(got.length).toBeGreaterThan(0);
    },
    { timeout: 10_000 },
  );
  const settle = async () => {
    const before = got.length;
    await client.publishAsync(topic, 'settled', { qos: 1 });
    await vi.waitFor(() => expect(got.length).toBe(before + 1));
  };
  await vi.waitFor(settle, { timeout: 5000 });
  got.length = 0;
}

describe.runIf(hasMosquitto)(`with Mosquitto${hasMosquitto ? '' : ' (skipped: it is not installed)'}`, () => {
  let mosquitto: Mosquitto;
  beforeEach(async () => {
    mosquitto = await Mosquitto.start();
    closing.push(() => mosquitto.dispose());
  });

  test('messages arrive in order, with the properties of MQTT 5', async () => {
    const rig = await open(mosquitto.url, ['a/#']);
    const client = await publisher(mosquitto.url);
    await subscribed(rig, client, 'a/b');
    const properties = {
      ...{ contentType: 'text/plain', responseTopic: 'r', correlationData: Buffer.from('c') },
      userProperties: { one: '1', two: ['2', '3'], 'tripline-hops': '4' },
    };
    await Promise.all(numbers(0, 500).map((payload) => client.publishAsync('a/b', payload, { qos: 1 })));
    await client.publishAsync('a/c', 'last', { qos: 0, properties });
    await vi.waitFor(() => expect(rig.payloads()).toEqual([...numbers(0, 500), 'last']), { timeout: 10_000 });
    expect(rig.got.at(-1)).toMatchObject({
      ...{ topic: 'a/c', via: 'mqtt', hops: 4 },
      properties: { contentType: 'text/plain', responseTopic: 'r', correlationData: Buffer.from('c') },
    });
    expect(rig.got[0]?.properties?.userProperties).toEqual([]);
    expect(rig.got.at(-1)?.properties?.userProperties).toEqual([
      ...[
        { key: 'one', value: '1' },
        { key: 'two', value: '2' },
        { key: 'two', value: '3' },
      ],
    ]);
  });

  test('no message is missed while a wider filter takes the place of another', async () => {
    const rig = await open(mosquitto.url, ['a/b']);
    const client = await publisher(mosquitto.url);
    await subscribed(rig, client, 'a/b');
    const sent = Promise.all(
      numbers(0, 500).map((payload) => client.publishAsync('a/b', payload, { qos: 1 })),
    );
    rig.setFilters('a/#');
    await sent;
    await vi.waitFor(() => expect(rig.payloads()).toContain('499'), { timeout: 10_000 });
    expect(numbers(0, 500).filter((payload) => !rig.payloads().includes(payload))).toEqual([]);
  });

  test('a store that fails for a while keeps no filter from being subscribed to', async () => {
    const store = openMemoryStore();
    let failures = 0;
    const failing = {
      get: (key: string) => store.get(key),
      async commit(changes: Parameters<typeof store.commit>[0]) {
        // The first commit is for the client id.
        if (++failures === 2 || failures === 4) throw new Error('not now');
        await store.commit(changes);
      },
    };
    const rig = await open(mosquitto.url, ['a/b', 'c/d'], { store: failing });
    const client = await publisher(mosquitto.url);
    await subscribed(rig, client, 'c/d');
    await client.publishAsync('a/b', 'here', { qos: 1 });
    await vi.waitFor(() => expect(rig.payloads()).toContain('here'));
    expect(failures).toBeGreaterThan(4);
  });

  test('it closes although the store answers only afterwards', async () => {
    let answer = () => {};
    let writes = 0;
    const slow = {
      get: async () => undefined,
      commit: () =>
        new Promise<void>((resolve) => {
          if (++writes < 3) resolve();
          else answer = resolve;
        }),
    };
    const { remote } = await open(mosquitto.url, ['a/b', 'c/d'], { store: slow });
    await vi.waitFor(() => expect(writes).toBe(3), { timeout: 10_000 });
    const closed = remote.close();
    await vi.waitFor(() => expect(remote.status.isConnected).toBe(false), { timeout: 10_000 });
    answer();
    await closed;
  });

  test('unacknowledged messages are received again after the process was killed; acknowledged ones are not', async () => {
    const image = emptyImage();
    let stuck = false;
    const killed = await open(mosquitto.url, ['a/#'], {
      image,
      deliver: ({ payload }) => (stuck && Number(payload) >= 5 ? new Promise(() => {}) : Promise.resolve()),
    });
    const client = await publisher(mosquitto.url);
    await subscribed(killed, client, 'a/b');
    stuck = true;
    for (const payload of numbers(0, 10)) await client.publishAsync('a/b', payload, { qos: 1 });
    await vi.waitFor(() => expect(killed.payloads()).toEqual(numbers(0, 10)));
    // The session is taken over, as a new process with the same data directory would do.
    const rig = await open(mosquitto.url, ['a/#'], { image });
    for (const payload of numbers(10, 20)) await client.publishAsync('a/b', payload, { qos: 1 });
    // The client that lost the session may reconnect once, so some messages may arrive twice.
    await vi.waitFor(() => expect([...new Set(rig.payloads())]).toEqual(numbers(5, 20)), { timeout: 10_000 });
  });

  test('a message whose outcome is not durable is received again over a new connection', async () => {
    let failures = 1;
    const rig = await open(mosquitto.url, ['a/#'], {
      deliver: async ({ payload }) => {
        if (payload.toString() === '3' && failures-- > 0) throw new Error('disk full');
      },
    });
    const client = await publisher(mosquitto.url);
    await subscribed(rig, client, 'a/b');
    for (const payload of numbers(0, 6)) await client.publishAsync('a/b', payload, { qos: 1 });
    await vi.waitFor(() => expect(new Set(rig.payloads())).toEqual(new Set(numbers(0, 6))), {
      timeout: 10_000,
    });
    await vi.waitFor(() => expect(rig.payloads().filter((payload) => payload === '3')).toHaveLength(2), {
      timeout: 10_000,
    });
    expect(rig.payloads().filter((payload) => payload === '0')).toHaveLength(1);
  });

  test('a restart of the broker loses nothing, and no retained message is repeated', async () => {
    const rig = await open(mosquitto.url, ['a/#']);
    const client = await publisher(mosquitto.url);
    await subscribed(rig, client, 'a/b');
    await client.publishAsync('a/kept', 'retained', { qos: 1, retain: true });
    await client.publishAsync('a/b', 'before', { qos: 1 });
    await vi.waitFor(() => expect(rig.payloads()).toEqual(['retained', 'before']));
    await mosquitto.stop();
    await vi.waitFor(() => expect(rig.remote.status.isConnected).toBe(false));
    expect(rig.remote.status.reason).toBeDefined();
    await mosquitto.start();
    await vi.waitFor(() => expect(rig.remote.status.isConnected).toBe(true), { timeout: 20_000 });
    const again = await publisher(mosquitto.url);
    await again.publishAsync('a/b', 'after', { qos: 1 });
    await vi.waitFor(() => expect(rig.payloads()).toEqual(['retained', 'before', 'after']), {
      timeout: 10_000,
    });
  }, 60_000);

  test('messages retained before the first subscription are ignored', async () => {
    const client = await publisher(mosquitto.url);
    await client.publishAsync('a/kept', 'old', { qos: 1, retain: true });
    const rig = await open(mosquitto.url, ['a/#']);
    await subscribed(rig, client, 'a/b');
    await client.publishAsync('a/kept', 'new', { qos: 1, retain: true });
    await vi.waitFor(() => expect(rig.payloads()).toEqual(['new']));
  });

  test('subscriptions follow the rules, also those of an earlier process', async () => {
    const image = emptyImage();
    const first = await open(mosquitto.url, ['a/#', 'b'], { image });
    const client = await publisher(mosquitto.url);
    await subscribed(first, client, 'b');
    await first.remote.close();
    const rig = await open(mosquitto.url, ['b'], { image });
    await vi.waitFor(() => expect(rig.remote.status.isConnected).toBe(true), { timeout: 5000 });
    rig.setFilters('b', 'c/+');
    await subscribed(rig, client, 'c/1');
    await client.publishAsync('a/1', 'not any more', { qos: 1 });
    await client.publishAsync('b', 'still', { qos: 1 });
    await vi.waitFor(() => expect(rig.payloads()).toEqual(['still']));
  });

  test('two processes of a group share the messages', async () => {
    const [one, two] = [
      await open(mosquitto.url, ['a/#'], { group: 'plant' }),
      await open(mosquitto.url, ['a/#'], { group: 'plant' }),
    ];
    const client = await publisher(mosquitto.url);
    await vi.waitFor(
      async () => {
        await client.publishAsync('a/b', 'ready?', { qos: 1 });
        expect(one.got.length).toBeGreaterThan(0);
        expect(two.got.length).toBeGreaterThan(0);
      },
      { timeout: 10_000 },
    );
    await Promise.all(numbers(0, 200).map((payload) => client.publishAsync('a/b', payload, { qos: 1 })));
    const all = () => [...one.payloads(), ...two.payloads()].filter((payload) => payload !== 'ready?');
    await vi.waitFor(() => expect(all().sort()).toEqual(numbers(0, 200).sort()), { timeout: 10_000 });
    expect(one.payloads().length).toBeGreaterThan(20);
    expect(two.payloads().length).toBeGreaterThan(20);
  });

  test('published messages carry their hops', async () => {
    const rig = await open(mosquitto.url, ['a/#']);
    const client = await publisher(mosquitto.url);
    await subscribed(rig, client, 'a/b');
    await rig.remote.publish({ topic: 'a/out', payload: Buffer.from('x'), qos: 1, hops: 3 });
    await vi.waitFor(() => expect(rig.got.at(-1)).toMatchObject({ topic: 'a/out', hops: 3 }));
  });
});

test('a broker that only supports MQTT 3.1.1 is used with that', async () => {
  const broker = await openBrokerRig();
  const client = await broker.connect();
  await client.publishAsync('a/kept', 'old', { qos: 1, retain: true });
  const registry = new Registry();
  const rig = await open(`mqtt://127.0.0.1:${broker.port}`, ['a/#'], { metrics: new MqttMetrics(registry) });
  await subscribed(rig, client, 'a/b');
  expect(await registry.getSingleMetricAsString('tripline_mqtt_retained_ignored_total')).toContain(
    '_total 1',
  );
  expect(rig.remote.hasProperties).toBe(false);
  await client.publishAsync('a/kept', 'new', { qos: 1, retain: true });
  await vi.waitFor(() => expect(rig.payloads()).toEqual(['new']));
  expect(rig.got[0]?.properties).toBeUndefined();
  expect(rig.remote.status.isConnected).toBe(true);
  await rig.remote.close();
  await broker.close();
});

test('without a broker the status has the reason, and publishing is refused', async () => {
  const warn = vi.fn();
  const rig = await open('mqtt://user:secret@127.0.0.1:1', [], { log: { ...quietLog, warn } });
  await vi.waitFor(() => expect(rig.remote.status.reason).toContain('ECONNREFUSED'));
  expect(warn).toHaveBeenCalledWith(
    { broker: '127.0.0.1:1', reason: expect.stringContaining('ECONNREFUSED') },
    'the MQTT broker is not connected; it will be tried again',
  );
  const message = { topic: 'a', payload: Buffer.from('x'), qos: 1 as const, hops: 1 };
  await expect(rig.remote.publish(message)).rejects.toThrow(
    /127\.0\.0\.1:1 is not connected: .*ECONNREFUSED/,
  );
});
