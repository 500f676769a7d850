import fc from 'fast-check';
import inject from 'light-my-request';
import { beforeEach, describe, expect, test } from 'vitest';
import { apiFront } from '../../test/support/api-front.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import { Fault } from '../runtime/fault.ts';
import type { Log } from '../runtime/log.ts';
import { ServiceError } from '../wire/errors.ts';
import { OPERATIONS } from '../wire/service/table.ts';
import type { Handlers } from './api.ts';

const logged: { level: string; fields: object; message: string }[] = [];
const note = (level: string) => (fields: object, message: string) => logged.push({ level, fields, message });
const log: Log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };

beforeEach(() => {
  logged.length = 0;
});

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

async function call(
  handlers: Partial<Handlers> | undefined,
  method: string,
  url: string,
  payload?: string | Buffer,
  headers: Record<string, string> = {},
) {
  const limits = { ...DEFAULT_LIMITS, bodyBytes: 1000 };
  const built = () => {
    if (handlers !== undefined) return handlers as Handlers;
    throw new ServiceError('ServiceUnavailableException', 'The server is starting');
  };
  const response = await inject(apiFront(built, { limits, log }).listener, {
    method,
    url,
    headers,
    ...(payload !== undefined && { payload }),
  });
  expect(response.headers['x-amzn-requestid']).toMatch(UUID);
  return response;
}

const one = { messageId: 'm-1', inputName: 'PressureInput', payload: 'e30=' };
const body = JSON.stringify({ messages: [one] });
const fine: Partial<Handlers> = {
  BatchPutMessage: () => ({ BatchPutMessageErrorEntries: [] }),
  ListInputs: () => ({ inputSummaries: [] }),
  DeleteDetectorModel: () => ({}),
  DeleteInput: () => ({}),
  PutLoggingOptions: () => ({}),
};

describe('answers', () => {
  test('JSON, with a length', async () => {
    const response = await call(fine, 'POST', '/inputs/messages', body);
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe('application/json');
    expect(response.headers['content-length']).toBe(String(response.body.length));
    expect(response.body).toBe('{"BatchPutMessageErrorEntries":[]}');
  });

  test('204 has no body', async () => {
    const response = await call(fine, 'DELETE', '/detector-models/motor');
    expect(response.statusCode).toBe(204);
    expect(response.body).toBe('');
    expect(response.headers).not.toHaveProperty('content-type');
  });

  test.each([
    ['DELETE', '/inputs/a', undefined],
    ['PUT', '/logging', '{"loggingOptions":{"roleArn":"r","level":"INFO","enabled":true}}'],
  ])('%s %s answers with an empty object', async (method, url, payload) => {
    const response = await call(fine, method, url, payload);
    expect([response.statusCode, response.body]).toEqual([200, '{}']);
  });

  test.each(['application/json', 'application/x-amz-json-1.1', 'text/plain', 'nonsense', ''])(
    'any content type: %j',
    async (type) => {
      const response = await call(fine, 'POST', '/inputs/messages', body, { 'content-type': type });
      expect(response.statusCode).toBe(200);
    },
  );
});

