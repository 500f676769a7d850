import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import type { IPublishPacket, MqttClient } from 'mqtt';
import { describe, expect, test, vi } from 'vitest';
import type { BrokerRig } from '../../../test/support/broker-rig.ts';
import { openTestBroker as open } from '../../../test/support/test-broker.ts';
import { emptyImage } from '../../store/memory-store.ts';

/** Collects the payloads that a client receives from now on. */
function received(client: MqttClient): string[] {
  const payloads: string[] = [];
  client.on('message', (_topic, payload) => payloads.push(payload.toString()));
  return payloads;
}

/** Resolves if `promise` is still pending once everything that can happen without delay has happened. */
async function staysPending(promise: Promise<unknown>): Promise<void> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  void promise.then(settle, settle);
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(settled).toBe(false);
}

describe('a message of quality of service 1', () => {
  test('is acknowledged when its outcome is durable, not before', async () => {
    let finish = () => {};
    const durable = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const rig = await open({ deliver: ({ topic }) => (topic === 'a' ? durable : Promise.resolve()) });
    const client = await rig.connect();
    const acknowledged = client.publishAsync('a', '1', { qos: 1 });
    await vi.waitFor(() => expect(rig.published.at(-1)?.topic).toBe('a'));
    await staysPending(acknowledged);
    finish();
    await acknowledged;
  });

  test('closes the connection without an acknowledgement when its outcome is not durable', async () => {
    const rig = await open({
      deliver: async ({ topic }) => {
        if (topic === 'a') throw new Error('disk full');
      },
    });
    const client = await rig.connect();
    const closed = new Promise<void>((resolve) => client.once('close', resolve));
    const acknowledged = client.publishAsync('a', '1', { qos: 1 });
    // MQTT.js rejects it when the client is ended, at the latest.
    acknowledged.catch(() => {});
    await closed;
    await staysPending(acknowledged);
    await vi.waitFor(() =>
      expect(rig.events(String(client.options.clientId)).at(-1)).toMatchObject({
        eventType: 'disconnected',
        disconnectReason: 'SERVER_ERROR',
      }),
    );
  });

  test('is acknowledged after earlier ones, and all are started at once', async () => {
    const finish: (() => void)[] = [];
    const rig = await open({
      deliver: ({ topic }) =>
        topic === 'a' ? new Promise<void>((resolve) => finish.push(resolve)) : Promise.resolve(),
    });
    const client = await rig.connect();
    const order: number[] = [];
    for (const number of [0, 1, 2])
      void client.publishAsync('a', String(number), { qos: 1 }).then(() => order.push(number));
    await vi.waitFor(() => expect(finish).toHaveLength(3));
    for (const each of finish.reverse()) each();
    await vi.waitFor(() => expect(order).toEqual([0, 1, 2]));
  });

  test('carries the client id and its address', async () => {
    const rig = await open();
    const client = await rig.connect({ clientId: 'pump-7' });
    await client.publishAsync('a/b', 'x', { qos: 1 });
    expect(rig.published.at(-1)).toMatchObject({
      ...{ topic: 'a/b', via: 'mqtt', clientId: 'pump-7', sourceIp: '127.0.0.1' },
    });
  });
});

test('no more than the limit of one client are in progress at once', async () => {
  let underWay = 0;
  let most = 0;
  const rig = await open({
    limits: { mqttInFlight: 5 },
    deliver: async () => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay--;
    },
  });
  const client = await rig.connect();
  await Promise.all(Array.from({ length: 50 }, (_, n) => client.publishAsync('a', String(n), { qos: 1 })));
  expect(rig.published.filter(({ topic }) => topic === 'a').map(({ payload }) => payload.toString())).toEqual(
    Array.from({ length: 50 }, (_, n) => String(n)),
  );
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(5);
});

