import { connect as connectSocket } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import type { BrokerRig } from '../../../test/support/broker-rig.ts';
import { openTestBroker as open } from '../../../test/support/test-broker.ts';
import { emptyImage } from '../../store/memory-store.ts';
import { ANONYMOUS } from './principal.ts';

const kinds = (rig: BrokerRig, clientId: string) => rig.events(clientId).map(({ eventType }) => eventType);

async function disconnected(rig: BrokerRig, clientId: string): Promise<void> {
  await vi.waitFor(() => expect(kinds(rig, clientId).at(-1)).toBe('disconnected'));
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

test('connected, subscribed, unsubscribed and disconnected have the members that AWS documents', async () => {
  const now = 1_700_000_000_000;
  const rig = await open({ now: () => now, authenticate: async () => ({ ...ANONYMOUS, identifier: 'me' }) });
  const client = await rig.connect({ clientId: 'c' });
  await client.subscribeAsync(['a/#', 'b']);
  await client.unsubscribeAsync('b');
  await client.endAsync();
  await disconnected(rig, 'c');
  const sessionIdentifier = rig.events('c')[0]?.sessionIdentifier;
  expect(sessionIdentifier).toMatch(UUID);
  const common = { clientId: 'c', timestamp: now, sessionIdentifier, principalIdentifier: 'me' };
  expect(rig.events('c')).toEqual([
    { ...common, eventType: 'connected', ipAddress: '127.0.0.1', versionNumber: 0 },
    { ...common, eventType: 'subscribed', topics: ['a/#', 'b'] },
    { ...common, eventType: 'unsubscribed', topics: ['b'] },
    {
      ...common,
      eventType: 'disconnected',
      clientInitiatedDisconnect: true,
      disconnectReason: 'CLIENT_INITIATED_DISCONNECT',
      versionNumber: 0,
    },
  ]);
  expect(rig.published.filter(({ topic }) => topic.endsWith('/c')).map(({ topic }) => topic)).toEqual([
    '$aws/events/presence/connected/c',
    '$aws/events/subscriptions/subscribed/c',
    '$aws/events/subscriptions/unsubscribed/c',
    '$aws/events/presence/disconnected/c',
  ]);
});

test('subscribers receive the events', async () => {
  const rig = await open();
  const topics: string[] = [];
  const watcher = await rig.connect({ clientId: 'watcher' });
  watcher.on('message', (topic) => topics.push(topic));
  await watcher.subscribeAsync('$aws/events/presence/+/+', { qos: 1 });
  const client = await rig.connect({ clientId: 'c' });
  await client.endAsync();
  await vi.waitFor(() =>
    expect(topics).toEqual(['$aws/events/presence/connected/c', '$aws/events/presence/disconnected/c']),
  );
});

describe('the reason of a disconnect', () => {
  test.each<[string, (rig: BrokerRig) => Promise<void>, object]>([
    [
      'a cut connection',
      async (rig) => {
        const client = await rig.connect({ clientId: 'c' });
        client.stream.destroy();
      },
      { disconnectReason: 'CONNECTION_LOST', clientInitiatedDisconnect: false },
    ],
    [
      'a client that is silent for too long',
      async (rig) => {
        const socket = connectSocket(rig.port, '127.0.0.1').on('error', () => {});
        // CONNECT with a keep-alive of one second.
        socket.write(Buffer.from('100d00044d5154540402000100 0163'.replaceAll(' ', ''), 'hex'));
      },
      { disconnectReason: 'MQTT_KEEP_ALIVE_TIMEOUT' },
    ],
    [
      'a second CONNECT',
      async (rig) => {
        const socket = connectSocket(rig.port, '127.0.0.1').on('error', () => {});
        const connect = Buffer.from('100d00044d51545404020000000163', 'hex');
        socket.write(connect);
        await vi.waitFor(() => expect(kinds(rig, 'c')).toEqual(['connected']));
        socket.write(connect);
      },
      { disconnectReason: 'CLIENT_ERROR' },
    ],
    [
      'a publish that is not permitted',
      async (rig) => {
        const client = await rig.connect({ clientId: 'c' });
        client.publish('$aws/things/c', 'x', { qos: 1 }, () => {});
      },
      { disconnectReason: 'AUTH_ERROR' },
    ],
  ])('of %s', async (_name, end, expected) => {
    const rig = await open();
    await end(rig);
    await vi.waitFor(() => expect(kinds(rig, 'c').at(-1)).toBe('disconnected'), { timeout: 5000 });
    expect(rig.events('c').at(-1)).toMatchObject(expected);
  });

  test('of a connection that lost its client id, in order and with the next version', async () => {
    const rig = await open();
    await rig.connect({ clientId: 'c' }).then((client) => client.subscribeAsync('a'));
    const second = await rig.connect({ clientId: 'c' });
    await vi.waitFor(() =>
      expect(kinds(rig, 'c')).toEqual(['connected', 'subscribed', 'disconnected', 'connected']),
    );
    expect(rig.events('c').map(({ versionNumber }) => versionNumber)).toEqual([0, undefined, 0, 1]);
    expect(rig.events('c')[2]).toMatchObject({ disconnectReason: 'DUPLICATE_CLIENTID' });
    await second.publishAsync('a', 'still connected', { qos: 1 });
  });

  test('of a stopped broker, and of a killed one, once', async () => {
    const image = emptyImage();
    const killed = await open({ image });
    await killed.connect({
      clientId: 'c',
      will: { topic: 'wills/c', payload: Buffer.from('gone'), qos: 1, retain: false },
    });
    await killed.connect({ clientId: 'd' }).then((client) => client.endAsync());
    await disconnected(killed, 'd');
    // The state on disk at that moment.
    const copy = { state: new Map(image.state), rows: new Map(image.rows) };
    const next = await open({ image: copy });
    await disconnected(next, 'c');
    expect(next.published.map(({ topic }) => topic)).toEqual([
      'wills/c',
      '$aws/events/presence/disconnected/c',
    ]);
    expect(next.events('c')[0]).toMatchObject({ disconnectReason: 'CONNECTION_LOST', versionNumber: 0 });
    await next.connect({ clientId: 'c' });
    await vi.waitFor(() =>
      expect(next.events('c').at(-1)).toMatchObject({ eventType: 'connected', versionNumber: 1 }),
    );
    await next.close();
    expect(next.events('c').at(-1)).toMatchObject({
      disconnectReason: 'SERVER_INITIATED_DISCONNECT',
      versionNumber: 1,
    });
    const third = await open({ image: copy });
    await third.connect({ clientId: 'e' });
    expect(third.events('c')).toEqual([]);
  });
});

test('a disconnect is reported until the outcome is durable', async () => {
  let failures = 2;
  const rig = await open({
    deliver: async ({ topic }) => {
      if (topic.includes('disconnected') && failures-- > 0) throw new Error('busy');
    },
  });
  await rig.connect({ clientId: 'c' }).then((client) => client.endAsync());
  await vi.waitFor(() => expect(kinds(rig, 'c')).toEqual(['connected', ...Array(3).fill('disconnected')]), {
    timeout: 5000,
  });
});

test('the version restarts an hour after the last disconnect', async () => {
  let now = 0;
  const rig = await open({ now: () => now });
  const versions: unknown[] = [];
  for (const step of [0, 59 * 60_000, 61 * 60_000]) {
    now += step;
    await rig.connect({ clientId: 'c' }).then((client) => client.endAsync());
    await vi.waitFor(() =>
      expect(kinds(rig, 'c').filter((kind) => kind === 'disconnected')).toHaveLength(versions.length + 1),
    );
    versions.push(rig.events('c').at(-1)?.versionNumber);
  }
  expect(versions).toEqual([0, 1, 0]);
});

test('of the disconnected clients, the most recent ones are listed', async () => {
  const image = emptyImage();
  const rig = await open({ image, limits: { mqttKnownClients: 2 } });
  const stays = await rig.connect({ clientId: 'stays' });
  for (const clientId of ['a', 'b', 'c']) {
    await rig.connect({ clientId }).then((client) => client.endAsync());
    await vi.waitFor(() => expect(kinds(rig, clientId).at(-1)).toBe('disconnected'));
  }
  const known = () => [...image.rows.keys()].filter((key) => key.startsWith('mqtt/presence/'));
  await vi.waitFor(() =>
    expect(known().sort()).toEqual(['mqtt/presence/b', 'mqtt/presence/c', 'mqtt/presence/stays']),
  );
  await stays.endAsync();
});

test('a connection refused for lack of permission has an event', async () => {
  const rig = await open({
    authenticate: async () => ({
      ...ANONYMOUS,
      identifier: 'me',
      mayPublish: (topic) => topic !== 'will',
      mayConnect: (id) => id !== 'no',
    }),
  });
  await expect(rig.connect({ clientId: 'no' })).rejects.toMatchObject({ code: 5 });
  const will = { topic: 'will', payload: Buffer.from('x'), qos: 0 as const, retain: false };
  await expect(rig.connect({ clientId: 'w', will })).rejects.toMatchObject({ code: 5 });
  await vi.waitFor(() =>
    expect([...kinds(rig, 'no'), ...kinds(rig, 'w')]).toEqual(['connect_failed', 'connect_failed']),
  );
  expect(rig.events('no')[0]).toMatchObject({
    connectFailureReason: 'AUTHORIZATION_FAILED',
    principalIdentifier: 'me',
    ipAddress: '127.0.0.1',
  });
});

test('a client id with a wildcard has no events', async () => {
  const rig = await open();
  const client = await rig.connect({ clientId: 'a+b' });
  await client.publishAsync('x', 'x', { qos: 1 });
  expect(rig.published.map(({ topic }) => topic)).toEqual(['x']);
});
