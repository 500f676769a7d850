import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ServiceRequest } from '../core/action/index.ts';
import { classifyError, createSenders } from './index.ts';

/** A request to each service, and the service's answer on success. */
const REQUESTS: Readonly<
  Record<string, ServiceRequest & { readonly taken: { readonly status?: number; readonly body: string } }>
> = {
  sns: {
    service: 'sns',
    operation: 'Publish',
    input: { TopicArn: 'arn:aws:sns:us-east-1:0:t', Message: 'm' },
    taken: {
      body: '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>',
    },
  },
  sqs: {
    service: 'sqs',
    operation: 'SendMessage',
    input: { QueueUrl: 'http://q/0/q', MessageBody: 'm' },
    taken: {
      body: JSON.stringify({ MessageId: '1', MD5OfMessageBody: createHash('md5').update('m').digest('hex') }),
    },
  },
  lambda: {
    service: 'lambda',
    operation: 'Invoke',
    input: { FunctionName: 'f', InvocationType: 'Event', Payload: '{}' },
    taken: { status: 202, body: '' },
  },
  firehose: {
    service: 'firehose',
    operation: 'PutRecord',
    input: { DeliveryStreamName: 's', Record: { Data: '' } },
    taken: { body: '{"RecordId":"1"}' },
  },
  dynamodb: {
    service: 'dynamodb',
    operation: 'PutItem',
    input: { TableName: 'T', Item: { id: { S: 'a' } } },
    taken: { body: '{}' },
  },
  iotsitewise: {
    service: 'iotsitewise',
    operation: 'BatchPutAssetPropertyValue',
    input: { entries: [] },
    taken: { body: '{"errorEntries":[]}' },
  },
  'iot-data': {
    service: 'iot-data',
    operation: 'Publish',
    input: { topic: 't', qos: 0, payload: 'x' },
    taken: { body: '{"message":"OK"}' },
  },
};

const JSON_TYPE = { 'content-type': 'application/x-amz-json-1.0' };
const HTML_TYPE = { 'content-type': 'text/html; charset=utf-8' };
const PAGE = '<html><body><p>Sign in</p></body></html>';

/** Failures between here and the service. None of them is the service's own answer. */
const NO_ANSWERS: Readonly<Record<string, (response: ServerResponse) => void>> = {
  'a refusal that is cut off in its body': (response) => {
    response.writeHead(400, { ...JSON_TYPE, 'content-length': 1000 });
    response.write('{"__type":"ValidationException"', () => response.destroy());
  },
  'a success that is cut off in its body': (response) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': 1000 });
    response.write('{', () => response.destroy());
  },
  'a page with status 200': (response) => void response.writeHead(200, HTML_TYPE).end(PAGE),
  'a page with status 404': (response) => void response.writeHead(404, HTML_TYPE).end(PAGE),
  'a page with status 403': (response) => void response.writeHead(403, HTML_TYPE).end(PAGE),
  'a proxy that wants to know who asks': (response) => void response.writeHead(407, HTML_TYPE).end(PAGE),
  'status 200 with a body that does not parse': (response) =>
    void response.writeHead(200, JSON_TYPE).end('{"MessageId":'),
  'status 400 without a word': (response) => void response.writeHead(400).end(),
  'a redirection': (response) => void response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
  'more than an answer can be': (response) => {
    response.writeHead(200, JSON_TYPE);
    const more = () => {
      while (!response.destroyed && response.write(`"${'x'.repeat(10_000)}"`));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  },
};

const cleanups: (() => unknown)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
  vi.unstubAllEnvs();
});

async function listen(server: Server | TcpServer): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Sends a request to that endpoint; returns the rejection. */
async function failure(request: ServiceRequest, endpoint: string, timeout = 10_000): Promise<unknown> {
  vi.stubEnv('AWS_ENDPOINT_URL', endpoint);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  const senders = createSenders({ region: 'us-east-1', timeout, answerBytes: 100_000 });
  try {
    // Loaded first, so that the timeout covers only the target.
    await senders.load(request.service);
    await senders.send(request);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    await senders.close();
  }
}

async function failureFrom(
  request: ServiceRequest,
  answer: RequestListener,
  timeout?: number,
): Promise<unknown> {
  const port = await listen(createServer(answer));
  return failure(request, `http://127.0.0.1:${port}`, timeout);
}

describe.each(Object.entries(REQUESTS))('%s', (_name, { taken, ...request }) => {
  test('accepts a confirmation by the service', async () => {
    const { status = 200, body } = taken;
    expect(await failureFrom(request, (_request, response) => response.writeHead(status).end(body))).toBe(
      undefined,
    );
  });

  test('fails finally by an error of the service', async () => {
    const body =
      request.service === 'sns'
        ? '<ErrorResponse><Error><Type>Sender</Type><Code>InvalidParameter</Code></Error></ErrorResponse>'
        : '{"__type":"ValidationException"}';
    const refusal = await failureFrom(request, (_request, response) =>
      response.writeHead(400, { 'content-type': 'application/json' }).end(body),
    );
    expect(classifyError(refusal)).toBe('TERMINAL');
  });

  test.each(Object.entries(NO_ANSWERS))('is retried after %s', async (_what, answer) => {
    const error = await failureFrom(request, (_request, response) => answer(response));
    expect(error).toBeInstanceOf(Error);
    expect(classifyError(error)).toBe('RETRYABLE');
  });

  test('is retried after an answer that is not HTTP', async () => {
    const port = await listen(
      createTcpServer((socket) => {
        socket.on('error', () => socket.destroy());
        socket.on('data', () => socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
      }),
    );
    expect(classifyError(await failure(request, `http://127.0.0.1:${port}`))).toBe('RETRYABLE');
  });
});

test('an untrusted certificate may be replaced', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tripline-cert-'));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-keyout', key, '-out', cert];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject], { stdio: 'ignore' });
  const files = { key: readFileSync(key), cert: readFileSync(cert) };
  const port = await listen(createTlsServer(files, (_request, response) => response.end()));
  const error = await failure(REQUESTS.sqs as ServiceRequest, `https://127.0.0.1:${port}`, 5000);
  expect(String(error)).toContain('self-signed');
  expect(classifyError(error)).toBe('RETRYABLE');
});

test.each([
  ['no answer', () => {}],
  ['half of a head', (response: ServerResponse) => void response.socket?.write('HTTP/1.1 200 OK\r\n')],
  [
    'a byte now and then',
    (response: ServerResponse) => {
      response.writeHead(200, JSON_TYPE);
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    },
  ],
])('an attempt that gets %s ends when its time is over', async (_what, answer) => {
  const request = REQUESTS.dynamodb as ServiceRequest;
  const error = await failureFrom(request, (_request, response) => answer(response), 300);
  expect(classifyError(error)).toBe('RETRYABLE');
});