describe('subscribers', () => {
  test('receive matching messages, once for overlapping filters, with either quality of service', async () => {
    const rig = await open();
    const [one, two] = [await rig.connect(), await rig.connect()];
    await one.subscribeAsync(['a/#', 'a/b'], { qos: 1 });
    await two.subscribeAsync('a/+');
    const [ofOne, ofTwo] = [received(one), received(two)];
    for (const qos of [0, 1, 2] as const) await one.publishAsync('a/b', `q${qos}`, { qos });
    await one.publishAsync('b', 'no', { qos: 1 });
    await one.publishAsync('a/b', 'last', { qos: 1 });
    await vi.waitFor(() => expect(ofOne).toEqual(['q0', 'q1', 'q2', 'last']));
    await vi.waitFor(() => expect(ofTwo).toEqual(['q0', 'q1', 'q2', 'last']));
  });

  test('receive a message with at most the quality of service of their subscription', async () => {
    const rig = await open();
    const seen: string[] = [];
    for (const [index, filter] of ['a/b', 'a/+', 'a/#'].entries())
      for (const qos of [0, 1, 2] as const) {
        const client = await rig.connect({}, (payload, packet) =>
          seen.push(`${index} ${qos}: ${payload} as ${packet.qos}`),
        );
        await client.subscribeAsync(filter, { qos });
      }
    const publisher = await rig.connect();
    for (const qos of [0, 1, 2] as const) await publisher.publishAsync('a/b', String(qos), { qos });
    const levels = [0, 1, 2];
    const expected = levels.flatMap((index) =>
      levels.flatMap((granted) =>
        levels.map((given) => `${index} ${granted}: ${given} as ${Math.min(granted, given)}`),
      ),
    );
    await vi.waitFor(() => expect([...seen].sort()).toEqual(expected));
  });

  test('receive a message before what rules publish because of it', async () => {
    const rig: BrokerRig = await open({
      deliver: async ({ topic }) => {
        if (topic !== 'cause') return;
        const message = { topic: 'effect', payload: Buffer.from('2'), qos: 1 as const, retain: false };
        await rig.broker.forward(message);
      },
    });
    const topics: string[] = [];
    const client = await rig.connect();
    client.on('message', (topic) => topics.push(topic));
    await client.subscribeAsync('+', { qos: 1 });
    await client.publishAsync('cause', '1', { qos: 1 });
    await vi.waitFor(() => expect(topics).toEqual(['cause', 'effect']));
  });

  test('receive messages published by this process', async () => {
    const rig = await open();
    const client = await rig.connect();
    await client.subscribeAsync('out/#', { qos: 1 });
    const payloads = received(client);
    await rig.broker.publish(
      { topic: 'out/1', payload: Buffer.from('x'), qos: 1, retain: false },
      { via: 'http' },
    );
    await rig.broker.forward({ topic: 'out/2', payload: Buffer.from('y'), qos: 0, retain: false });
    await vi.waitFor(() => expect(payloads).toEqual(['x', 'y']));
    expect(rig.published.filter(({ topic }) => topic.startsWith('out'))).toMatchObject([
      { topic: 'out/1', via: 'http' },
    ]);
  });

  test('that read nothing delay nobody, and their dropped messages are counted', async () => {
    const rig = await open({ limits: { mqttBacklogBytes: 64 * 1024 } });
    const stuck = connectSocket(rig.port, '127.0.0.1');
    await once(stuck, 'connect');
    stuck.write(Buffer.from('100e00044d5154540402000000026c6c', 'hex'));
    stuck.write(Buffer.from('820600010001 2300'.replaceAll(' ', ''), 'hex'));
    await vi.waitFor(() =>
      expect(rig.events('ll').map(({ eventType }) => eventType)).toContain('subscribed'),
    );
    stuck.pause();
    const reader = await rig.connect();
    await reader.subscribeAsync('a', { qos: 1 });
    const payloads = received(reader);
    const payload = Buffer.alloc(10_000);
    for (let n = 0; n < 2000; n++)
      await rig.broker.publish({ topic: 'a', payload, qos: 1, retain: false }, { via: 'http' });
    await vi.waitFor(() => expect(payloads).toHaveLength(2000), { timeout: 20_000 });
    expect(rig.broker.figures.backlogBytes).toBeLessThan(80_000);
    expect(await rig.registry.getSingleMetricAsString('tripline_mqtt_messages_dropped_total')).toMatch(
      /reason="slow_subscriber"\} [1-9]/,
    );
    stuck.destroy();
  }, 30_000);
});

