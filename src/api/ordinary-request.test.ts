import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../limits.ts';
import { type OrdinaryHead, readOrdinary } from './ordinary-request.ts';

const limits = { ...DEFAULT_LIMITS, headerBytes: 400, bodyBytes: 50 };
const read = (text: string, latest?: OrdinaryHead) =>
  readOrdinary(Buffer.from(text, 'latin1'), new Socket(), limits, latest);

const request = (line: string, headers: readonly string[], body = '') =>
  [line, ...headers, '', body].join('\r\n');
const put = (headers: readonly string[], body = '') =>
  request('POST /inputs/messages HTTP/1.1', ['Host: localhost', ...headers], body);

describe('is taken', () => {
  test('with everything that Node reads in it', () => {
    const { head, body } =
      read(put(['Content-Length: 2', 'X-Amz-Date:  now ', 'X-Empty:', 'Connection: Keep-Alive'], '{}')) ?? {};
    expect(head).toMatchObject({ method: 'POST', url: '/inputs/messages' });
    expect(head?.headers).toEqual({
      ...{ host: 'localhost', 'content-length': '2', 'x-amz-date': 'now' },
      ...{ 'x-empty': '', connection: 'Keep-Alive' },
    });
    expect(head?.headersDistinct['x-amz-date']).toEqual(['now']);
    expect(String(body)).toBe('{}');
  });

  test.each([
    ['without a body', request('GET /inputs?maxResults=1 HTTP/1.1', ['Host: a'])],
    ['with an empty one', put(['Content-Length: 0'])],
    ['as long as allowed', put(['Content-Length: 50'], 'x'.repeat(50))],
    ['with any bytes in its body', put(['Content-Length: 4'], '\r\n\r\n')],
  ])('%s', (_what, text) => expect(read(text)).toBeDefined());
});

test('a head that is repeated is read once, and each body is its own', () => {
  const first = read(put(['Content-Length: 2'], '{}'));
  const again = (text: string) => read(text, first?.head);
  expect(again(put(['Content-Length: 2'], '[]'))).toEqual({ head: first?.head, body: Buffer.from('[]') });
  expect(again(put(['Content-Length: 2'], '[]'))?.head).toBe(first?.head);
  expect(again(put(['Content-Length: 2'], '['))).toBeUndefined();
  expect(again(put(['Content-Length: 2'], '[1]'))).toBeUndefined();
  expect(again(put(['Content-Length: 3'], '[1]'))).toMatchObject({ head: { length: 3 } });
});

describe("is left to Node's server", () => {
  test.each([
    ['a part of it', put(['Content-Length: 2'], '{')],
    ['a head without its end', 'POST /inputs/messages HTTP/1.1\r\nHost: a\r\n'],
    ['more than it', put(['Content-Length: 2'], '{}P')],
    ['two', put(['Content-Length: 2'], '{}').repeat(2)],
    ['a body without a length', put([], '{}')],
    ['a length that is none', put(['Content-Length: 0x2'], '{}')],
    ['a signed length', put(['Content-Length: +2'], '{}')],
    ['an empty length', put(['Content-Length:'])],
    ['two lengths', put(['Content-Length: 2', 'Content-Length: 2'], '{}')],
    ['two lengths in one', put(['Content-Length: 2, 2'], '{}')],
    ['a length and chunks', put(['Content-Length: 2', 'Transfer-Encoding: chunked'], '{}')],
    ['a longer body than allowed', put(['Content-Length: 51'], 'x'.repeat(51))],
    ['a longer head than allowed', put([`X-Long: ${'x'.repeat(400)}`])],
    ['one that waits to be asked for its body', put(['Content-Length: 2', 'Expect: 100-continue'], '{}')],
    ['another protocol', put(['Connection: Upgrade', 'Upgrade: websocket'])],
    ['an upgrade that nobody asks for', put(['Upgrade: websocket'])],
    ['the last of its connection', put(['Connection: close'])],
    ['the same header twice', put(['X-Amz-Date: a', 'x-amz-date: b'])],
    ['a header that objects have', put(['__proto__: a'])],
    ['another header that objects have', put(['constructor: a'])],
    ['a header in two lines', put(['X-Long: a', ' b'])],
    ['a header without a colon', put(['X-Long'])],
    ['a header without a name', put([': a'])],
    ['a space before the colon', put(['Content-Length : 2'], '{}')],
    ['bytes beyond ASCII', put(['X-Name: \xe9'])],
    ['a tab', put(['X-Name: a\tb'])],
    ['a bare line feed', put(['X-Name: a\nContent-Length: 2'], '{}')],
    ['a bare carriage return', put(['X-Name: a\rb'])],
    ['a zero', put(['X-Name: a\0'])],
    ['no host', request('GET /inputs HTTP/1.1', ['X-Host: a'])],
    ['no header at all', 'GET /inputs HTTP/1.1\r\n\r\n'],
    ['HTTP/1.0', request('GET /inputs HTTP/1.0', ['Host: a'])],
    ['an absolute target', request('GET http://a/inputs HTTP/1.1', ['Host: a'])],
    ['a fragment', request('GET /inputs#a HTTP/1.1', ['Host: a'])],
    ['a space in the target', request('GET /inputs a HTTP/1.1', ['Host: a'])],
    ['a method in lower case', request('get /inputs HTTP/1.1', ['Host: a'])],
    ['an empty line first', `\r\n${put([])}`],
    ['nothing', ''],
  ])('%s', (_what, text) => expect(read(text)).toBeUndefined());
});

