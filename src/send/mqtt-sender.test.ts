import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Aedes, type PublishPacket } from 'aedes';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ServiceRequest } from '../core/action/index.ts';
import { classifyError, createSenders, type Senders } from './index.ts';

const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const BOUNDS = { timeout: 30_000, answerBytes: 1000 };

function publish(payload: string): ServiceRequest {
  return { service: 'iot-data', operation: 'Publish', input: { topic: 'a/b', qos: 0, payload } };
}

function sendersTo(port: number, credentials = ''): Senders {
  const mqttUrl = `mqtt://${credentials}127.0.0.1:${port}`;
  const senders = createSenders({ ...BOUNDS, region: 'us-east-1', mqttUrl });
  cleanups.push(() => senders.close());
  return senders;
}

/** A TCP server on that port, or on any; `drop` ends its sockets. */
async function listen(
  serve: (socket: Socket) => void,
  port = 0,
): Promise<{ port: number; drop: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const drop = async () => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  cleanups.push(drop);
  return { port: (server.address() as AddressInfo).port, drop };
}

/** A real broker; received messages are in `published`. */
async function broker(port?: number, options: ConstructorParameters<typeof Aedes>[0] = {}) {
  const aedes = await Aedes.createBroker(options);
  const published: PublishPacket[] = [];
  aedes.on('publish', (packet, client) => {
    if (client) published.push(packet as PublishPacket);
  });
  const listening = await listen((socket) => void aedes.handle(socket), port);
  cleanups.push(() => new Promise<void>((resolve) => aedes.close(resolve)));
  return { ...listening, published };
}

async function failureOf(sending: Promise<void>): Promise<unknown> {
  return sending.then(
    () => undefined,
    (error: unknown) => error,
  );
}

test('publishes with quality of service 1, not retained, in the order of sending', async () => {
  const { port, published } = await broker();
  const senders = sendersTo(port);
  const texts = ['ü', ...Array.from({ length: 50 }, (_item, n) => `message ${n}`)];
  await Promise.all(texts.map((text) => senders.send(publish(text))));
  await vi.waitFor(() => expect(published).toHaveLength(texts.length));
  expect(published.map(({ payload }) => payload.toString())).toEqual(texts);
  expect(published[0]).toMatchObject({ topic: 'a/b', qos: 1, retain: false });
});

test('messages sent arrive although the sender closes at once', async () => {
  const { port, published } = await broker();
  const senders = sendersTo(port);
  for (let n = 0; n < 20; n++) await senders.send(publish('x'.repeat(10_000)));
  await senders.close();
  await vi.waitFor(() => expect(published).toHaveLength(20));
});

describe('without a connection', () => {
  test('a message is refused with the reason, not queued, and is sent once the broker is reachable again', async () => {
    const first = await broker();
    const senders = sendersTo(first.port);
    await senders.send(publish('before'));
    await vi.waitFor(() => expect(first.published).toHaveLength(1));
    await first.drop();
    await vi.waitFor(async () => {
      const failure = await failureOf(senders.send(publish('meanwhile')));
      expect(String(failure)).toContain('is not connected');
      expect(classifyError(failure)).toBe('RETRYABLE');
    });
    const second = await broker(first.port);
    await vi.waitFor(() => senders.send(publish('after')), { timeout: 10_000, interval: 100 });
    await vi.waitFor(() => expect(second.published).not.toEqual([]));
    expect(new Set(second.published.map(({ payload }) => payload.toString()))).toEqual(new Set(['after']));
  });

  test('the error names the broker and the reason, but not the password', async () => {
    const failure = await failureOf(sendersTo(9, 'user:secret@').send(publish('x')));
    expect(String(failure)).toMatch(/127\.0\.0\.1:9 is not connected: .*ECONNREFUSED/);
    expect(String(failure)).not.toContain('secret');
    expect(classifyError(failure)).toBe('RETRYABLE');
  });

  test('the refusal of credentials by a broker is quoted', async () => {
    const refuses = Object.assign(new Error('Not authorized'), { returnCode: 5 });
    const { port } = await broker(undefined, {
      authenticate: (_client, _username, _password, done) => done(refuses as never, false),
    });
    const failure = await failureOf(sendersTo(port, 'user:wrong@').send(publish('x')));
    expect(String(failure)).toMatch(/is not connected: .*Not authorized/);
    expect(classifyError(failure)).toBe('RETRYABLE');
  });
});

describe('a message that the broker has not acknowledged', () => {
  test('is not delivered yet', async () => {
    const held: (() => void)[] = [];
    const { port } = await broker(undefined, {
      authorizePublish: (_client, _packet, done) => held.push(() => done(null)),
    });
    const senders = sendersTo(port);
    let isDelivered = false;
    const sending = senders.send(publish('held')).then(() => {
      isDelivered = true;
    });
    await vi.waitFor(() => expect(held).toHaveLength(1));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isDelivered).toBe(false);
    held[0]?.();
    await sending;
  });

  test('is refused when the connection is lost, and then sent only by the outbox', async () => {
    // Accepts the connection but never answers.
    let hasArrived = false;
    const stalled = await listen((socket) => {
      socket.once('data', () => {
        socket.once('data', () => {
          hasArrived = true;
        });
        socket.write(Buffer.from([0x20, 0x02, 0x00, 0x00]));
      });
    });
    const senders = sendersTo(stalled.port);
    const sending = failureOf(senders.send(publish('lost')));
    await vi.waitFor(() => expect(hasArrived).toBe(true));
    await stalled.drop();
    const failure = await sending;
    expect(String(failure)).toContain('did not accept the message');
    expect(classifyError(failure)).toBe('RETRYABLE');
    const next = await broker(stalled.port);
    await vi.waitFor(() => senders.send(publish('again')), { timeout: 10_000, interval: 100 });
    expect(next.published.map(({ payload }) => payload.toString())).toEqual(['again']);
  });
});
