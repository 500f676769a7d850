import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { apiFront } from '../../test/support/api-front.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import { type HttpServer, listen } from './http-server.ts';
import { OrdinaryConnection } from './ordinary-connection.ts';

const body = JSON.stringify({
  messages: [{ messageId: 'm-1', inputName: 'PressureInput', payload: 'e30=' }],
});
const put = (...headers: string[]) =>
  ['POST /inputs/messages HTTP/1.1', 'Host: localhost', ...headers, '', body].join('\r\n');
const LENGTH = `Content-Length: ${body.length}`;
const ordinary = put(LENGTH);
const last = put(LENGTH, 'Connection: close');

/** What differs from one answer to the next. */
const comparable = (text: string) => text.replaceAll(/(x-amzn-RequestId|Date): [^\r]*/g, '$1: …');

describe('beside a server whose requests Node reads', () => {
  let servers: { readonly ours: HttpServer; readonly node: HttpServer };
  /** How many of the requests to `ours` were taken directly. */
  let taken = 0;

  beforeAll(async () => {
    const { listener, direct } = apiFront({
      BatchPutMessage: async () => ({ BatchPutMessageErrorEntries: [] }),
      ListInputs: () => ({ inputSummaries: [] }),
    });
    const options = { host: '127.0.0.1', port: 0 };
    const counted: typeof direct = {
      takes: direct.takes,
      answer: (...request) => {
        taken++;
        return direct.answer(...request);
      },
    };
    servers = { ours: await listen(options, listener, counted), node: await listen(options, listener) };
  });

  afterAll(() => Promise.all([servers.ours.close(), servers.node.close()]));

  /** Everything that a server answers to these chunks; with `waits`, each is sent after the answer to the one before. */
  function exchange({ url }: HttpServer, chunks: readonly string[], waits: boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      const unsent = [...chunks];
      const send = () => {
        const chunk = unsent.shift();
        if (chunk === undefined) socket.end();
        else socket.write(chunk, () => waits || setImmediate(send));
      };
      const socket = connect(Number(new URL(url).port), '127.0.0.1', send);
      socket.setNoDelay(true);
      let text = '';
      socket.on('data', (data) => {
        text += data;
        if (waits) send();
      });
      socket.on('close', () => resolve(comparable(text)));
      socket.on('error', reject);
    });
  }

  test('an answer is the same to the byte', async () => {
    const before = taken;
    const [ours, node] = await Promise.all([
      exchange(servers.ours, [ordinary], true),
      exchange(servers.node, [ordinary], true),
    ]);
    expect(taken).toBe(before + 1);
    expect(ours).toMatch(/Keep-Alive: timeout=65\r\n/);
    expect(ours).toBe(node);
  });

  const requests = [
    ...[ordinary, ordinary, ordinary],
    // The same head with another body, which is refused.
    ordinary.replace('e30=', '!30='),
    put(LENGTH, 'X-Amz-Date: a', 'x-amz-date: b'),
    put('Content-Length: 2').slice(0, 2 - body.length),
    'GET /inputs?maxResults=1 HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'GET /inputs HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n',
    `${put('Transfer-Encoding: chunked').slice(0, -body.length)}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  ];

  test('any requests, cut anywhere, get the same answers in the same order', async () => {
    const before = taken;
    const streams = fc.record({
      list: fc.array(fc.constantFrom(...requests), { minLength: 1, maxLength: 6 }),
      cuts: fc.array(fc.nat(1200), { maxLength: 4 }),
      isWhole: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(streams, async ({ list, cuts, isWhole }) => {
        const text = [...list, last].join('');
        const places = [0, ...cuts.filter((at) => at < text.length).sort((a, b) => a - b), text.length];
        // One request in each chunk, or cut without regard to them.
        const chunks = isWhole
          ? [...list, last]
          : places.slice(1).map((end, index) => text.slice(places[index], end));
        const [ours, node] = await Promise.all([
          exchange(servers.ours, chunks, isWhole),
          exchange(servers.node, chunks, isWhole),
        ]);
        expect(ours).toBe(node);
      }),
      { numRuns: 500 },
    );
    expect(taken).toBeGreaterThan(before + 100);
  });
});

describe('a connection', () => {
  let server: Server;
  let accepted: Socket;
  let connection: OrdinaryConnection;
  let client: Socket;
  let received: string;
  let happened: string[];
  let handedOver: string;
  /** Answers the request under way. */
  let answer: () => void;
  let onRequest: () => void;

  beforeEach(async () => {
    received = '';
    happened = [];
    handedOver = '';
    onRequest = () => {};
    server = createServer();
    server.removeAllListeners('connection');
    const isAccepted = new Promise<void>((resolve) => {
      server.on('connection', (socket: Socket) => {
        accepted = socket;
        connection = new OrdinaryConnection(socket, {
          direct: {
            takes: () => true,
            answer: () =>
              new Promise((resolve) => {
                answer = () => resolve({ status: 200, headers: { 'Content-Length': 2 }, text: 'ok' });
                onRequest();
              }),
          },
          limits: DEFAULT_LIMITS,
          firstTimeout: 10_000,
          idleTimeout: 20_000,
          handOver: (socket) => {
            happened.push('handed over');
            socket.on('data', (chunk) => {
              handedOver += chunk;
            });
          },
          onLate: () => happened.push('late'),
          onGone: () => happened.push('gone'),
        });
        resolve();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    client = connect({ port: (server.address() as AddressInfo).port, allowHalfOpen: true });
    client.on('data', (data) => {
      received += data;
    });
    await isAccepted;
  });

  afterEach(async () => {
    client.destroy();
    accepted.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  const isAsked = () =>
    new Promise<void>((resolve) => {
      onRequest = resolve;
    });
  const isEnded = () => new Promise<void>((resolve) => client.on('end', resolve));
  const isAnswered = () => new Promise((resolve) => client.once('data', resolve));

  async function ask(): Promise<void> {
    const asked = isAsked();
    client.write(ordinary);
    await asked;
  }

  test('is closed at once when nothing is under way', async () => {
    const ended = isEnded();
    connection.close();
    await ended;
    expect(happened).toEqual(['gone']);
  });

  test('is closed after the answer under way, which says so', async () => {
    await ask();
    const ended = isEnded();
    connection.close();
    answer();
    await ended;
    expect(received).toMatch(
      /^HTTP\/1\.1 200 OK\r\nContent-Length: 2\r\nDate: [^\r]* GMT\r\nConnection: close\r\n\r\nok$/,
    );
  });

  test('whose client has nothing more to send still gets its answer', async () => {
    await ask();
    const halfClosed = new Promise((resolve) => accepted.once('end', resolve));
    client.end();
    await halfClosed;
    const ended = isEnded();
    answer();
    await ended;
    expect(received).toMatch(/Connection: close\r\n\r\nok$/);
  });

  test('whose client has gone takes its answer nowhere', async () => {
    await ask();
    const closed = new Promise((resolve) => accepted.once('close', resolve));
    client.resetAndDestroy();
    await closed;
    answer();
    await new Promise(setImmediate);
    expect(happened).toEqual(['gone']);
  });

  test('is late before the first request, and closed when idle after an answer, but not during one', async () => {
    accepted.emit('timeout');
    expect(happened).toEqual(['late']);
    expect(accepted.timeout).toBe(10_000);
    await ask();
    accepted.emit('timeout');
    expect(accepted.destroyed).toBe(false);
    const answered = isAnswered();
    answer();
    await answered;
    expect(accepted.timeout).toBe(20_000);
    const ended = isEnded();
    accepted.emit('timeout');
    await ended;
    expect(happened).toEqual(['late', 'gone']);
  });

  test('is handed over when the next request comes before the answer, with that request', async () => {
    await ask();
    client.write(ordinary);
    await new Promise((resolve) => accepted.once('pause', resolve));
    expect(happened).toEqual([]);
    answer();
    await isAnswered();
    expect(happened).toEqual(['gone', 'handed over']);
    expect(accepted.timeout).toBe(0);
    expect(handedOver).toBe(ordinary);
  });

  test('whose client does not read its answers is read again once it does', async () => {
    await ask();
    // As if the answer did not fit into the socket.
    const write = accepted.write.bind(accepted);
    accepted.write = ((text: string) => write(text) && false) as typeof accepted.write;
    const answered = isAnswered();
    answer();
    await answered;
    expect(accepted.isPaused()).toBe(true);
    accepted.emit('drain');
    expect(accepted.isPaused()).toBe(false);
    await ask();
  });
});
