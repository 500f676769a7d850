import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../limits.ts';
import type { Log } from '../runtime/log.ts';
import { createApi, type Handlers } from './api.ts';
import { createFront, type FindRoute, type Route } from './front.ts';
import { type HttpServer, listen } from './http-server.ts';

/**
 * Behaviour visible only on a socket: connections kept and closed, requests that are not HTTP, clients that disconnect.
 */
const BODY_BYTES = 100_000;
const logged: string[] = [];
let onLogged: (() => void) | undefined;
const note = (level: string) => (_fields: object, message: string) => {
  logged.push(`${level}: ${message}`);
  onLogged?.();
};
const log: Log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
const ABORTED = 'debug: request was aborted';

describe.each([
  ['Node reads every request', false],
  ['ordinary requests are taken directly', true],
])('%s', (_how, isDirect) => {
  let server: HttpServer;
  let port: number;
  let received: number;

  beforeAll(async () => {
    const handlers = {
      BatchPutMessage: ({ messages }: { messages: readonly unknown[] }) => {
        received += messages.length;
        return { BatchPutMessageErrorEntries: [] };
      },
      ListInputs: () => ({ inputSummaries: [] }),
      CreateInput: () => {
        throw new Error('unforeseen');
      },
    };
    const limits = { ...DEFAULT_LIMITS, bodyBytes: BODY_BYTES };
    const api = createApi({ handlers: () => handlers as Partial<Handlers> as Handlers });
    const healthz: Route = {
      answer: async (_request, response, query) => void response.end(`ok ${query.get('a')}`),
    };
    const half: Route = {
      answer: async (_request, response) =>
        void response.writeHead(200, { 'Content-Length': 10 }).write('half'),
    };
    const own = new Map([
      ['GET /healthz', healthz],
      ['GET /half', half],
    ]);
    const findRoute: FindRoute = (method, path) => own.get(`${method} ${path}`);
    const front = createFront({ api, findRoute, allowedHosts: [], limits, log });
    server = await listen(
      { host: '127.0.0.1', port: 0 },
      front.listener,
      isDirect ? front.direct : undefined,
    );
    port = Number(new URL(server.url).port);
  });

  beforeEach(() => {
    received = 0;
    logged.length = 0;
  });

  afterAll(() => server.close());

  const message = { messageId: 'm-1', inputName: 'PressureInput', payload: 'e30=' };
  const body = JSON.stringify({ messages: [message] });

  /** Everything that the server sends in reply to these bytes until either side closes the connection. */
  function exchange(bytes: string | Buffer, { end = true } = {}): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.on('data', (data) => {
        text += data;
      });
      socket.on('close', () => resolve(text));
      // A reset after the answer is not a failure here; without an answer the text shows it.
      socket.on('error', (error) => (text === '' ? reject(error) : resolve(text)));
      if (end) socket.end(bytes);
      else socket.write(bytes);
    });
  }

  const head = (line: string, ...headers: string[]) =>
    [`${line} HTTP/1.1`, 'Host: localhost', ...headers, '', ''].join('\r\n');

  const put = (...headers: string[]) => head('POST /inputs/messages', ...headers);

  function expectRefusal(answer: string, message: string | RegExp): void {
    const [top = '', content = ''] = answer.split('\r\n\r\n');
    expect(top).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(top).toMatch(/x-amzn-ErrorType: InvalidRequestException/);
    expect(top).toMatch(/x-amzn-RequestId: [0-9a-f-]{36}/);
    expect(top).toMatch(/Connection: close/);
    expect(JSON.parse(content)).toEqual({
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
  }

  describe('input that is not HTTP gets an answer that clients can parse', () => {
    test.each([
      ['nonsense', 'nonsense\r\n\r\n'],
      ['bytes', '\x00\x01\x02'],
      ['two lengths', `${put('Content-Length: 2', 'Content-Length: 3')}{}`],
      ['a length that is none', `${put('Content-Length: two')}{}`],
      ['a length and chunks', `${put('Content-Length: 2', 'Transfer-Encoding: chunked')}{}`],
      ['no host', 'GET /inputs HTTP/1.1\r\nBad Header\r\n\r\n'],
      ['broken chunks', `${put('Transfer-Encoding: chunked')}zz\r\n`],
      ['broken chunks, later', `${put('Transfer-Encoding: chunked')}1\r\n{\r\nzz\r\n`],
    ])('%s', async (_what, bytes) => {
      expectRefusal(await exchange(bytes, { end: false }), 'The request is not valid HTTP');
      expect(received).toBe(0);
    });

    test('endless headers', async () => {
      const bytes = head('GET /inputs', `X-Long: ${'x'.repeat(20_000)}`);
      expectRefusal(await exchange(bytes, { end: false }), 'The request headers are too large');
    });

    test('after an answered request', async () => {
      const answer = await exchange(`${head('GET /inputs')}nonsense\r\n\r\n`, { end: false });
      const at = answer.lastIndexOf('HTTP/1.1');
      expect(answer.slice(0, at)).toMatch(/^(HTTP\/1\.1 200 OK|$)/);
      expectRefusal(answer.slice(at), 'The request is not valid HTTP');
    });
  });

  test('never into the middle of an answer', async () => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.write(head('GET /half'));
    await new Promise<void>((resolve) => {
      socket.on('data', (data) => {
        text += data;
        if (text.endsWith('half')) socket.write('nonsense\r\n\r\n');
      });
      socket.on('error', () => resolve());
      socket.on('close', () => resolve());
    });
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text.split('\r\n\r\n').slice(1)).toEqual(['half']);
  });

  describe('problems are logged according to their cause', () => {
    const noted = () =>
      new Promise<void>((resolve) => {
        onLogged = resolve;
      });

    test('a failure after the body was read', async () => {
      const input = JSON.stringify({
        inputName: 'a',
        inputDefinition: { attributes: [{ jsonPath: 'a' }] },
      });
      const headers = [`Content-Length: ${input.length}`, 'Connection: close'];
      expect(await exchange(`${head('POST /inputs', ...headers)}${input}`)).toMatch(/^HTTP\/1\.1 500 /);
      expect(logged).toEqual(['error: request failed']);
    });

    test('a client that disconnects while sending', async () => {
      const aborted = noted();
      const socket = connect(port, '127.0.0.1');
      socket.write(`${put('Content-Length: 1000')}{`, () => socket.resetAndDestroy());
      await aborted;
      expect(logged).toEqual([ABORTED]);
    });
  });

  describe('lengths', () => {
    test('none: no body', async () => {
      expectRefusal(await exchange(put('Connection: close')), /Value null at 'messages'/);
    });

    test('chunks, split anywhere', async () => {
      const chunks = [...body].map((char) => `1\r\n${char}\r\n`).join('');
      const answer = await exchange(
        `${put('Transfer-Encoding: chunked', 'Connection: close')}${chunks}0\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
      expect(received).toBe(1);
    });

    test('Expect: 100-continue', async () => {
      const headers = [`Content-Length: ${body.length}`, 'Expect: 100-continue', 'Connection: close'];
      const answer = await exchange(`${put(...headers)}${body}`);
      expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
    });

    test('an upload that ends early changes nothing', async () => {
      const answer = await exchange(`${put(`Content-Length: ${body.length}`)}${body.slice(0, 10)}`);
      if (answer !== '') expectRefusal(answer, 'The request is not valid HTTP');
      expect(received).toBe(0);
      expect(logged.filter((text) => text !== ABORTED)).toEqual([]);
    });
  });

  /** Sends one request over a keep-alive agent; tells whether the connection was reused. */
  function send(
    agent: Agent,
    path: string,
    payload: Buffer | undefined,
    chunked = false,
  ): Promise<{ status: number | undefined; reused: boolean; text: string }> {
    return new Promise((resolve, reject) => {
      const headers = payload === undefined || chunked ? {} : { 'Content-Length': payload.length };
      const method = payload === undefined ? 'GET' : 'POST';
      const request = httpRequest({ port, method, path, headers, agent }, (response) => {
        let text = '';
        response.on('data', (data) => {
          text += data;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode, reused: request.reusedSocket, text }),
        );
      });
      request.on('error', reject);
      for (let at = 0; payload !== undefined && at < payload.length; at += 16_384) {
        request.write(payload.subarray(at, at + 16_384));
      }
      request.end();
    });
  }

  describe('a body beyond the limit', () => {
    const message = `The request body is larger than the limit of ${BODY_BYTES} bytes`;

    test.each([
      ['with a length', false],
      ['in chunks', true],
    ])('%s is answered, and the connection stays usable', async (_what, chunked) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const first = await send(agent, '/inputs/messages', Buffer.alloc(BODY_BYTES + 1, 'x'), chunked);
      expect(first).toEqual({ status: 400, reused: false, text: JSON.stringify({ message }) });
      const next = await send(agent, '/inputs/messages', Buffer.from(body));
      expect(next).toMatchObject({ status: 200, reused: true });
      agent.destroy();
    });

    test('announced by its length is refused before it is sent', async () => {
      const answer = await exchange(put('Content-Length: 99999999999'), { end: false });
      expectRefusal(answer, message);
    });

    test('that never ends is cut off', async () => {
      const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`.repeat((BODY_BYTES * 9) / 0x8000);
      const answer = await exchange(`${put('Transfer-Encoding: chunked')}${chunk}`, { end: false });
      expectRefusal(answer, message);
    });
  });

  test.each([
    ['/nothing', 404],
    ['/inputs/%zz', 400],
    ['/inputs?nextToken=%zz', 400],
  ])('after GET %s the connection stays usable', async (path, status) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect(await send(agent, path, undefined)).toMatchObject({ status });
    expect(await send(agent, '/inputs', undefined)).toMatchObject({ status: 200, reused: true });
    agent.destroy();
  });

  test('an absolute target is treated as its path', async () => {
    const answer = await exchange(head(`GET ${server.url}/inputs?maxResults=1`, 'Connection: close'));
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  test('own routes get their query, and take precedence over the API', async () => {
    const answer = await exchange(head('GET /healthz?a=1', 'Connection: close'));
    expect(answer).toMatch(/ok 1/);
    // Other methods are left to the API to refuse.
    expect(await exchange(head('POST /healthz', 'Connection: close'))).toMatch(/^HTTP\/1\.1 404/);
  });

  test('whatever the bytes on the socket, any answer is well-formed and the server keeps running', async () => {
    const requests = [put(`Content-Length: ${body.length}`) + body, head('GET /inputs')];
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
      // An almost valid request: one character replaced.
      fc
        .tuple(fc.constantFrom(...requests), fc.nat(200), fc.string({ unit: 'binary', maxLength: 2 }))
        .map(([text, at, other]) =>
          Buffer.from(`${text.slice(0, at)}${other}${text.slice(at + 1)}`, 'latin1'),
        ),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (bytes) => {
        const answer = await exchange(bytes);
        // A request that the client itself cuts off gets no answer.
        if (answer !== '') expect(answer).toMatch(/^HTTP\/1\.1 (?:100|200|40[0345]|417|501) /);
      }),
      { numRuns: 1000 },
    );
    expect(await exchange(head('GET /inputs', 'Connection: close'))).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(logged.filter((text) => text !== ABORTED)).toEqual([]);
  });

  test('a client that does not read its answer does not keep the server from closing', async () => {
    let begun: () => void = () => {};
    const isBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const stalled = await listen({ host: '127.0.0.1', port: 0, closeGrace: 20 }, (_request, response) => {
      response.writeHead(200).write('the first part of many');
      begun();
    });
    const socket = connect(Number(new URL(stalled.url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await isBegun;
    await stalled.close();
    socket.destroy();
  });
});
