import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import type { Handlers } from '../../src/api/api.ts';
import { type HttpServer, listen } from '../../src/api/http-server.ts';
import * as client from '../../src/client/index.ts';
import { ERRORS, type ErrorName, ServiceError } from '../../src/wire/errors.ts';
import { OPERATIONS } from '../../src/wire/service/table.ts';
import { apiFront } from '../support/api-front.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { countingModel } from '../support/service.ts';
import { convert, dated, decoded, sampleInput, sampleOutput } from '../support/shape-samples.ts';

/** Our own client. */

const classes: Readonly<Record<string, unknown>> = client;

type Call = (input?: object) => Promise<unknown>;

describe('every operation', () => {
  let server: HttpServer;
  let own: Readonly<Record<string, Call>>;
  let handled: { name: string; input: unknown }[] = [];
  let failure: ServiceError | undefined;

  beforeAll(async () => {
    const handlers: Partial<Handlers> = Object.fromEntries(
      OPERATIONS.map((operation) => [
        operation.name,
        (input: unknown) => {
          handled.push({ name: operation.name, input });
          if (failure !== undefined) throw failure;
          return sampleOutput(operation);
        },
      ]),
    );
    const { listener, direct } = apiFront(handlers);
    server = await listen({ host: '127.0.0.1', port: 0 }, listener, direct);
    own = new client.Client({ endpoint: `${server.url}/`, maxAttempts: 1 }) as never;
  });
  afterAll(() => server.close());
  beforeEach(() => {
    handled = [];
    failure = undefined;
  });

  test('is a method, and nothing else is', () => {
    const names = OPERATIONS.map(({ name }) => name.charAt(0).toLowerCase() + name.slice(1));
    expect(Object.keys(own).sort()).toEqual(names.sort());
  });

  describe.each(OPERATIONS.map((operation) => [operation.name, operation] as const))(
    '%s',
    (name, operation) => {
      const method = name.charAt(0).toLowerCase() + name.slice(1);
      const input = convert(operation.input, operation.shapes, sampleInput(operation), decoded) as object;

      test('takes every member there and every member back', async () => {
        const output = await own[method]?.(input);
        expect(handled).toEqual([{ name, input }]);
        expect(output).toEqual(convert(operation.output, operation.shapes, sampleOutput(operation), dated));
      });

      test.each(operation.errors)('throws the class %s', async (code) => {
        const members =
          code === 'ResourceAlreadyExistsException' ? { resourceId: 'a', resourceArn: 'arn:a' } : {};
        failure = new ServiceError(code as ErrorName, `Why: ${code} „§“`, members);
        const caught = await own[method]?.(input).catch((error: unknown) => error);
        expect(caught).toBeInstanceOf(classes[code]);
        expect(caught).toBeInstanceOf(client.ApiException);
        expect(caught).toMatchObject({
          name: code,
          message: failure.message,
          status: failure.status,
          requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          ...members,
        });
      });
    },
  );

  test('names need no care: they are encoded', async () => {
    failure = undefined;
    const caught = await own.describeInput?.({ inputName: "a/ü%2F?#'()*!" }).catch((error: unknown) => error);
    expect((caught as Error).message).toContain("Value 'a/ü%2F?#'()*!' at 'inputName'");
  });

  test.each([undefined, '', '.', '..'])('a path is not left by the name %j', async (inputName) => {
    const input = inputName === undefined ? {} : { inputName };
    await expect(own.deleteInput?.(input)).rejects.toThrow(TypeError);
    expect(handled).toEqual([]);
  });
});

