import { once } from 'node:events';
import { connectAsync } from 'mqtt';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startTestServer, type TestServer } from '../support/server.ts';
import { freePort } from '../support/server-process.ts';

/** MQTT over WebSocket on the origin of the API. */
let server: TestServer;
let url: string;
beforeEach(async () => {
  server = await startTestServer({}, { mqttPort: await freePort() });
  url = `${server.url.replace('http', 'ws')}/mqtt`;
});
afterEach(() => server.dispose());

/** The answer to a refused upgrade. */
function refusal(address: string, headers: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, 'mqtt', { headers });
    socket.on('error', ({ message }) => resolve(message));
    socket.on('open', () => reject(new Error('The upgrade was accepted')));
  });
}

test('a client publishes and subscribes', async () => {
  const client = await connectAsync(url, { reconnectPeriod: 0 }, false);
  const payloads: string[] = [];
  client.on('message', (_topic, payload) => payloads.push(payload.toString()));
  await client.subscribeAsync('a/#', { qos: 1 });
  const large = 'x'.repeat(100_000);
  await client.publishAsync('a/b', large, { qos: 1 });
  await client.publishAsync('a/b', 'last', { qos: 1 });
  await expect.poll(() => payloads).toEqual([large, 'last']);
  await client.endAsync();
});

test.each([
  ['a close frame', (socket: WebSocket) => socket.close(), 'CLIENT_INITIATED_DISCONNECT'],
  ['the end of the socket', (socket: WebSocket) => socket.terminate(), 'CONNECTION_LOST'],
])('the event of a client that disconnects by %s says so', async (_name, end, disconnectReason) => {
  const watcher = await connectAsync(url, { reconnectPeriod: 0 }, false);
  const events: object[] = [];
  watcher.on('message', (_topic, payload) => events.push(JSON.parse(payload.toString())));
  await watcher.subscribeAsync('$aws/events/presence/+/c1', { qos: 1 });
  const socket = new WebSocket(url, 'mqtt');
  await once(socket, 'open');
  socket.send(Buffer.from('100e00044d5154540402003c00026331', 'hex'));
  await once(socket, 'message');
  end(socket);
  await expect
    .poll(() => events)
    .toMatchObject([
      { eventType: 'connected' },
      {
        ...{ eventType: 'disconnected', disconnectReason },
        clientInitiatedDisconnect: disconnectReason === 'CLIENT_INITIATED_DISCONNECT',
      },
    ]);
  await watcher.endAsync();
});

test.each<[string, Record<string, string>]>([
  ['of another origin', { origin: 'http://evil.example' }],
  ['by a name of another site', { host: 'evil.example' }],
])('a page %s is refused', async (_name, headers) => {
  expect(await refusal(url, headers)).toContain('403');
});

test('another path is refused', async () => {
  expect(await refusal(url.replace('/mqtt', '/other'))).toContain('400');
});

test('a connection does not hold up the end of the server', async () => {
  const other = await startTestServer({}, { mqttPort: await freePort() });
  const client = await connectAsync(`${other.url.replace('http', 'ws')}/mqtt`, { reconnectPeriod: 0 }, false);
  client.on('error', () => {});
  const before = performance.now();
  await other.dispose();
  expect(performance.now() - before).toBeLessThan(3000);
  client.end(true);
});
