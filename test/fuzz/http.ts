import { connect } from 'node:net';
import { startTestServer } from '../support/server.ts';
import { mutate, type Target } from './target.ts';

const BODY = '{"messages":[{"messageId":"1","inputName":"I","payload":"e30="}]}';
const SEEDS = [
  `POST /inputs/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
  'GET /detectors/M/keyValues/?keyValue=a%3Ab HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  'DELETE /tags?resourceArn=arn%3Aaws&tagKeys=a&tagKeys=b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  'POST /alarms/snooze HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"sno\r\n0\r\n\r\n',
  'GET /_tripline/actions?maxResults=5&status=FAILED HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
];
const PIECES = [
  '\r\n',
  '\r\n\r\n',
  ': ',
  '%',
  '%00',
  '%c0%80',
  '/',
  '//',
  '..',
  '?',
  '&',
  '=',
  '{',
  '[',
  '"',
  '\0',
  'HTTP/1.1',
];
const PIECES_OF_HEADERS = [
  'Content-Length: 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Expect: 100-continue\r\n',
  'Upgrade: x\r\n',
];

/** Bytes sent to the port of a real server. */
export async function http(): Promise<Target> {
  const server = await startTestServer();
  const port = Number(new URL(server.url).port);
  const answers = new Map<string, number>();
  return {
    name: 'http',
    async run(random) {
      const request = mutate(random, random.pick(SEEDS), [...PIECES, ...PIECES_OF_HEADERS]);
      const text = random.chance(0.1) ? request + mutate(random, random.pick(SEEDS), PIECES) : request;
      const status = await send(port, Buffer.from(text, 'latin1'), random.chance(0.2));
      answers.set(status, (answers.get(status) ?? 0) + 1);
      if (/^5(?!01|03)/.test(status)) throw new Error(`answered with ${status}: ${JSON.stringify(text)}`);
    },
    async check() {
      const response = await fetch(`${server.url}/healthz`);
      if (!response.ok) throw new Error(`/healthz answers ${response.status}`);
    },
    close: () => server.dispose(),
  };
}

/** The first status received; `none` when the server closes the connection, or waits for the rest of the request. */
function send(port: number, bytes: Buffer, inTwo: boolean): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    const end = () => {
      socket.destroy();
      resolve(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 'none');
    };
    socket.setTimeout(30, end);
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (answer.includes('\r\n')) end();
    });
    socket.on('error', end);
    socket.on('close', end);
    if (inTwo) {
      socket.write(bytes.subarray(0, bytes.length >> 1));
      setImmediate(() => socket.end(bytes.subarray(bytes.length >> 1)));
    } else socket.end(bytes);
  });
}
