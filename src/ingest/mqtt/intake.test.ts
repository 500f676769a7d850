import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import fc from 'fast-check';
import { generate, type Packet, parser } from 'mqtt-packet';
import { afterEach, expect, test, vi } from 'vitest';
import type { BrokerRig } from '../../../test/support/broker-rig.ts';
import { openTestBroker as open } from '../../../test/support/test-broker.ts';

const sockets: Socket[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const socket of sockets.splice(0)) socket.destroy();
});

interface RawClient {
  readonly socket: Socket;
  /** The packets received, in order, as `puback 1` or `publish a`. */
  readonly received: string[];
}

/** A connected client that decides itself how its bytes are cut. */
async function connectRaw({ port }: BrokerRig, clientId: string, keepalive = 0): Promise<RawClient> {
  const socket = connectSocket(port, '127.0.0.1').on('error', () => {});
  sockets.push(socket);
  socket.setNoDelay(true);
  const received: string[] = [];
  const incoming = parser({ protocolVersion: 4 });
  incoming.on('packet', (packet) => {
    received.push([packet.cmd, packet.cmd === 'publish' ? packet.topic : packet.messageId].join(' ').trim());
  });
  socket.on('data', (bytes) => incoming.parse(bytes));
  socket.write(generate({ cmd: 'connect', protocolId: 'MQTT', clientId, clean: true, keepalive }));
  await vi.waitFor(() => expect(received).toEqual(['connack']));
  received.length = 0;
  return { socket, received };
}

function publish(topic: string, messageId: number, payload = 'x'): Packet {
  return { cmd: 'publish', topic, payload, qos: messageId > 0 ? 1 : 0, messageId, retain: false, dup: false };
}

/** The topics of a client's messages as the rules saw them. */
function topicsOf({ published }: BrokerRig, clientId: string): string[] {
  return published.filter((each) => each.clientId === clientId).map(({ topic }) => topic);
}

test('messages among other packets, in chunks of any size, arrive and are acknowledged in order', async () => {
  const rig = await open();
  let number = 0;
  const kinds = fc.constantFrom('plain', 'umlaut', 'qos 0', 'large', 'ping', 'subscribe');
  await fc.assert(
    fc.asyncProperty(
      fc.array(kinds, { minLength: 1, maxLength: 30 }),
      fc.array(fc.nat(5000), { maxLength: 8 }),
      async (packets, cuts) => {
        const clientId = `c${number++}`;
        const { socket, received } = await connectRaw(rig, clientId);
        const topics: string[] = [];
        const acknowledged: string[] = [];
        const bytes = Buffer.concat(
          packets.map((kind, index) => {
            const messageId = index + 1;
            if (kind === 'ping') return generate({ cmd: 'pingreq' });
            if (kind === 'subscribe')
              return generate({ cmd: 'subscribe', messageId, subscriptions: [{ topic: 'none', qos: 0 }] });
            const topic = `${kind === 'umlaut' ? 'ü' : 't'}/${index}`;
            topics.push(topic);
            if (kind === 'qos 0') return generate(publish(topic, 0));
            acknowledged.push(`puback ${messageId}`);
            return generate(publish(topic, messageId, kind === 'large' ? 'y'.repeat(3000) : 'x'));
          }),
        );
        const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        for (const [index, from] of places.slice(0, -1).entries()) {
          socket.write(bytes.subarray(from, places[index + 1]));
          await new Promise((resolve) => setImmediate(resolve));
        }
        const answers = packets.filter((kind) => kind !== 'qos 0').length;
        await vi.waitFor(() => expect(received).toHaveLength(answers), { interval: 2 });
        await vi.waitFor(() => expect(topicsOf(rig, clientId)).toEqual(topics), { interval: 2 });
        expect(received.filter((each) => each.startsWith('puback'))).toEqual(acknowledged);
        socket.destroy();
      },
    ),
    { numRuns: 60 },
  );
});

