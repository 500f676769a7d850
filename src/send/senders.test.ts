import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ServiceRequest } from '../core/action/index.ts';
import { classifyError, createSenders, type Senders } from './index.ts';

const BOUNDS = { timeout: 30_000, answerBytes: 1000 };

/** Stands in for every AWS endpoint: records the requests of the real SDK clients and answers as configured. */
interface Captured {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

let server: Server;
const captured: Captured[] = [];
const OK: Answer = { status: 200, body: '{}' };
let answer = OK;
let connections = 0;
let senders: Senders;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      captured.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      const { status, body, headers: more } = answer;
      // Status 0: the target accepts the request and never answers.
      if (status === 0) return;
      response.writeHead(status, { 'content-type': 'application/json', ...more }).end(body);
    });
  });
  server.on('connection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  vi.stubEnv('AWS_ENDPOINT_URL', origin());
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  senders = createSenders({ ...BOUNDS, region: 'eu-central-1' });
});

afterEach(() => {
  captured.length = 0;
  answer = OK;
});

afterAll(async () => {
  await senders.close();
  server.closeAllConnections();
  server.close();
  vi.unstubAllEnvs();
});

function origin(): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Returns the rejection of a promise. */
async function failureOf(sending: Promise<void>): Promise<unknown> {
  return sending.then(
    () => undefined,
    (error: unknown) => error,
  );
}

async function wire(request: ServiceRequest): Promise<Captured> {
  await senders.send(request);
  const [only, ...more] = captured;
  if (only === undefined || more.length > 0) throw new Error(`${captured.length} requests`);
  return only;
}

const PUBLISHED =
  '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>';

