import * as controlSdk from '@aws-sdk/client-iot-events';
import * as dataSdk from '@aws-sdk/client-iot-events-data';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { apiFront } from '../../test/support/api-front.ts';
import {
  convert,
  dated,
  decoded,
  sample,
  sampleInput,
  sampleOutput,
  withoutOurs,
} from '../../test/support/shape-samples.ts';
import { type ErrorName, ServiceError } from '../wire/errors.ts';
import { CONTROL_PLANE } from '../wire/service/control-plane.ts';
import { OPERATIONS, type Operation } from '../wire/service/table.ts';
import type { Handlers } from './api.ts';
import { type HttpServer, listen } from './http-server.ts';

/** Every operation through the unmodified AWS SDK clients; the handlers only record and repeat. */
let server: HttpServer;
let control: controlSdk.IoTEventsClient;
let data: dataSdk.IoTEventsDataClient;
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
  const config = {
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  };
  control = new controlSdk.IoTEventsClient(config);
  data = new dataSdk.IoTEventsDataClient(config);
});

beforeEach(() => {
  handled = [];
  failure = undefined;
});

afterAll(async () => {
  control.destroy();
  data.destroy();
  await server.close();
});

interface Answer {
  readonly $metadata: { readonly httpStatusCode?: number; readonly requestId?: string };
}

/** Sends an operation by its name, like a program that imports its command. */
function send({ name }: Operation, input: object): Promise<Answer> {
  const isControl = name in CONTROL_PLANE.operations;
  const sdk: Readonly<Record<string, unknown>> = isControl ? controlSdk : dataSdk;
  const Command = sdk[`${name}Command`] as new (input: object) => never;
  const client: { send(command: never): Promise<Answer> } = isControl ? control : data;
  return client.send(new Command(input));
}

const all = OPERATIONS.map((operation) => [operation.name, operation] as const);

describe.each(all)('%s', (name, operation) => {
  const { shapes } = operation;
  const input = withoutOurs(
    operation.input,
    convert(operation.input, shapes, sampleInput(operation), decoded) as object,
  );

  test('transfers every member in both directions', async () => {
    const { $metadata, ...output } = await send(operation, input);
    expect(handled).toEqual([{ name, input }]);
    const all = convert(operation.output, shapes, sampleOutput(operation), dated) as object;
    expect(output).toEqual(withoutOurs(operation.output, all));
    expect($metadata.httpStatusCode).toBe(operation.status);
    expect($metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('accepts only the required members', async () => {
    const required = Object.fromEntries(
      Object.entries(input).filter(([member]) => operation.input.required?.includes(member)),
    );
    await send(operation, required);
    expect(handled).toEqual([{ name, input: required }]);
  });

  test.each(operation.errors)('throws the class %s', async (code) => {
    const resource = { resourceId: 'motor', resourceArn: 'arn:aws:iotevents:us-east-1:0:input/motor' };
    const members = code === 'ResourceAlreadyExistsException' ? resource : {};
    failure = new ServiceError(code as ErrorName, `Why: ${code} „§“`, members);
    const sdk: Readonly<Record<string, unknown>> = name in CONTROL_PLANE.operations ? controlSdk : dataSdk;
    const caught: unknown = await send(operation, input).catch((error: unknown) => error);
    expect(caught).toBeInstanceOf(sdk[code]);
    expect(caught).toMatchObject({
      name: code,
      message: `Why: ${code} „§“`,
      $metadata: { httpStatusCode: failure.status },
      ...members,
    });
  });
});

test('all nine exceptions were thrown', () => {
  expect(new Set(OPERATIONS.flatMap(({ errors }) => errors)).size).toBe(9);
});

test('a request that the table refuses is received as InvalidRequestException', async () => {
  const caught = await control
    .send(new controlSdk.DescribeInputCommand({ inputName: '1 a/ü' }))
    .catch((error: unknown) => error);
  expect(caught).toBeInstanceOf(controlSdk.InvalidRequestException);
  expect(caught).toHaveProperty(
    'message',
    "1 validation error detected: Value '1 a/ü' at 'inputName' failed to satisfy constraint: " +
      'Member must satisfy regular expression pattern: ^[a-zA-Z][a-zA-Z0-9_]*$',
  );
  expect(handled).toEqual([]);
});

/** The SDK sends these without the trailing slash, botocore and the AWS CLI with it (reference: questions Q-SLASH). */
test.each([
  ['GET', '/detectors/motor/keyValues', 'DescribeDetector'],
  ['GET', '/alarms/motor/keyValues', 'DescribeAlarm'],
  ['POST', '/analysis/detector-models', 'StartDetectorModelAnalysis'],
])('%s %s with and without a slash', async (method, path, name) => {
  const definition = sample('DetectorModelDefinition', CONTROL_PLANE.shapes);
  const body = JSON.stringify({ detectorModelDefinition: definition });
  for (const slash of ['', '/']) {
    const url = `${server.url}${path}${slash}?keyValue=a%3Ab`;
    const response = await fetch(url, { method, ...(method === 'POST' && { body }) });
    expect(response.status).toBe(200);
  }
  expect(handled.map((each) => each.name)).toEqual([name, name]);
  expect(handled[0]).toEqual(handled[1]);
});