describe('a durable session', () => {
  const session = { clientId: 'd', clean: false };

  test('goes on with a message of quality of service 2 after its subscription has ended', async () => {
    const rig = await open();
    // Client d, which subscribes to a/b and never acknowledges a message.
    const socket = connectSocket(rig.port, '127.0.0.1');
    let answers = '';
    socket.on('data', (bytes) => {
      answers += bytes.toString('hex');
    });
    socket.write(Buffer.from('100d00044d5154540400000000 0164'.replaceAll(' ', ''), 'hex'));
    socket.write(Buffer.from('82080001 0003612f6202'.replaceAll(' ', ''), 'hex'));
    await vi.waitFor(() => expect(answers).toContain('9003000102'));
    const publisher = await rig.connect();
    await publisher.publishAsync('a/b', 'x', { qos: 2 });
    await vi.waitFor(() => expect(answers).toContain('340800 03612f62'.replaceAll(' ', '')));
    socket.write(Buffer.from('a2070002 0003612f62'.replaceAll(' ', ''), 'hex'));
    await vi.waitFor(() => expect(answers).toContain('b0020002'));
    socket.destroy();
    const seen: string[] = [];
    await rig.connect(session, (payload, { qos }) => seen.push(`${payload} as ${qos}`));
    await vi.waitFor(() => expect(seen).toEqual(['x as 2']));
  });
  const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => String(from + n));

  /** A session subscribed to `a/#` whose client is disconnected. */
  async function absent(rig: BrokerRig): Promise<void> {
    const client = await rig.connect(session);
    await client.subscribeAsync('a/#', { qos: 1 });
    await client.endAsync(true);
    await vi.waitFor(() => expect(rig.broker.figures.connections).toBe(0));
  }

  async function publish(rig: BrokerRig, payloads: readonly string[], qos: 0 | 1 = 1): Promise<void> {
    const client = await rig.connect();
    await Promise.all(payloads.map((payload) => client.publishAsync('a/b', payload, { qos })));
    await client.endAsync();
  }

  test('receives the messages of its absence, in order, also after the process was killed', async () => {
    const image = emptyImage();
    const killed = await open({ image });
    await absent(killed);
    await publish(killed, numbers(0, 250));
    await publish(killed, ['not kept'], 0);
    expect(killed.broker.figures).toMatchObject({ sessions: 1, queuedMessages: 250 });
    const rig = await open({ image });
    const payloads: string[] = [];
    const client = await rig.connect(session, (payload) => payloads.push(payload));
    await vi.waitFor(() => expect(payloads).toEqual(numbers(0, 250)));
    await publish(rig, ['live']);
    await vi.waitFor(() => expect(payloads.at(-1)).toBe('live'));
    await vi.waitFor(() => expect(rig.broker.figures.queuedMessages).toBe(0));
    await client.endAsync();
    expect([...image.rows.keys()].filter((key) => key.startsWith('mqtt/queue/'))).toEqual([]);
  });

  test('has a bounded number of messages in flight, and receives unacknowledged ones again', async () => {
    const rig = await open({ limits: { mqttInFlight: 10 } });
    await absent(rig);
    await publish(rig, numbers(0, 30));
    const payloads: string[] = [];
    const silent = await rig.connect({ ...session, manualConnect: false }, (payload) =>
      payloads.push(payload),
    );
    silent.handleMessage = () => {};
    await vi.waitFor(() => expect(payloads.length).toBeGreaterThan(0));
    silent.stream.destroy();
    expect(payloads.length).toBeLessThanOrEqual(10);
    const again: IPublishPacket[] = [];
    await rig.connect(session, (_payload, packet) => again.push(packet));
    await vi.waitFor(() => expect(new Set(again.map(({ payload }) => String(payload))).size).toBe(30));
    expect(again.map(({ payload }) => String(payload))).toEqual(numbers(0, 30));
    expect(again[0]?.dup).toBe(true);
    expect(again.at(-1)?.dup).toBe(false);
  });

  test('has a bounded queue; messages beyond it are counted', async () => {
    const rig = await open({ limits: { mqttQueuedMessages: 3 } });
    await absent(rig);
    await publish(rig, numbers(0, 5));
    const payloads: string[] = [];
    await rig.connect(session, (payload) => payloads.push(payload));
    await vi.waitFor(() => expect(payloads).toEqual(['0', '1', '2']));
    expect(await rig.registry.getSingleMetricAsString('tripline_mqtt_messages_dropped_total')).toContain(
      '{reason="session_queue_full"} 2',
    );
  });

  test('ends with a clean connection, which deletes its subscriptions and queue', async () => {
    const image = emptyImage();
    const rig = await open({ image });
    await absent(rig);
    await publish(rig, ['1']);
    const clean = await rig.connect({ clientId: 'd', clean: true });
    await clean.endAsync();
    const payloads: string[] = [];
    const client = await rig.connect(session, (payload) => payloads.push(payload));
    await publish(rig, ['2']);
    await client.publishAsync('x', '', { qos: 1 });
    expect(payloads).toEqual([]);
    expect([...image.rows.keys()].filter((key) => /queue|session/.test(key))).toEqual([]);
  });

  test('is reported as present, with subscriptions or without, until it ends', async () => {
    const rig = await open();
    const isPresent = async (
      clean: boolean,
      use = (_client: MqttClient): Promise<unknown> => Promise.resolve(),
    ) => {
      const client = await rig.connect({ clientId: 'd', clean });
      await use(client);
      await client.endAsync();
      return client.sessionPresent;
    };
    expect(await isPresent(false)).toBe(false);
    expect(await isPresent(false, (client) => client.subscribeAsync('a', { qos: 1 }))).toBe(true);
    expect(await isPresent(false, (client) => client.unsubscribeAsync('a'))).toBe(true);
    expect(await isPresent(false)).toBe(true);
    expect(await isPresent(true)).toBe(false);
    expect(await isPresent(false)).toBe(false);
  });

  test('is refused without a client id, as MQTT 3.1.1 requires', async () => {
    const rig = await open();
    const { port } = rig;
    const answer = await new Promise<string>((resolve) => {
      const socket = connectSocket(port, '127.0.0.1').on('data', (bytes) => resolve(bytes.toString('hex')));
      socket.write(Buffer.from('100c00044d5154540400003c0000', 'hex'));
    });
    expect(answer).toBe('20020002');
  });

  test('is refused past the limit', async () => {
    const rig = await open({ limits: { mqttSessions: 1 } });
    await absent(rig);
    await expect(rig.connect({ clientId: 'other', clean: false })).rejects.toMatchObject({ code: 3 });
    await rig.connect({ clientId: 'other', clean: true });
  });
});