describe('what the SDK sends', () => {
  test('SNS', async () => {
    answer = { status: 200, body: PUBLISHED };
    const input = { TopicArn: 'arn:aws:sns:eu-central-1:0:t', Message: 'a b&c' };
    const { method, body, headers } = await wire({ service: 'sns', operation: 'Publish', input });
    expect(method).toBe('POST');
    expect(Object.fromEntries(new URLSearchParams(body))).toMatchObject({ Action: 'Publish', ...input });
    expect(headers.authorization).toContain('/eu-central-1/sns/');
  });

  test('SQS, to the configured endpoint and not to the host of the queue', async () => {
    const input = { QueueUrl: 'https://sqs.eu-central-1.amazonaws.com/0/q', MessageBody: 'hello' };
    answer = {
      status: 200,
      body: `{"MessageId":"1","MD5OfMessageBody":"${createHash('md5').update('hello').digest('hex')}"}`,
    };
    const { body, headers } = await wire({ service: 'sqs', operation: 'SendMessage', input });
    expect(headers['x-amz-target']).toBe('AmazonSQS.SendMessage');
    expect(JSON.parse(body)).toEqual(input);
  });

  test('Lambda', async () => {
    answer = { status: 202, body: '' };
    const input = {
      FunctionName: 'arn:aws:lambda:eu-central-1:0:function:f',
      InvocationType: 'Event',
      Payload: '{"a":1.0}',
    };
    const { method, url, headers, body } = await wire({ service: 'lambda', operation: 'Invoke', input });
    expect(`${method} ${decodeURIComponent(url)}`).toBe(
      `POST /2015-03-31/functions/${input.FunctionName}/invocations`,
    );
    expect(headers['x-amz-invocation-type']).toBe('Event');
    expect(body).toBe('{"a":1.0}');
  });

  test('Firehose', async () => {
    const input = { DeliveryStreamName: 's', Record: { Data: Buffer.from('row\n').toString('base64') } };
    answer = { status: 200, body: '{"RecordId":"1"}' };
    const { headers, body } = await wire({ service: 'firehose', operation: 'PutRecord', input });
    expect(headers['x-amz-target']).toBe('Firehose_20150804.PutRecord');
    expect(JSON.parse(body)).toEqual(input);
  });

  test.each([
    ['PutItem', { TableName: 'T', Item: { id: { S: 'a' }, n: { N: '30.0' }, raw: { B: 'aGVsbG8=' } } }],
    ['PutItem', { TableName: 'T', Item: { B: { M: { B: { S: 'aGVsbG8=' } } } } }],
    [
      'UpdateItem',
      {
        TableName: 'T',
        Key: { id: { S: 'a' } },
        UpdateExpression: 'SET #p = :p',
        ExpressionAttributeNames: { '#p': 'x' },
        ExpressionAttributeValues: { ':p': { B: 'aGk=' } },
      },
    ],
    ['DeleteItem', { TableName: 'T', Key: { id: { N: '7' } } }],
  ])('DynamoDB %s', async (operation, input) => {
    const { headers, body } = await wire({ service: 'dynamodb', operation, input });
    expect(headers['x-amz-target']).toBe(`DynamoDB_20120810.${operation}`);
    expect(JSON.parse(body)).toEqual(input);
  });

  test('SiteWise', async () => {
    answer = { status: 200, body: '{"errorEntries":[]}' };
    const input = {
      entries: [
        {
          entryId: 'e',
          propertyAlias: '/a',
          propertyValues: [
            {
              value: { doubleValue: 2.5 },
              timestamp: { timeInSeconds: 1, offsetInNanos: 2 },
              quality: 'GOOD',
            },
          ],
        },
      ],
    };
    const request: ServiceRequest = {
      service: 'iotsitewise',
      operation: 'BatchPutAssetPropertyValue',
      input,
    };
    const { method, url, body } = await wire(request);
    expect(`${method} ${url}`).toBe('POST /properties');
    expect(JSON.parse(body)).toEqual({
      ...input,
      ...(body.includes('enablePartialEntryProcessing') && { enablePartialEntryProcessing: false }),
    });
  });

  test.each([
    ['ResourceNotFoundException', 'TERMINAL'],
    ['TimestampOutOfRangeException', 'TERMINAL'],
    ['ThrottlingException', 'RETRYABLE'],
    ['InternalFailureException', 'RETRYABLE'],
    ['ConflictingOperationException', 'RETRYABLE'],
  ])('SiteWise refuses an entry inside a successful answer: %s is %s', async (errorCode, failure) => {
    const errors = [{ errorCode, errorMessage: 'not this one', timestamps: [] }];
    answer = { status: 200, body: JSON.stringify({ errorEntries: [{ entryId: 'e', errors }] }) };
    const input = { entries: [{ entryId: 'e', propertyAlias: '/a', propertyValues: [] }] };
    const request: ServiceRequest = {
      service: 'iotsitewise',
      operation: 'BatchPutAssetPropertyValue',
      input,
    };
    const error = await failureOf(senders.send(request));
    expect(String(error)).toContain(`${errorCode}: not this one`);
    expect(classifyError(error)).toBe(failure);
  });

  test('the AWS IoT data plane, without a broker', async () => {
    const input = { topic: 'plant/p 1', qos: 0, payload: 'on' };
    const { method, url, body } = await wire({ service: 'iot-data', operation: 'Publish', input });
    expect(`${method} ${decodeURIComponent(url)}`).toBe('POST /topics/plant/p 1?qos=0');
    expect(body).toBe('on');
  });

  test('not what iotEvents actions send, which stays within the server', async () => {
    const request = { service: 'iotevents-data', operation: 'BatchPutMessage', input: {} } as const;
    expect(classifyError(await failureOf(senders.send(request)))).toBe('TERMINAL');
    expect(captured).toEqual([]);
  });
});

