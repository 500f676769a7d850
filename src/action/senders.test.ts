import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Aedes } from 'aedes';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { classifyError, createSenders, type Senders, type ServiceRequest } from './index.ts';

/** Stands for every AWS endpoint: keeps what the real SDK clients send and answers as it is told. */
interface Captured {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let server: Server;
const captured: Captured[] = [];
let answer = { status: 200, body: '{}' };
let senders: Senders;
const messages: unknown[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      captured.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  senders = createSenders({
    region: 'eu-central-1',
    putMessage: async (message) => void messages.push(message),
  });
});

afterEach(() => {
  captured.length = 0;
  answer = { status: 200, body: '{}' };
});

afterAll(async () => {
  await senders.close();
  server.close();
  vi.unstubAllEnvs();
});

async function wire(request: ServiceRequest): Promise<Captured> {
  await senders.send(request);
  const [only, ...more] = captured;
  if (only === undefined || more.length > 0) throw new Error(`${captured.length} requests`);
  return only;
}

describe('what the SDK sends', () => {
  test('SNS', async () => {
    answer.body =
      '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>';
    const input = { TopicArn: 'arn:aws:sns:eu-central-1:0:t', Message: 'a b&c' };
    const { method, body, headers } = await wire({ service: 'sns', operation: 'Publish', input });
    expect(method).toBe('POST');
    expect(Object.fromEntries(new URLSearchParams(body))).toMatchObject({ Action: 'Publish', ...input });
    expect(headers.authorization).toContain('/eu-central-1/sns/');
  });

  test('SQS, to the configured endpoint and not to the host of the queue', async () => {
    const input = { QueueUrl: 'https://sqs.eu-central-1.amazonaws.com/0/q', MessageBody: 'hello' };
    answer.body = `{"MessageId":"1","MD5OfMessageBody":"${createHash('md5').update('hello').digest('hex')}"}`;
    const { body, headers } = await wire({ service: 'sqs', operation: 'SendMessage', input });
    expect(headers['x-amz-target']).toBe('AmazonSQS.SendMessage');
    expect(JSON.parse(body)).toEqual(input);
  });

  test('Lambda', async () => {
    answer.status = 202;
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
    const { headers, body } = await wire({ service: 'firehose', operation: 'PutRecord', input });
    expect(headers['x-amz-target']).toBe('Firehose_20150804.PutRecord');
    expect(JSON.parse(body)).toEqual(input);
  });

  test.each([
    ['PutItem', { TableName: 'T', Item: { id: { S: 'a' }, n: { N: '30.0' }, raw: { B: 'aGVsbG8=' } } }],
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
    answer.body = '{"errorEntries":[]}';
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

  test('SiteWise refuses an entry inside a successful answer', async () => {
    const errors = [
      { errorCode: 'ResourceNotFoundException', errorMessage: 'no such alias', timestamps: [] },
    ];
    answer.body = JSON.stringify({ errorEntries: [{ entryId: 'e', errors }] });
    const input = { entries: [{ entryId: 'e', propertyAlias: '/a', propertyValues: [] }] };
    const failure = await senders
      .send({ service: 'iotsitewise', operation: 'BatchPutAssetPropertyValue', input })
      .catch((error: unknown) => error);
    expect(String(failure)).toContain('no such alias');
    expect(classifyError(failure)).toBe('TERMINAL');
  });

  test('the AWS IoT data plane, without a broker', async () => {
    const input = { topic: 'plant/p 1', qos: 0, payload: 'on' };
    const { method, url, body } = await wire({ service: 'iot-data', operation: 'Publish', input });
    expect(`${method} ${decodeURIComponent(url)}`).toContain('POST /topics/plant/p 1');
    expect(body).toBe('on');
  });

  test('iotEvents stays in this process', async () => {
    const input = {
      messages: [{ messageId: 'm', inputName: 'I', payload: Buffer.from('{}').toString('base64') }],
    };
    await senders.send({ service: 'iotevents-data', operation: 'BatchPutMessage', input });
    expect(messages).toEqual([{ messageId: 'm', inputName: 'I', payload: Buffer.from('{}') }]);
    expect(captured).toEqual([]);
  });
});

describe('failures', () => {
  const request: ServiceRequest = {
    service: 'sqs',
    operation: 'SendMessage',
    input: { QueueUrl: 'http://q/0/q', MessageBody: 'm' },
  };

  test('of the service are told apart, and sent once only', async () => {
    answer = { status: 400, body: '{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no queue"}' };
    const refused = await senders.send(request).catch((error: unknown) => error);
    expect(classifyError(refused)).toBe('TERMINAL');
    answer = { status: 503, body: '{"__type":"ServiceUnavailable","message":"later"}' };
    const unavailable = await senders.send(request).catch((error: unknown) => error);
    expect(classifyError(unavailable)).toBe('RETRYABLE');
    expect(captured).toHaveLength(2);
  });

  test('of the connection pass', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_SQS', 'http://127.0.0.1:9');
    const own = createSenders({ region: 'us-east-1', putMessage: async () => {} });
    const failure = await own.send(request).catch((error: unknown) => error);
    expect(classifyError(failure)).toBe('RETRYABLE');
    await own.close();
  });
});

describe('MQTT', () => {
  const publish: ServiceRequest = {
    service: 'iot-data',
    operation: 'Publish',
    input: { topic: 'a/b', qos: 0, payload: 'ü' },
  };

  test('publishes through the broker, not retained, and again after a reconnection', async () => {
    const aedes = await Aedes.createBroker();
    const broker = createTcpServer(aedes.handle);
    broker.listen(0, '127.0.0.1');
    await once(broker, 'listening');
    const mqttUrl = `mqtt://127.0.0.1:${(broker.address() as AddressInfo).port}`;
    const own = createSenders({ region: 'us-east-1', mqttUrl, putMessage: async () => {} });
    const published = new Promise<{ topic: string; payload: Buffer; retain: boolean }>((resolve) => {
      aedes.on('publish', (packet, client) => {
        if (client) resolve(packet as { topic: string; payload: Buffer; retain: boolean });
      });
    });
    await own.send(publish);
    const { topic, payload, retain } = await published;
    expect([topic, payload.toString(), retain]).toEqual(['a/b', 'ü', false]);
    await own.close();
    await new Promise<void>((resolve) => aedes.close(resolve));
    broker.close();
  });

  test('without a connection the message is refused, not queued', async () => {
    const own = createSenders({
      region: 'us-east-1',
      mqttUrl: 'mqtt://user:secret@127.0.0.1:9',
      putMessage: async () => {},
    });
    const failure = await own.send(publish).catch((error: unknown) => error);
    expect(String(failure)).toContain('127.0.0.1:9 is not connected');
    expect(String(failure)).not.toContain('secret');
    expect(classifyError(failure)).toBe('RETRYABLE');
    await own.close();
  });
});

test('no client is loaded before it is needed', () => {
  const dist = fileURLToPath(new URL('../../dist/action/index.js', import.meta.url));
  const script = `
    const { createSenders } = await import(${JSON.stringify(dist)});
    createSenders({ region: 'us-east-1', putMessage: async () => {} });
    const { createRequire } = await import('node:module');
    const loaded = Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes('@aws-sdk'));
    process.stdout.write(String(loaded.length + process.moduleLoadList.filter((name) => name.includes('aws-sdk')).length));
  `;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(output).toBe('0');
});