describe('against a whole server', () => {
  let server: TestServer;
  let own: client.Client;

  beforeAll(async () => {
    server = await startTestServer();
    own = new client.Client({ endpoint: server.url });
  });
  afterAll(() => server.dispose());

  test('a detector model lives', async () => {
    const inputDefinition = { attributes: [{ jsonPath: 'id' }] };
    const { inputConfiguration } = await own.createInput({ inputName: 'I', inputDefinition });
    expect(inputConfiguration?.creationTime).toBeInstanceOf(Date);
    const resourceArn = inputConfiguration?.inputArn ?? '';
    await own.updateInput({ inputName: 'I', inputDescription: 'readings', inputDefinition });
    expect(await own.describeInput({ inputName: 'I' })).toMatchObject({ input: { inputDefinition } });
    await own.tagResource({
      resourceArn,
      tags: [
        { key: 'a&b', value: 'c' },
        { key: 'd', value: '' },
      ],
    });
    await own.untagResource({ resourceArn, tagKeys: ['a&b', 'x'] });
    expect(await own.listTagsForResource({ resourceArn })).toEqual({ tags: [{ key: 'd', value: '' }] });

    const model = countingModel('M', 'I');
    const { detectorModelDefinition } = model;
    const { analysisId = '' } = await own.startDetectorModelAnalysis({ detectorModelDefinition });
    await expect
      .poll(() => own.describeDetectorModelAnalysis({ analysisId }))
      .toEqual({ status: 'COMPLETE' });
    const { analysisResults } = await own.getDetectorModelAnalysisResults({ analysisId });
    expect(analysisResults?.filter(({ level }) => level === 'ERROR')).toEqual([]);
    await own.createDetectorModel(model);
    const { key: _, ...update } = model;
    await own.updateDetectorModel(update);
    expect(await own.listDetectorModelVersions({ detectorModelName: 'M', maxResults: 1 })).toMatchObject({
      detectorModelVersionSummaries: [{ detectorModelVersion: '2' }],
      nextToken: expect.any(String),
    });
    const first = await own.describeDetectorModel({ detectorModelName: 'M', detectorModelVersion: '1' });
    expect(first.detectorModel?.detectorModelConfiguration?.status).toBe('INACTIVE');
    const inputIdentifier = { iotEventsInputIdentifier: { inputName: 'I' } };
    expect((await own.listInputRoutings({ inputIdentifier })).routedResources).toHaveLength(1);
    expect((await own.listDetectorModels()).detectorModelSummaries).toHaveLength(1);
    expect((await own.listInputs()).inputSummaries).toHaveLength(1);

    await own.putLoggingOptions({ loggingOptions: { roleArn: 'r', level: 'ERROR', enabled: false } });
    expect((await own.describeLoggingOptions()).loggingOptions?.enabled).toBe(false);

    const put = await own.batchPutMessage({
      messages: [
        { messageId: '1', inputName: 'I', payload: '{"id":"a","ü":1}' },
        { messageId: '2', inputName: 'I', payload: new TextEncoder().encode('{"id":"a"}') },
        { messageId: '3', inputName: 'None', payload: '{}' },
      ],
    });
    expect(put.BatchPutMessageErrorEntries).toMatchObject([{ messageId: '3' }]);
    const { detector } = await own.describeDetector({ detectorModelName: 'M', keyValue: 'a' });
    expect(detector?.state?.variables).toEqual([{ name: 'n', value: '2' }]);
    expect(detector?.lastUpdateTime).toBeInstanceOf(Date);
    const named = { messageId: 'x', detectorModelName: 'M', keyValue: 'a' };
    const state = { stateName: 'Counting', variables: [{ name: 'n', value: '7' }], timers: [] };
    expect(await own.batchUpdateDetector({ detectors: [{ ...named, state }] })).toEqual({
      batchUpdateDetectorErrorEntries: [],
    });
    const { detectorSummaries } = await own.listDetectors({ detectorModelName: 'M', stateName: 'Counting' });
    expect(detectorSummaries?.map(({ keyValue }) => keyValue)).toEqual(['a']);
    await own.batchDeleteDetector({ detectors: [named] });
    await expect(own.describeDetector({ detectorModelName: 'M', keyValue: 'a' })).rejects.toThrow(
      client.ResourceNotFoundException,
    );
    await expect(own.deleteInput({ inputName: 'I' })).rejects.toThrow(client.ResourceInUseException);
    await own.deleteDetectorModel({ detectorModelName: 'M' });
    await own.deleteInput({ inputName: 'I' });
  });

  test('the types are those of the table', async () => {
    expectTypeOf(own.describeInput).parameter(0).toHaveProperty('inputName').toEqualTypeOf<string>();
    expectTypeOf<client.Input<'PutLoggingOptions'>['loggingOptions']['level']>().toEqualTypeOf<
      'ERROR' | 'INFO' | 'DEBUG'
    >();
    expectTypeOf<client.Output<'DescribeInput'>['input']>()
      .exclude<undefined>()
      .toHaveProperty('inputDefinition');
    // @ts-expect-error: the required member is missing
    await expect(own.describeInput({})).rejects.toThrow(TypeError);
  });
});

