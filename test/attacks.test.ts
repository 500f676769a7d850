import { createHash, createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTestServer, type TestServer } from './support/server.ts';

/** A server with credentials, and requests that must be refused: each case changes one thing of a valid request. */
const KEY = { accessKeyId: 'AKIAPLANT', secretAccessKey: 'right-secret' };
const READER = { accessKeyId: 'AKIAREADER', secretAccessKey: 'reader-secret' };
const BODY = JSON.stringify({ inputName: 'Attack', inputDefinition: { attributes: [{ jsonPath: 'a' }] } });

let folder: string;
let server: TestServer;
let host: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tripline-attacks-'));
  const credentials = join(folder, 'credentials.json');
  const policy = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['iotevents:Describe*', 'iotevents:List*'], Resource: '*' },
      { Effect: 'Deny', Action: '*', Resource: 'arn:aws:iotevents:*:*:input/Secret*' },
    ],
  };
  writeFileSync(credentials, JSON.stringify({ credentials: [KEY, { ...READER, policy }] }), { mode: 0o600 });
  server = await startTestServer({ unauthenticatedConnections: 20, bodiesBytes: 4_000_000 }, { credentials });
  host = new URL(server.url).host;
});

afterAll(async () => {
  await server.dispose();
  rmSync(folder, { recursive: true, force: true });
});

interface Sent {
  readonly method: string;
  /** Includes the query, as sent. */
  readonly path: string;
  readonly headers: [name: string, value: string][];
  readonly body: string;
}

interface SignOptions {
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
  readonly key?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  readonly region?: string;
  readonly service?: string;
  readonly date?: Date;
  readonly headers?: Readonly<Record<string, string>>;
}