describe('compared with Node', () => {
  let server: Server;
  let received: { message: IncomingMessage; body: string }[];

  beforeAll(async () => {
    server = createServer((message, response) => {
      let body = '';
      message.setEncoding('latin1').on('data', (chunk) => {
        body += chunk;
      });
      message.on('end', () => {
        received.push({ message, body });
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterAll(() => server.close());

  /** The requests that Node reads in these bytes, until it or they end. */
  function byNode(bytes: Buffer): Promise<typeof received> {
    received = [];
    return new Promise((resolve) => {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      socket.on('error', () => {});
      socket.on('close', () => resolve(received));
      socket.resume();
      socket.end(bytes);
    });
  }

  const piece = fc.constantFrom(
    ...[
      'Content-Length: 2',
      'content-length:2',
      'Content-Length: 3',
      'X-Amz-Date: now',
      'x-amz-date: ',
      'Date: a b',
    ],
    ...['Connection: keep-alive', 'Connection: close', 'Transfer-Encoding: chunked', 'Expect: 100-continue'],
    ...[
      'Cookie: a=b',
      'Set-Cookie: a=b',
      ' folded',
      'no colon',
      'X-Ünusual: a',
      'X-Tab: a\tb',
      '__proto__: a',
    ],
  );
  const bytes = fc
    .record({
      line: fc.constantFrom(
        'POST /a HTTP/1.1',
        'POST /b HTTP/1.1',
        'GET /a?b=c HTTP/1.1',
        'PUT /a HTTP/1.0',
        'BREW /a HTTP/1.1',
      ),
      host: fc.constantFrom('Host: a', 'Host: b', 'hOST:  a ', 'X-Host: a'),
      pieces: fc.array(piece, { maxLength: 3 }),
      body: fc.constantFrom('{}', '', '{}\r\n', '0\r\n\r\n'),
      at: fc.nat(120),
      other: fc.option(fc.string({ unit: 'binary', maxLength: 2 }), { freq: 1 }),
    })
    .map(({ line, host, pieces, body, at, other }) => {
      const text = request(line, [host, ...pieces], body);
      const changed = other === null ? text : text.slice(0, at) + other + text.slice(at + 1);
      return Buffer.from(changed, 'latin1');
    });

  test('whatever is taken, Node reads as the same single request', async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(bytes, async (bytes) => {
        const ours = readOrdinary(bytes, new Socket(), limits);
        if (ours === undefined) return;
        taken++;
        const [theirs, ...others] = await byNode(bytes);
        expect(others).toEqual([]);
        const { method, url, headers, headersDistinct } = theirs?.message ?? {};
        expect(ours.head).toMatchObject({ method, url });
        expect(ours.head.headers).toEqual({ ...headers });
        expect(ours.head.headersDistinct).toEqual({ ...headersDistinct });
        expect(ours.body.toString('latin1')).toBe(theirs?.body);
      }),
      { numRuns: 3000 },
    );
    expect(taken).toBeGreaterThan(50);
  });
});