describe('what does not come through', () => {
  let server: Server;
  let endpoint: string;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  let requests: IncomingMessage[];
  let waits: number[];

  beforeEach(async () => {
    requests = [];
    waits = [];
    server = createServer((request, response) => {
      requests.push(request);
      request.resume();
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const pacing = {
    wait: async (milliseconds: number) => {
      waits.push(milliseconds);
    },
    random: () => 0.5,
  };
  const ownClient = (options: Partial<client.ClientOptions> = {}) =>
    new client.Client({ endpoint, pacing, ...options });
  const statuses = (...list: number[]) => {
    answer = (_request, response) => {
      const status = list[requests.length - 1] ?? 200;
      response.writeHead(status, { 'x-amzn-errortype': 'SomeException:http://internal/' });
      response.end(status === 200 ? '{"inputSummaries":[]}' : '{"message":"not now"}');
    };
  };

  test.each([
    [[429, 503], 3],
    [[500, 502, 504], 3],
    [[400], 1],
    [[403], 1],
    [[404], 1],
    [[410], 1],
    [[501], 1],
  ])('after %j there have been %d attempts', async (list, attempts) => {
    statuses(...list);
    const caught = await ownClient()
      .listInputs()
      .catch((error: unknown) => error);
    expect(requests).toHaveLength(attempts);
    const last = list[attempts - 1];
    if (last === undefined) expect(caught).toEqual({ inputSummaries: [] });
    else expect(caught).toMatchObject({ name: 'SomeException', message: 'not now', status: last });
  });

  test('the delays double, are cut by chance, and end at five seconds', async () => {
    statuses(...Array.from({ length: 9 }, () => 503));
    await ownClient({ maxAttempts: 9 })
      .listInputs()
      .catch(() => undefined);
    expect(waits).toEqual([50, 100, 200, 400, 800, 1600, 2500, 2500]);
  });

  test('a connection that is lost is tried again', async () => {
    answer = (request, response) => {
      if (requests.length < 3) request.socket.destroy();
      else response.end('{"inputSummaries":[]}');
    };
    expect(await ownClient().listInputs()).toEqual({ inputSummaries: [] });
    expect(requests).toHaveLength(3);
  });

  test('a server that is not there, or does not answer in time', async () => {
    const nowhere = ownClient({ endpoint: 'http://127.0.0.1:1', maxAttempts: 2 });
    await expect(nowhere.listInputs()).rejects.toThrow('http://127.0.0.1:1 did not answer at all');
    expect(waits).toHaveLength(1);
    answer = () => {};
    const caught = await ownClient({ timeout: 20, maxAttempts: 1 })
      .listInputs()
      .catch((error: unknown) => error);
    expect(caught).toBeInstanceOf(client.ConnectionException);
    expect((caught as Error).message).toBe(`${endpoint} did not answer in time`);
  });

  test('an answer of somebody else', async () => {
    answer = (_request, response) => response.writeHead(403).end('<html>No</html>');
    const caught = await ownClient()
      .listInputs()
      .catch((error: unknown) => error);
    expect(caught).toBeInstanceOf(client.ApiException);
    expect(caught).toMatchObject({
      name: 'HTTP 403',
      message: 'HTTP 403 <html>No</html>',
      requestId: undefined,
    });
  });

  test('requests are signed for their plane when there are credentials, each attempt anew', async () => {
    statuses(503);
    const credentials = { accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'token' };
    const signed = ownClient({ endpoint: `${endpoint}/base`, region: 'eu-west-1', credentials });
    const resourceArn = 'arn:aws:iotevents:eu-west-1:000000000000:input/I';
    await signed.untagResource({ resourceArn, tagKeys: ['b *', "a'"] });
    await signed.batchPutMessage({ messages: [] });
    await ownClient().listInputs();
    expect(requests.map(({ url }) => url)).toEqual([
      ...Array(2).fill(
        `/base/tags?resourceArn=${encodeURIComponent(resourceArn)}&tagKeys=b%20%2A&tagKeys=a%27`,
      ),
      '/base/inputs/messages',
      '/inputs',
    ]);
    const [first, second, message, unsigned] = requests as [
      IncomingMessage,
      IncomingMessage,
      IncomingMessage,
      IncomingMessage,
    ];
    expectSignature(first, 'secret', 'eu-west-1/iotevents', '');
    expectSignature(second, 'secret', 'eu-west-1/iotevents', '');
    expectSignature(message, 'secret', 'eu-west-1/ioteventsdata', '{"messages":[]}');
    expect(message.headers['x-amz-security-token']).toBe('token');
    expect(unsigned.headers).not.toHaveProperty('authorization');
  });
});

/** Verifies a signature like a server, from the received request (Signature Version 4). */
function expectSignature(
  { method, url = '', headers }: IncomingMessage,
  secret: string,
  scope: string,
  body: string,
) {
  const [path = '', query = ''] = url.split('?');
  const [, day, where, names = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=AKID\/(\d{8})\/(.+)\/aws4_request, SignedHeaders=(.+), Signature=(\w+)$/.exec(
      headers.authorization ?? '',
    ) ?? [];
  expect(where).toBe(scope);
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const canonical = [
    method,
    path,
    query.split('&').sort().join('&'),
    ...names.split(';').map((name) => `${name}:${headers[name]}`),
    '',
    names,
    hash(body),
  ].join('\n');
  const key = [day, ...scope.split('/'), 'aws4_request'].reduce<string | Buffer>(
    (held, part) =>
      createHmac('sha256', held)
        .update(part ?? '')
        .digest(),
    `AWS4${secret}`,
  );
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], `${day}/${scope}/aws4_request`, hash(canonical)];
  expect(createHmac('sha256', key).update(toSign.join('\n')).digest('hex')).toBe(signature);
  expect(names.split(';')).toEqual(expect.arrayContaining(['host', 'x-amz-date']));
}

test('every exception of the service has a class', () => {
  for (const name of Object.keys(ERRORS)) expect(client).toHaveProperty(name);
});
