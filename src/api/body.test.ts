import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createBodyReader } from './body.ts';

const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A reader of bodies that together may have 100 bytes while they are being sent, behind a server. */
async function open(): Promise<{ readonly connection: () => Promise<Socket>; readonly parts: EventEmitter }> {
  const read = createBodyReader({ bodyBytes: 10_000, bodiesBytes: 100 });
  const answer = (request: IncomingMessage) =>
    read(request).then(
      (body) => `read ${body.length}`,
      (error: Error) => error.message,
    );
  const parts = new EventEmitter();
  const server = createServer(async (request, response) => {
    const answered = answer(request);
    request.on('data', () => parts.emit('part'));
    response.end(await answered);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  closing.push(() => server.close());
  return {
    parts,
    async connection() {
      const socket = connect(port, '127.0.0.1').setNoDelay(true);
      closing.push(() => socket.destroy());
      await once(socket, 'connect');
      return socket;
    },
  };
}

const head = (length: string) => `POST / HTTP/1.1\r\nHost: test\r\n${length}\r\n\r\n`;

async function answerOn(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    const body = /\r\n\r\n(?:[0-9a-f]+\r\n)?([^\r]+)/.exec(text)?.[1];
    if (body !== undefined) return body;
  }
  return text;
}

test('a body that comes as a whole is not one of those being sent', async () => {
  const { connection } = await open();
  const socket = await connection();
  socket.write(`${head('Content-Length: 5000')}${'x'.repeat(5000)}`);
  expect(await answerOn(socket)).toBe('read 5000');
});

test.each([
  ['with a length', 'Content-Length: 90', (part: string) => part],
  [
    'in chunks',
    'Transfer-Encoding: chunked',
    (part: string) => `${part.length.toString(16)}\r\n${part}\r\n${part.endsWith('z') ? '0\r\n\r\n' : ''}`,
  ],
])('of bodies being sent %s the oldest is abandoned', async (_, length, encode) => {
  const { connection, parts } = await open();
  const [first, second] = [await connection(), await connection()];
  first.write(head(length) + encode('x'.repeat(60)));
  await once(parts, 'part');
  second.write(head(length) + encode('y'.repeat(60)));
  expect(await answerOn(first)).toMatch(/^Too many request bodies/);
  second.write(encode(`${'y'.repeat(29)}z`));
  expect(await answerOn(second)).toBe('read 90');
});