describe('retained messages', () => {
  test('are delivered to new subscriptions until they are cleared, also after the process was killed', async () => {
    const image = emptyImage();
    const killed = await open({ image });
    const publisher = await killed.connect();
    await publisher.publishAsync('r/1', 'one', { qos: 1, retain: true });
    await publisher.publishAsync('r/2', 'two', { qos: 0, retain: true });
    await publisher.publishAsync('r/3', 'three', { qos: 1, retain: true });
    await publisher.publishAsync('r/3', '', { qos: 1, retain: true });
    const rig = await open({ image });
    const payloads: string[] = [];
    const client = await rig.connect({}, (payload, { retain }) => payloads.push(`${payload} ${retain}`));
    await client.subscribeAsync('r/+', { qos: 1 });
    await vi.waitFor(() => expect(payloads.sort()).toEqual(['one true', 'two true']));
    expect(rig.published.filter(({ topic }) => topic.startsWith('r/'))).toEqual([]);
    await client.publishAsync('r/1', 'live', { qos: 1, retain: true });
    await vi.waitFor(() => expect(payloads).toContain('live false'));
  });

  test('have at most the quality of service of the subscription', async () => {
    const rig = await open();
    const publisher = await rig.connect();
    for (const qos of [0, 1, 2] as const)
      await publisher.publishAsync(`r/${qos}`, String(qos), { qos, retain: true });
    await publisher.publishAsync('x', '', { qos: 1 });
    const replayed = async (...filters: (readonly [string, 0 | 1 | 2])[]) => {
      const seen: string[] = [];
      const client = await rig.connect({}, (payload, { qos }) => seen.push(`${payload} as ${qos}`));
      for (const [filter, qos] of filters) await client.subscribeAsync(filter, { qos });
      await vi.waitFor(() => expect(seen.length).toBeGreaterThanOrEqual(3));
      return seen.slice(0, 3).sort();
    };
    expect(await replayed(['r/+', 0])).toEqual(['0 as 0', '1 as 0', '2 as 0']);
    expect(await replayed(['r/+', 1])).toEqual(['0 as 0', '1 as 1', '2 as 1']);
    expect(await replayed(['r/#', 2])).toEqual(['0 as 0', '1 as 1', '2 as 2']);
  });

  test('are bounded; a message without room is passed on and counted', async () => {
    const rig = await open({ limits: { mqttRetainedMessages: 1 } });
    const payloads: string[] = [];
    const client = await rig.connect({}, (payload) => payloads.push(payload));
    await client.subscribeAsync('r/#');
    await client.publishAsync('r/1', 'one', { qos: 1, retain: true });
    await client.publishAsync('r/2', 'two', { qos: 1, retain: true });
    await vi.waitFor(() => expect(payloads).toEqual(['one', 'two']));
    expect(rig.broker.figures.retainedMessages).toBe(1);
    expect(await rig.registry.getSingleMetricAsString('tripline_mqtt_messages_dropped_total')).toContain(
      '{reason="retained_full"} 1',
    );
  });
});

