import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startTestServer, type TestServer } from '../../../test/support/server.ts';
import { freePort } from '../../../test/support/server-process.ts';
import type { TopicMessage } from './topic-tail.ts';

let server: TestServer;
let device: MqttClient;

beforeAll(async () => {
  const mqttPort = await freePort();
  server = await startTestServer({}, { mqttPort });
  device = await connectAsync(`mqtt://127.0.0.1:${mqttPort}`, {
    clientId: 'pump-1',
    keepalive: 30,
    clean: true,
  });
  await device.subscribeAsync('pumps/pump-1/command');
});
afterAll(async () => {
  await device.endAsync(true);
  await server.dispose();
});

const get = async (path: string) =>
  (await (await fetch(`${server.url}/_tripline/${path}`)).json()) as {
    readonly departures?: readonly object[];
  };

interface Event {
  readonly type: string;
  readonly data: TopicMessage & { readonly skipped?: number };
}

/** Follows topics while `during` runs, until an event satisfies `isLast`. */
async function follow(filter: string, during: () => Promise<unknown>, isLast: (seen: Event[]) => boolean) {
  const abort = new AbortController();
  const path = `${server.url}/_tripline/topics?filter=${encodeURIComponent(filter)}`;
  const response = await fetch(path, { signal: abort.signal });
  expect(response.status).toBe(200);
  const seen: Event[] = [];
  let text = '';
  const decoder = new TextDecoder();
  const happening = during();
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, type, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      if (type !== undefined && data !== undefined) seen.push({ type, data: JSON.parse(data) });
    }
    if (isLast(seen)) break;
  }
  abort.abort();
  await happening;
  return seen;
}

test('lists connected clients, and disconnected ones with the reason', async () => {
  const found = await get('devices');
  expect(found).toMatchObject({
    broker: 'embedded',
    count: 1,
    figures: { connections: 1 },
    clients: [
      {
        clientId: 'pump-1',
        address: '127.0.0.1',
        isEncrypted: false,
        keepAlive: 30,
        isClean: true,
        subscriptions: ['pumps/pump-1/command'],
      },
    ],
    departures: [],
  });
  const { port } = device.options;
  const other = await connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: 'pump-2' });
  await other.endAsync();
  await vi.waitFor(async () => {
    const { departures } = await get('devices');
    expect(departures).toMatchObject([{ clientId: 'pump-2', reason: 'CLIENT_INITIATED_DISCONNECT' }]);
  });
});

test('follows the topics that match a filter, with text and binary payloads', async () => {
  const seen = await follow(
    'pumps/+/pressure',
    async () => {
      await device.publishAsync('pumps/pump-1/other', 'not asked for', { qos: 1 });
      await device.publishAsync('pumps/pump-1/pressure', '{"bar": 8.5}', { qos: 1 });
      await device.publishAsync('pumps/pump-1/pressure', Buffer.from([0xff, 0x00]), { qos: 1 });
      await device.publishAsync('pumps/pump-1/pressure', `${'x'.repeat(1999)}é`, { qos: 1 });
    },
    (events) => events.length === 3,
  );
  const common = { topic: 'pumps/pump-1/pressure', via: 'mqtt', clientId: 'pump-1' };
  expect(seen.map(({ data }) => data)).toMatchObject([
    { ...common, payload: '{"bar": 8.5}', encoding: 'utf8', size: 12 },
    { ...common, payload: '/wA=', encoding: 'base64', size: 2 },
    { ...common, payload: 'x'.repeat(1999), encoding: 'utf8', size: 2001 },
  ]);
});

test('skips messages beyond the rate, and reports how many', async () => {
  const seen = await follow(
    'flood',
    async () => {
      await Promise.all(
        Array.from({ length: 400 }, (_, count) => device.publishAsync('flood', String(count))),
      );
    },
    (events) => {
      const skipped = events.reduce((sum, { data }) => sum + (data.skipped ?? 0), 0);
      return events.filter(({ type }) => type === 'message').length + skipped === 400;
    },
  );
  expect(seen.some(({ type }) => type === 'sampled')).toBe(true);
});

test('an invalid filter is refused', async () => {
  const response = await fetch(`${server.url}/_tripline/topics?filter=a%23`);
  expect(response.status).toBe(400);
  expect(await response.text()).toContain("'a#' at 'filter' is not a topic filter");
});

test('a server without a broker reports that', async () => {
  const other = await startTestServer();
  const found = await (await fetch(`${other.url}/_tripline/devices`)).json();
  expect(found).toEqual({ broker: 'none' });
  await other.dispose();
});