describe('errors', () => {
  const throwing = (error: unknown): Partial<Handlers> => ({
    ListInputs: () => {
      throw error;
    },
  });

  test('of a handler, with their members', async () => {
    const resource = { resourceId: 'a', resourceArn: 'arn:a' };
    const error = new ServiceError('ResourceAlreadyExistsException', 'Why', resource);
    const response = await call(throwing(error), 'GET', '/inputs');
    expect(response.statusCode).toBe(409);
    expect(response.headers['x-amzn-errortype']).toBe('ResourceAlreadyExistsException');
    expect(response.json()).toEqual({ message: 'Why', ...resource });
    expect(logged).toEqual([]);
  });

  test('of the runtime', async () => {
    const response = await call(throwing(new Fault('ThrottlingException', 'Why')), 'GET', '/inputs');
    expect([response.statusCode, response.json()]).toEqual([429, { message: 'Why' }]);
  });

  test.each([
    ['an error', new Error('secret detail')],
    ['no error', 'secret detail'],
  ])('that are unexpected: %s', async (_what, thrown) => {
    const response = await call(throwing(thrown), 'GET', '/inputs');
    expect(response.statusCode).toBe(500);
    expect(response.headers['x-amzn-errortype']).toBe('InternalFailureException');
    expect(response.body).not.toContain('secret');
    const requestId = response.headers['x-amzn-requestid'];
    expect(logged).toEqual([
      { level: 'error', fields: { err: thrown, requestId, url: '/inputs' }, message: 'request failed' },
    ]);
  });

  test('of an output that cannot be written as JSON', async () => {
    const output = { inputSummaries: [{ inputName: 1n as never }] };
    const response = await call({ ListInputs: () => output }, 'GET', '/inputs');
    expect(response.statusCode).toBe(500);
    expect(logged).toHaveLength(1);
  });

  test('while the server is starting', async () => {
    const response = await call(undefined, 'GET', '/inputs');
    expect(response.statusCode).toBe(503);
    expect(response.headers['x-amzn-errortype']).toBe('ServiceUnavailableException');
  });

  test.each([
    ['GET', '/nothing', 404, undefined],
    ['POST', '/', 404, undefined],
    ['PATCH', '/inputs', 405, 'GET, POST'],
    ['HEAD', '/inputs', 405, 'GET, POST'],
    ['OPTIONS', '/inputs/a', 405, 'DELETE, GET, PUT'],
  ])('%s %s is %d', async (method, url, status, allow) => {
    const response = await call({}, method, url);
    expect(response.statusCode).toBe(status);
    expect(response.headers['x-amzn-errortype']).toBe('UnknownOperationException');
    expect(response.headers.allow?.toString().split(', ').sort().join(', ')).toBe(allow);
    if (method !== 'HEAD') expect(response.json()).toHaveProperty('message');
  });

  test.each([
    ['no JSON', '{"messages":', /^The request body is not valid JSON: /],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), /^The request body is not valid UTF-8$/],
    ['a byte order mark', Buffer.from(`\uFEFF${body}`), /^The request body is not valid JSON: /],
    ['no object', '[]', /^The request body is not a JSON object$/],
    ['too large', 'x'.repeat(1001), /^The request body is larger than the limit of 1000 bytes$/],
    ['much too large', 'x'.repeat(100_000), /^The request body is larger than the limit of 1000 bytes$/],
    ['nothing', '', /^1 validation error detected: Value null at 'messages'/],
  ])('of a body that is %s', async (_what, payload, message) => {
    const response = await call(fine, 'POST', '/inputs/messages', payload);
    expect(response.statusCode).toBe(400);
    expect(response.headers['x-amzn-errortype']).toBe('InvalidRequestException');
    expect(response.json().message).toMatch(message);
    expect(logged).toEqual([]);
  });

  test('a body of exactly the limit is accepted', async () => {
    const response = await call(fine, 'POST', '/inputs/messages', body.padEnd(1000));
    expect(response.statusCode).toBe(200);
  });

  test.each(['/inputs/%zz', '/inputs?nextToken=%ff'])('of a target like %s', async (url) => {
    const response = await call(fine, 'GET', url);
    expect(response.statusCode).toBe(400);
    expect(response.json().message).toMatch(/not percent-encoded UTF-8$/);
  });
});

test('whatever the bytes, the answer is well-formed', async () => {
  const handlers = Object.fromEntries(OPERATIONS.map(({ name }) => [name, () => ({})]));
  const targets = OPERATIONS.map(({ method, path }) => [method, path.replace(/{\w+}/, 'a')] as const);
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((text) => Buffer.from(text)),
    // An almost valid body: one character replaced.
    fc
      .tuple(fc.nat(body.length - 1), fc.string({ unit: 'binary', maxLength: 2 }))
      .map(([at, text]) => Buffer.from(`${body.slice(0, at)}${text}${body.slice(at + 1)}`)),
  );
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...targets), bytes, async ([method, url], payload) => {
      const response = await call(handlers, method, url, Buffer.from(payload));
      const status = response.statusCode;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status === 204) expect(response.body).toBe('');
      else if (status < 300) expect(response.json()).toEqual({});
      else {
        expect(status).toBe(400);
        expect(response.headers['x-amzn-errortype']).toBe('InvalidRequestException');
        expect(response.json()).toEqual({ message: expect.any(String) });
      }
    }),
    { numRuns: 3000 },
  );
  expect(logged).toEqual([]);
  expect(statuses.get(400)).toBeGreaterThan(1000);
});