test('nothing more is read while too many messages have no outcome, and then it goes on', async () => {
  const finish: (() => void)[] = [];
  const rig = await open({
    limits: { mqttInFlight: 3 },
    deliver: ({ topic }) =>
      topic.startsWith('t/') ? new Promise<void>((resolve) => finish.push(resolve)) : Promise.resolve(),
  });
  const { socket, received } = await connectRaw(rig, 'c');
  socket.write(generate(publish('t/1', 1)));
  await vi.waitFor(() => expect(finish).toHaveLength(1));
  socket.write(generate({ cmd: 'pingreq' }));
  await vi.waitFor(() => expect(received).toEqual(['pingresp']));
  socket.write(Buffer.concat([generate(publish('t/2', 2)), generate(publish('t/3', 3))]));
  await vi.waitFor(() => expect(finish).toHaveLength(3));
  socket.write(Buffer.concat([generate({ cmd: 'pingreq' }), generate(publish('t/4', 4))]));
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect([received, finish.length]).toEqual([['pingresp'], 3]);
  for (const each of finish.splice(0)) each();
  await vi.waitFor(() => expect(finish).toHaveLength(1));
  finish[0]?.();
  await vi.waitFor(() =>
    expect(received.toSorted()).toEqual([
      'pingresp',
      'pingresp',
      'puback 1',
      'puback 2',
      'puback 3',
      'puback 4',
    ]),
  );
});

test('a client receives what it publishes to its own subscription', async () => {
  const rig = await open();
  const { socket, received } = await connectRaw(rig, 'c');
  const subscribe = generate({ cmd: 'subscribe', messageId: 9, subscriptions: [{ topic: 't/#', qos: 0 }] });
  socket.write(subscribe);
  await vi.waitFor(() => expect(received).toEqual(['suback 9']));
  socket.write(Buffer.concat([generate(publish('t/1', 1)), generate(publish('t/2', 0))]));
  await vi.waitFor(() =>
    expect(received.toSorted()).toEqual(['puback 1', 'publish t/1', 'publish t/2', 'suback 9']),
  );
});

test('a failure ends the connection, and later messages of the chunk are not started', async () => {
  const rig = await open({
    deliver: async ({ topic }) => {
      if (topic === 't/1') throw new Error('disk full');
    },
    limits: { mqttInFlight: 1 },
  });
  const { socket, received } = await connectRaw(rig, 'c');
  const closed = once(socket, 'close');
  socket.write(Buffer.concat([generate(publish('t/1', 1)), generate(publish('t/2', 2))]));
  await closed;
  expect([topicsOf(rig, 'c'), received]).toEqual([['t/1'], []]);
  await vi.waitFor(() => expect(rig.events('c').at(-1)).toMatchObject({ disconnectReason: 'SERVER_ERROR' }));
});

test('a message that is not permitted ends the connection, after earlier ones of the chunk', async () => {
  const rig = await open();
  const { socket } = await connectRaw(rig, 'c');
  const closed = once(socket, 'close');
  socket.write(
    Buffer.concat(['t/1', '$aws/things/c', 't/2'].map((topic, at) => generate(publish(topic, at + 1)))),
  );
  await closed;
  await vi.waitFor(() => expect(rig.events('c').at(-1)).toMatchObject({ disconnectReason: 'AUTH_ERROR' }));
  expect(topicsOf(rig, 'c')).toEqual(['t/1']);
});

test('messages keep a client alive, and silence ends it', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const rig = await open();
  const { socket, received } = await connectRaw(rig, 'c', 10);
  for (let messageId = 1; messageId <= 4; messageId++) {
    vi.advanceTimersByTime(14_000);
    socket.write(generate(publish('t/1', messageId)));
    await vi.waitFor(() => expect(received.at(-1)).toBe(`puback ${messageId}`));
  }
  const closed = once(socket, 'close');
  vi.advanceTimersByTime(16_000);
  await closed;
  await vi.waitFor(() =>
    expect(rig.events('c').at(-1)).toMatchObject({ disconnectReason: 'MQTT_KEEP_ALIVE_TIMEOUT' }),
  );
});