describe('before a client is authenticated', () => {
  /** Resolves once the broker has ended the connection. */
  async function ended(port: number, bytes: Buffer): Promise<void> {
    const socket = connectSocket(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    socket.write(bytes);
    await once(socket, 'close');
  }

  test('a packet that is too long closes the connection before it is read', async () => {
    const rig = await open();
    await ended(rig.port, Buffer.from('10ffff7f00044d515454', 'hex'));
  });

  test('a silent client is disconnected', async () => {
    const rig = await open({ limits: { mqttConnectTimeout: 50 } });
    await ended(rig.port, Buffer.alloc(0));
  });

  test('connections are bounded, and silent ones do not delay closing', async () => {
    const rig = await open({ limits: { mqttUnauthenticatedConnections: 2 } });
    const silent = [connectSocket(rig.port, '127.0.0.1'), connectSocket(rig.port, '127.0.0.1')];
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    await expect(rig.connect({ connectTimeout: 2000 })).rejects.toThrow();
    const before = performance.now();
    await rig.close();
    expect(performance.now() - before).toBeLessThan(2000);
    for (const socket of silent) socket.destroy();
  });
});

test.each<[string, string, Partial<IPublishPacket>]>([
  ['a reserved topic', '$aws/things/x', {}],
  ['the topic of an event', '$aws/events/presence/connected/x', {}],
  ['$SYS', '$SYS/x', {}],
  ['a topic that is too long', 'x'.repeat(300), {}],
  ['a payload that is too long', 'x', { payload: Buffer.alloc(129 * 1024) }],
  ['a retained message of a reserved topic', '$aws/rules/r/x', { retain: true }],
])('publishing %s closes the connection', async (_name, topic, { payload = 'x', retain = false }) => {
  const rig = await open();
  const client = await rig.connect({ clientId: 'p' });
  const closed = new Promise<void>((resolve) => client.once('close', resolve));
  client.publishAsync(topic, payload, { qos: 1, retain }).catch(() => {});
  await closed;
  expect(rig.published.some((publication) => publication.topic === topic)).toBe(false);
});

test('a message for one rule goes only to the rules', async () => {
  const rig = await open();
  const client = await rig.connect();
  await client.publishAsync('$aws/rules/r/a/b', 'x', { qos: 1 });
  expect(rig.published.at(-1)?.topic).toBe('$aws/rules/r/a/b');
});

test('subscriptions to unreadable topics and beyond the limit are refused', async () => {
  const rig = await open({ limits: { mqttSubscriptionsPerConnection: 1 } });
  const client = await rig.connect();
  for (const filter of ['$SYS/#', '$aws/rules/#', '$share/g/a', '$aws/#'])
    await expect(client.subscribeAsync(filter)).rejects.toThrow();
  await client.subscribeAsync('$aws/events/#');
  await expect(client.subscribeAsync('another')).rejects.toThrow();
});