class Sha256 {
  readonly #parts: Buffer[] = [];
  readonly #secret: string | Buffer | undefined;
  constructor(secret?: string | Uint8Array | ArrayBuffer) {
    this.#secret =
      secret === undefined
        ? undefined
        : typeof secret === 'string'
          ? secret
          : Buffer.from(secret as Uint8Array);
  }
  update(chunk: string | Uint8Array): void {
    this.#parts.push(Buffer.from(chunk));
  }
  reset(): void {
    this.#parts.length = 0;
  }
  async digest(): Promise<Uint8Array> {
    const whole = Buffer.concat(this.#parts);
    return this.#secret === undefined
      ? createHash('sha256').update(whole).digest()
      : createHmac('sha256', this.#secret).update(whole).digest();
  }
}

/** A request signed by the AWS SDK's own signer. */
async function signed({
  method = 'POST',
  path = '/inputs',
  body = method === 'GET' ? '' : BODY,
  key = KEY,
  region = 'us-east-1',
  service = 'iotevents',
  date = new Date(),
  headers = {},
}: SignOptions = {}): Promise<Sent> {
  const [pathname = '', search = ''] = path.split('?');
  const query: Record<string, string[]> = {};
  for (const [name, value] of new URLSearchParams(search)) query[name] = [...(query[name] ?? []), value];
  const signer = new SignatureV4({ service, region, credentials: key, sha256: Sha256 as never });
  const signedRequest = await signer.sign(
    {
      ...{ method, protocol: 'http:', hostname: '127.0.0.1', path: pathname, query },
      headers: { host, 'content-type': 'application/json', ...headers },
      ...(body !== '' && { body }),
    },
    { signingDate: date },
  );
  return { method, path, headers: Object.entries(signedRequest.headers), body };
}

/** Uses a bare socket, so that no client changes the request. */
function send({
  method,
  path,
  headers,
  body,
}: Sent): Promise<{ status: number; error: string; text: string }> {
  const chunked = headers.some(([name]) => name === 'transfer-encoding');
  const framed = chunked ? `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n` : body;
  const own =
    chunked || headers.some(([name]) => name === 'content-length')
      ? []
      : [['content-length', String(Buffer.byteLength(body))]];
  const lines = [...headers, ...own, ['connection', 'close']].map(([name, value]) => `${name}: ${value}\r\n`);
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => {
      const status = Number(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1]);
      const error = /^x-amzn-errortype: (.*)\r$/im.exec(answer)?.[1] ?? '';
      resolve({ status, error, text: answer });
    });
    socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${framed}`);
  });
}

function change(sent: Sent, changes: Partial<Sent>): Sent {
  return { ...sent, ...changes };
}

function header(sent: Sent, name: string, value: string | undefined): Sent {
  const others = sent.headers.filter(([each]) => each !== name);
  return { ...sent, headers: value === undefined ? others : [...others, [name, value]] };
}

function authorization(sent: Sent, edit: (value: string) => string): Sent {
  const given = sent.headers.find(([name]) => name === 'authorization')?.[1] ?? '';
  return header(sent, 'authorization', edit(given));
}

const minutes = (count: number) => new Date(Date.now() + count * 60_000);
const SIGNATURE = 'InvalidSignatureException';
const INCOMPLETE = 'IncompleteSignatureException';
const UNKNOWN = 'UnrecognizedClientException';
const MISSING = 'MissingAuthenticationTokenException';
const INVALID = 'InvalidRequestException';

/** A name, the request, and the expected exception. */
const ATTACKS: readonly (readonly [name: string, make: () => Promise<Sent>, error: string])[] = [
  ['no signature at all', async () => header(await signed(), 'authorization', undefined), MISSING],
  [
    'an empty signature',
    async () => authorization(await signed(), (value) => value.replace(/Signature=.*/, 'Signature=')),
    INCOMPLETE,
  ],
  [
    'a signature of zeros',
    async () =>
      authorization(await signed(), (value) => value.replace(/Signature=.*/, `Signature=${'0'.repeat(64)}`)),
    SIGNATURE,
  ],
  [
    'a signature cut short',
    async () => authorization(await signed(), (value) => value.slice(0, -1)),
    SIGNATURE,
  ],
  [
    'a signature in capitals',
    async () =>
      authorization(await signed(), (value) =>
        value.replace(/[0-9a-f]{64}$/, (hex) => hex.toUpperCase().replace(/^\d+$/, 'F')),
      ),
    SIGNATURE,
  ],
  [
    'another algorithm',
    async () => authorization(await signed(), (value) => value.replace('AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA1')),
    INCOMPLETE,
  ],
  [
    'HTTP Basic',
    async () =>
      header(
        await signed(),
        'authorization',
        `Basic ${Buffer.from('AKIAPLANT:right-secret').toString('base64')}`,
      ),
    INCOMPLETE,
  ],
  ['a bearer token', async () => header(await signed(), 'authorization', 'Bearer right-secret'), INCOMPLETE],
  [
    'two signatures',
    async () => authorization(await signed(), (value) => `${value}, Signature=${'0'.repeat(64)}`),
    INCOMPLETE,
  ],
  [
    'two Authorization headers',
    async () => {
      const sent = await signed();
      return change(sent, { headers: [...sent.headers, ['authorization', 'Bearer x']] });
    },
    INVALID,
  ],
  ['the wrong secret', () => signed({ key: { ...KEY, secretAccessKey: 'wrong' } }), SIGNATURE],
  ['an empty secret', () => signed({ key: { ...KEY, secretAccessKey: '' } }), SIGNATURE],
  [
    'an unknown key',
    () => signed({ key: { accessKeyId: 'AKIANOBODY', secretAccessKey: 'right-secret' } }),
    UNKNOWN,
  ],
  [
    'an unknown key with an empty secret',
    () => signed({ key: { accessKeyId: 'AKIANOBODY', secretAccessKey: '' } }),
    UNKNOWN,
  ],
  [
    'the key of one with the secret of another',
    () => signed({ key: { ...KEY, secretAccessKey: READER.secretAccessKey } }),
    SIGNATURE,
  ],
  [
    'the name of another key put in',
    async () =>
      authorization(await signed({ key: READER }), (value) => value.replace('AKIAREADER', 'AKIAPLANT')),
    SIGNATURE,
  ],
  ['a property of objects as key', () => signed({ key: { ...KEY, accessKeyId: '__proto__' } }), UNKNOWN],
  ['a session token', () => signed({ key: { ...KEY, sessionToken: 'token' } }), UNKNOWN],
  ['another body', async () => change(await signed(), { body: BODY.replace('Attack', 'Attacc') }), SIGNATURE],
  [
    'another body, with its hash',
    async () => {
      const body = BODY.replace('Attack', 'Attacc');
      const hash = createHash('sha256').update(body).digest('hex');
      return header(change(await signed(), { body }), 'x-amz-content-sha256', hash);
    },
    SIGNATURE,
  ],
  [
    'an unsigned payload',
    () => signed({ headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }),
    SIGNATURE,
  ],
  [
    'a streamed payload',
    () => signed({ headers: { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' } }),
    SIGNATURE,
  ],
  [
    'a body beside an empty hash',
    async () => header(await signed(), 'x-amz-content-sha256', createHash('sha256').digest('hex')),
    SIGNATURE,
  ],
  [
    'a chunked body of other content',
    async () => header(change(await signed(), { body: `${BODY} ` }), 'transfer-encoding', 'chunked'),
    SIGNATURE,
  ],
  [
    'another method',
    async () => change(await signed({ method: 'GET' }), { method: 'DELETE', path: '/inputs/Other' }),
    SIGNATURE,
  ],
  [
    'another path',
    async () => change(await signed({ method: 'GET', path: '/inputs/One' }), { path: '/inputs/Two' }),
    SIGNATURE,
  ],
  [
    'a slash more',
    async () => change(await signed({ method: 'GET', path: '/inputs' }), { path: '/inputs/' }),
    SIGNATURE,
  ],
  [
    'two slashes',
    async () => change(await signed({ method: 'GET', path: '/inputs' }), { path: '//inputs' }),
    INVALID,
  ],
  [
    'a dot segment',
    async () => change(await signed({ method: 'GET', path: '/inputs' }), { path: '/./inputs' }),
    INVALID,
  ],
  [
    'a way up',
    async () => change(await signed({ method: 'GET', path: '/inputs' }), { path: '/x/../inputs' }),
    INVALID,
  ],
  [
    'an encoded way up',
    async () => change(await signed({ method: 'GET', path: '/inputs' }), { path: '/x/%2e%2E/inputs' }),
    INVALID,
  ],
  [
    'an encoded letter',
    async () => change(await signed({ method: 'GET', path: '/inputs/One' }), { path: '/inputs/%4Fne' }),
    SIGNATURE,
  ],
  [
    'an encoded slash',
    async () => change(await signed({ method: 'GET', path: '/inputs/One' }), { path: '/inputs%2FOne' }),
    SIGNATURE,
  ],
  [
    'a query more',
    async () => change(await signed({ method: 'GET', path: '/inputs' }), { path: '/inputs?maxResults=1' }),
    SIGNATURE,
  ],
  [
    'another query',
    async () =>
      change(await signed({ method: 'GET', path: '/inputs?maxResults=1' }), { path: '/inputs?maxResults=2' }),
    SIGNATURE,
  ],
  [
    'a plus for what was a plus',
    async () =>
      change(await signed({ method: 'DELETE', path: '/tags?resourceArn=a&tagKeys=a%2Bb', body: '' }), {
        path: '/tags?resourceArn=a&tagKeys=a+b',
      }),
    SIGNATURE,
  ],
  [
    'a member repeated',
    async () =>
      change(await signed({ method: 'GET', path: '/inputs?maxResults=1' }), {
        path: '/inputs?maxResults=1&maxResults=1',
      }),
    SIGNATURE,
  ],
  [
    'a signature in the query',
    async () => ({
      method: 'GET',
      path: '/inputs?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0',
      headers: [['host', host]],
      body: '',
    }),
    INCOMPLETE,
  ],
  ['six minutes ago', () => signed({ date: minutes(-6) }), SIGNATURE],
  ['in six minutes', () => signed({ date: minutes(6) }), SIGNATURE],
  [
    'an old request with a new date',
    async () =>
      header(
        await signed({ date: minutes(-60) }),
        'x-amz-date',
        new Date().toISOString().replaceAll(/[-:]|\.\d{3}/g, ''),
      ),
    SIGNATURE,
  ],
  ['no date', async () => header(await signed(), 'x-amz-date', undefined), INCOMPLETE],
  [
    'no such date',
    async () =>
      header(
        await signed(),
        'x-amz-date',
        `${new Date().toISOString().slice(0, 10).replaceAll('-', '')}T996199Z`,
      ),
    SIGNATURE,
  ],
  [
    'two dates',
    async () => {
      const sent = await signed();
      return change(sent, { headers: [...sent.headers, ['x-amz-date', '20200101T000000Z']] });
    },
    INVALID,
  ],
  ['another region', () => signed({ region: 'eu-west-1' }), SIGNATURE],
  ['another service', () => signed({ service: 's3' }), SIGNATURE],
  [
    'a header of AWS that is not signed',
    async () => header(await signed(), 'x-amz-target', 'IotColumboService.DeleteInput'),
    SIGNATURE,
  ],
  [
    'no signed host',
    async () => authorization(await signed(), (value) => value.replace('host;', '').replace(';host', '')),
    SIGNATURE,
  ],
  [
    'a signed header that is missing',
    async () => header(await signed({ headers: { 'x-own': '1' } }), 'x-own', undefined),
    SIGNATURE,
  ],
  [
    'a signed header with another value',
    async () => header(await signed({ headers: { 'x-own': '1' } }), 'x-own', '2'),
    SIGNATURE,
  ],
  [
    'a signed header twice',
    async () => {
      const sent = await signed({ headers: { 'x-own': '1' } });
      return change(sent, { headers: [...sent.headers, ['x-own', '2']] });
    },
    SIGNATURE,
  ],
  ['another host', async () => header(await signed(), 'host', 'localhost:1'), SIGNATURE],
  [
    'signed headers out of order',
    async () =>
      authorization(await signed(), (value) =>
        value.replace(
          /SignedHeaders=([^,]*)/,
          (_, names: string) => `SignedHeaders=${names.split(';').reverse().join(';')}`,
        ),
      ),
    INCOMPLETE,
  ],
  [
    'a scope with a part too few',
    async () => authorization(await signed(), (value) => value.replace('/us-east-1', '')),
    INCOMPLETE,
  ],
];

test('a request that is signed rightly gets in, and each key only as far as it may', async () => {
  expect(await send(await signed())).toMatchObject({ status: 201 });
  expect(
    await send(await signed({ method: 'GET', path: '/inputs', service: 'ioteventsdata' })),
  ).toMatchObject({ status: 200 });
  expect(await send(await signed({ method: 'GET', path: '/inputs/Attack', key: READER }))).toMatchObject({
    status: 200,
  });
  expect(await send(await signed({ date: minutes(-4), method: 'GET' }))).toMatchObject({ status: 200 });
  expect(
    await send(
      header(await signed({ method: 'PUT', path: '/inputs/Attack' }), 'transfer-encoding', 'chunked'),
    ),
  ).toMatchObject({ status: 200 });
});

describe(`${ATTACKS.length} ways in that are closed`, () => {
  test.each(ATTACKS)('%s', async (_name, make, error) => {
    const before = (await server.host.catalog()).inputs.get('Attack');
    const answer = await send(await make());
    expect([answer.error, answer.text]).toEqual([error, expect.anything()]);
    expect(answer.status).toBe(error === INVALID ? 400 : 403);
    expect((await server.host.catalog()).inputs.get('Attack')).toBe(before);
  });
});

describe('a policy', () => {
  test.each([
    ['POST', '/inputs', 'iotevents:CreateInput', 'input/Attack'],
    ['DELETE', '/inputs/Attack', 'iotevents:DeleteInput', 'input/Attack'],
    ['GET', '/inputs/Secret1', 'iotevents:DescribeInput', 'input/Secret1'],
    ['GET', '/_tripline/actions', 'tripline:ListActions', undefined],
    ['GET', '/metrics', 'tripline:GetMetrics', undefined],
    ['GET', '/_tripline/events', 'tripline:WatchEvents', undefined],
    ['GET', '/_tripline/evaluations', 'tripline:WatchEvents', undefined],
    ['GET', '/_tripline/overview', 'tripline:GetOverview', undefined],
    ['GET', '/_tripline/detectors', 'tripline:ListDetectors', undefined],
  ])('keeps a key from %s %s', async (method, path, action, resource) => {
    const answer = await send(await signed({ method, path, key: READER }));
    const arn = resource === undefined ? '*' : `arn:aws:iotevents:us-east-1:000000000000:${resource}`;
    expect(answer).toMatchObject({ status: 403, error: 'AccessDeniedException' });
    expect(answer.text).toContain(
      `User: arn:aws:iam::000000000000:user/AKIAREADER is not authorized to perform: ${action} on resource: ${arn}`,
    );
  });
});

test("everything but the probes and the console's page wants a signature, also what does not exist", async () => {
  const bare = async (path: string) => (await fetch(server.url + path)).status;
  expect(await bare('/healthz')).toBe(200);
  expect(await bare('/readyz')).toBe(200);
  expect(await bare('/console/')).toBe(200);
  expect(await (await fetch(`${server.url}/console/settings.json`)).json()).toEqual({
    signIn: true,
    region: 'us-east-1',
  });
  for (const path of [
    '/inputs',
    '/metrics',
    '/_tripline/actions',
    '/_tripline/session',
    '/_tripline/events',
    '/nothing',
  ])
    expect([path, await bare(path)]).toEqual([path, 403]);
});

/** A POST to an input whose body never ends, on its own connection; `answer` is the response to it. */
function endlessPost(headers: readonly string[], bytes: number) {
  const { port, hostname } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  const closed = new Promise<string>((resolve) => {
    socket.on('data', (data) => {
      answer += data;
    });
    socket.on('error', () => {});
    socket.once('close', () => resolve(answer));
  });
  const head = ['POST /inputs HTTP/1.1', `Host: ${host}`, `Content-Length: ${bytes + 1}`, ...headers, '', ''];
  socket.write(head.join('\r\n'));
  socket.write('x'.repeat(bytes));
  return { socket, closed };
}

describe('what nobody has signed', () => {
  test('is refused by its headers, before its body is there', async () => {
    const { socket, closed } = endlessPost([], 10);
    await new Promise<void>((resolve) => socket.once('data', () => resolve()));
    socket.destroy();
    expect(await closed).toContain('MissingAuthenticationTokenException');
    const unknown = await signed({ key: { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' } });
    const forged = endlessPost(
      unknown.headers
        .filter(([name]) => !/^(host|content-length)$/i.test(name))
        .map((each) => each.join(': ')),
      10,
    );
    await new Promise<void>((resolve) => forged.socket.once('data', () => resolve()));
    forged.socket.destroy();
    expect(await forged.closed).toContain('UnrecognizedClientException');
  });

  test('holds a bounded number of bytes, and those who have a key are answered meanwhile', async () => {
    // Well-formed and with a known key, but the signature is wrong: detecting that requires the body.
    const wrong = await signed({ key: { ...KEY, secretAccessKey: 'wrong' } });
    const headers = wrong.headers
      .filter(([name]) => !/^(host|content-length)$/i.test(name))
      .map((each) => each.join(': '));
    const slow = Array.from({ length: 12 }, () => endlessPost(headers, 900_000));
    const given = await Promise.all(slow.slice(0, 6).map(({ closed }) => closed));
    expect(given.filter((answer) => answer.includes('ServiceUnavailableException'))).not.toEqual([]);
    expect((await send(await signed({ method: 'GET', path: '/inputs', body: '' }))).status).toBe(200);
    for (const { socket } of slow) socket.destroy();
  });

  test('keeps a bounded number of connections, the oldest of which makes room', async () => {
    const { port, hostname } = new URL(server.url);
    const sockets = Array.from({ length: 60 }, () => connect(Number(port), hostname));
    let closed = 0;
    for (const socket of sockets) {
      socket.on('error', () => {});
      socket.once('close', () => closed++);
    }
    await vi.waitFor(() => expect(closed).toBeGreaterThanOrEqual(40), 10_000);
    expect((await send(await signed({ method: 'GET', path: '/inputs', body: '' }))).status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });
});