describe('endpoints', () => {
  const message: ServiceRequest = {
    service: 'sqs',
    operation: 'SendMessage',
    input: { QueueUrl: 'http://127.0.0.1:9/0/q', MessageBody: 'hello' },
  };
  const accepted = {
    status: 200,
    body: `{"MessageId":"1","MD5OfMessageBody":"${createHash('md5').update('hello').digest('hex')}"}`,
  };

  /** Sends with new clients, created under that environment. */
  async function sendUnder(environment: Record<string, string>, request: ServiceRequest): Promise<void> {
    const before = process.env.AWS_ENDPOINT_URL;
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const own = createSenders({ ...BOUNDS, region: 'us-east-1' });
    try {
      await own.send(request);
    } finally {
      await own.close();
      for (const name of Object.keys(environment)) vi.stubEnv(name, undefined);
      vi.stubEnv('AWS_ENDPOINT_URL', before);
    }
  }

  test('SQS goes to the host of the queue when no endpoint is configured, without a warning', async () => {
    answer = accepted;
    const warn = vi.spyOn(console, 'warn');
    const input = { ...message.input, QueueUrl: `${origin()}/0/q` };
    await sendUnder({ AWS_ENDPOINT_URL: '' }, { ...message, input });
    expect(captured).toHaveLength(1);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  test('SQS goes to the host of the queue when configured endpoints are ignored', async () => {
    answer = accepted;
    const input = { ...message.input, QueueUrl: `${origin()}/0/q` };
    const environment = {
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
    };
    await sendUnder(environment, { ...message, input });
    expect(captured).toHaveLength(1);
  });

  test('the endpoint of one service wins over the one for all services', async () => {
    answer = accepted;
    const all = 'http://127.0.0.1:9';
    await sendUnder({ AWS_ENDPOINT_URL: all, AWS_ENDPOINT_URL_SQS: origin() }, message);
    expect(captured).toHaveLength(1);
    const failure = failureOf(sendUnder({ AWS_ENDPOINT_URL_SQS: all }, message));
    expect(classifyError(await failure)).toBe('RETRYABLE');
    expect(captured).toHaveLength(1);
  });
});

describe('failures', () => {
  const request: ServiceRequest = {
    service: 'dynamodb',
    operation: 'PutItem',
    input: { TableName: 'T', Item: { id: { S: 'a' } } },
  };

  test.each<[name: string, answer: Answer, failure: string]>([
    [
      'a refusal',
      { status: 400, body: '{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}' },
      'TERMINAL',
    ],
    [
      'throttling with status 400',
      { status: 400, body: '{"__type":"com.amazon.coral.availability#ThrottlingException"}' },
      'RETRYABLE',
    ],
    ['a fault of the service', { status: 503, body: '{"__type":"ServiceUnavailable"}' }, 'RETRYABLE'],
    [
      'the page of a proxy',
      { status: 502, body: '<html>Bad gateway</html>', headers: { 'content-type': 'text/html' } },
      'RETRYABLE',
    ],
    [
      'a wrong signature',
      { status: 400, body: '{"__type":"com.amazon.coral.service#InvalidSignatureException"}' },
      'TERMINAL',
    ],
    [
      'a clock that is wrong',
      {
        status: 400,
        body: '{"__type":"com.amazon.coral.service#InvalidSignatureException","message":"Signature expired"}',
        headers: { date: new Date(Date.now() + 3_600_000).toUTCString() },
      },
      'RETRYABLE',
    ],
  ])(
    '%s is classified by what the real client makes of it, and sent once only',
    async (_name, given, failure) => {
      answer = given;
      const own = createSenders({ ...BOUNDS, region: 'us-east-1' });
      expect(classifyError(await failureOf(own.send(request)))).toBe(failure);
      expect(captured).toHaveLength(1);
      await own.close();
    },
  );

  test('a timeout is retryable', async () => {
    answer = { status: 0, body: '' };
    const own = createSenders({ ...BOUNDS, region: 'us-east-1', timeout: 1000 });
    expect(classifyError(await failureOf(own.send(request)))).toBe('RETRYABLE');
    expect(captured).toHaveLength(1);
    await own.close();
  });

  test('an operation that no action uses is not sent', async () => {
    const failure = await failureOf(senders.send({ ...request, operation: 'Scan' }));
    expect(classifyError(failure)).toBe('TERMINAL');
    expect(captured).toEqual([]);
  });
});

test('only allowed targets are sent to, where a model names them', async () => {
  const own = createSenders({
    ...BOUNDS,
    region: 'us-east-1',
    allowedTargets: ['sns/arn:aws:sns:us-east-1:0:t', 'sqs/http://plant/*'],
  });
  answer = { status: 200, body: PUBLISHED };
  const publish = (TopicArn: string): ServiceRequest => ({
    service: 'sns',
    operation: 'Publish',
    input: { TopicArn, Message: 'm' },
  });
  await own.send(publish('arn:aws:sns:us-east-1:0:t'));
  for (const request of [
    publish('arn:aws:sns:us-east-1:0:other'),
    {
      service: 'sqs',
      operation: 'SendMessage',
      input: { QueueUrl: 'http://169.254.169.254/', MessageBody: 'm' },
    },
  ] as const) {
    const error = await failureOf(own.send(request));
    expect(String(error)).toContain('--allowed-targets');
    expect(classifyError(error)).toBe('TERMINAL');
  }
  expect(captured).toHaveLength(1);
  await own.close();
});

test('a client is created once and keeps its connection', async () => {
  const own = createSenders({ ...BOUNDS, region: 'us-east-1' });
  answer = { status: 200, body: PUBLISHED };
  const input = { TopicArn: 'arn:aws:sns:us-east-1:0:t', Message: 'm' };
  const before = connections;
  for (let n = 0; n < 3; n++) await own.send({ service: 'sns', operation: 'Publish', input });
  expect(captured).toHaveLength(3);
  expect(connections - before).toBe(1);
  await own.close();
});

const built = fileURLToPath(new URL('../../dist/send/index.js', import.meta.url));

describe('a role that cannot be assumed', () => {
  const roleArn = 'arn:aws:iam::123456789012:role/plant';
  const error = (code: string) =>
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>no ${code}</Message></Error></ErrorResponse>`;

  test.each([
    ['AccessDenied', 403, 'TERMINAL'],
    ['Throttling', 400, 'RETRYABLE'],
    ['InternalFailure', 500, 'RETRYABLE'],
  ])('because of %s is named, and is %i', async (code, status, failure) => {
    answer = { status, body: error(code), headers: { 'content-type': 'text/xml' } };
    const assuming = createSenders({ ...BOUNDS, region: 'eu-central-1', assumeRole: true });
    const request = {
      service: 'sqs',
      operation: 'SendMessage',
      input: { QueueUrl: 'http://q/q', MessageBody: 'x' },
    } as const;
    const failed = await failureOf(assuming.send(request, roleArn));
    expect(String(failed)).toContain(`The role ${roleArn} cannot be assumed: ${code}`);
    expect(classifyError(failed)).toBe(failure);
    expect(captured.every(({ body }) => body.includes('Action=AssumeRole'))).toBe(true);
    await assuming.close();
  });
});

test.skipIf(!existsSync(built))('no client is loaded before it is needed (needs `npm run build`)', () => {
  const script = `
    import { createRequire } from 'node:module';
    import { createSenders } from ${JSON.stringify(pathToFileURL(built).href)};
    const { cache } = createRequire(import.meta.url);
    const loaded = () => [...new Set(Object.keys(cache).flatMap((path) => path.match(/client-[a-z-]+/) ?? []))];
    const senders = createSenders({ region: 'us-east-1', timeout: 30_000, answerBytes: 1000 });
    const before = loaded();
    await senders.send({ service: 'sns', operation: 'Publish', input: {} }).catch(() => {});
    process.stdout.write(JSON.stringify([before, loaded().filter((name) => !name.includes('sso'))]));
    await senders.close();
  `;
  const env = { ...process.env, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  expect(JSON.parse(output)).toEqual([[], ['client-sns']]);
});
