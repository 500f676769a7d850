import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiClient } from '../src/cli/client.ts';
import { startTestServer, type TestServer } from './support/server.ts';

/** What Tripline serves beside the AWS API. */
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  const client = new ApiClient(server.url);
  await client.call('POST', '/inputs', {
    inputName: 'I',
    inputDefinition: { attributes: [{ jsonPath: 'id' }] },
  });
  const actions = [
    { sns: { targetArn: 'arn:aws:sns:us-east-1:000000000000:t' } },
    { dynamoDBv2: { tableName: '$input.I.n' } },
  ];
  await client.call('POST', '/detector-models', {
    detectorModelName: 'M',
    key: 'id',
    roleArn: 'arn:aws:iam::000000000000:role/M',
    detectorModelDefinition: {
      initialStateName: 'A',
      states: [
        {
          stateName: 'A',
          onInput: { events: [{ eventName: 'e', condition: 'currentInput("I")', actions }] },
        },
      ],
    },
  });
  for (const [messageId, id] of ['a', 'b', 'a'].entries()) {
    const payload = Buffer.from(`{"id":"${id}","n":7}`).toString('base64');
    const messages = [{ messageId: `m${messageId}`, inputName: 'I', payload }];
    await client.call('POST', '/inputs/messages', { messages });
  }
});

afterAll(() => server.dispose());

// biome-ignore lint/suspicious/noExplicitAny: an answer is checked by what is expected of it
async function get(path: string): Promise<{ status: number; headers: Headers; body: any }> {
  const response = await fetch(server.url + path);
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json';
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

test('executions are listed newest first, with all that CONTRACT names', async () => {
  const { body } = await get('/_tripline/actions');
  expect(body.nextToken).toBeUndefined();
  expect(
    body.actions.map(({ keyValue, status }: { keyValue: string; status: string }) => [keyValue, status]),
  ).toEqual([
    ['a', 'FAILED'],
    ['a', 'RECORDED'],
    ['b', 'FAILED'],
    ['b', 'RECORDED'],
    ['a', 'FAILED'],
    ['a', 'RECORDED'],
  ]);
  expect(body.actions[0]).toEqual({
    actionExecutionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    type: 'dynamoDBv2',
    detectorModelName: 'M',
    keyValue: 'a',
    eventName: 'e',
    status: 'FAILED',
    attempts: 0,
    createdAt: expect.any(Number),
    roleArn: 'arn:aws:iam::000000000000:role/M',
    lastError: expect.stringContaining('tableName'),
  });
  expect(body.actions[1].request).toMatchObject({ service: 'sns', operation: 'Publish' });
});

test('the list filters and pages', async () => {
  const filter = '/_tripline/actions?detectorModelName=M&keyValue=a&status=RECORDED&maxResults=1';
  const first = await get(filter);
  expect(first.body.actions).toHaveLength(1);
  const second = await get(`${filter}&nextToken=${first.body.nextToken}`);
  expect(second.body.actions).toHaveLength(1);
  expect(second.body.nextToken).toBeUndefined();
  expect(second.body.actions[0].createdAt).toBeLessThanOrEqual(first.body.actions[0].createdAt);
  // Some clients begin with an empty token.
  expect((await get(`${filter}&nextToken=`)).body).toEqual(first.body);
  expect((await get('/_tripline/actions?detectorModelName=Other')).body).toEqual({ actions: [] });
});

test.each([
  ['status=DONE', "'DONE' at 'status'"],
  ['maxResults=0', "'0' at 'maxResults'"],
  ['maxResults=251', "'251' at 'maxResults'"],
  ['nextToken=***', 'nextToken'],
  ['key=a', 'no parameter key'],
  ['type=email', "'email' at 'type'"],
])('a wrong %s is refused by name', async (query, message) => {
  const { status, headers, body } = await get(`/_tripline/actions?${query}`);
  expect(status).toBe(400);
  expect(body.message).toContain(message);
  expect(headers.get('x-amzn-errortype')).toBe('InvalidRequestException');
  expect(headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
});

test('one execution is found by its id, and not changed while nothing is sent', async () => {
  const { body } = await get('/_tripline/actions?type=sns&keyValue=b');
  const [{ actionExecutionId }] = body.actions;
  const path = `/_tripline/actions/${actionExecutionId}`;
  expect((await get(path)).body).toEqual({ action: body.actions[0] });
  const post = (at: string) => fetch(server.url + at, { method: 'POST' });
  for (const [at, status] of [
    [`${path}/redrive`, 400],
    [`${path}/discard`, 400],
    ['/_tripline/actions/redrive', 400],
    ['/_tripline/actions/discard?status=RECORDED', 400],
    ['/_tripline/actions/00000000-0000-0000-0000-000000000000/discard', 404],
    [`${path}/resend`, 404],
  ] as const)
    expect([at, (await post(at)).status]).toEqual([at, status]);
  expect((await get(path)).body).toEqual({ action: body.actions[0] });
});

test('failed executions are discarded, by id and by filter', async () => {
  const { body } = await get('/_tripline/actions?status=FAILED');
  const ids = body.actions.map(({ actionExecutionId }: { actionExecutionId: string }) => actionExecutionId);
  const post = async (at: string) => (await fetch(server.url + at, { method: 'POST' })).json();
  expect(await post(`/_tripline/actions/${ids[0]}/discard`)).toEqual({ action: body.actions[0] });
  expect(await post('/_tripline/actions/discard?keyValue=b')).toEqual({ discarded: 1, skipped: 0 });
  expect((await get('/_tripline/actions?status=FAILED')).body.actions).toEqual([body.actions[2]]);
});

test('messages are throttled where limits say so, and count for nothing then', async () => {
  const throttled = await startTestServer({ messagesPerDetectorPerSecond: 1 });
  const client = new ApiClient(throttled.url);
  await client.call('POST', '/inputs', {
    inputName: 'I',
    inputDefinition: { attributes: [{ jsonPath: 'id' }] },
  });
  const events = [{ eventName: 'e', condition: 'currentInput("I")' }];
  await client.call('POST', '/detector-models', {
    detectorModelName: 'M',
    key: 'id',
    roleArn: 'arn:aws:iam::000000000000:role/M',
    detectorModelDefinition: { initialStateName: 'A', states: [{ stateName: 'A', onInput: { events } }] },
  });
  const payload = Buffer.from('{"id":"a"}').toString('base64');
  const messages = ['1', '2', '3'].map((messageId) => ({ messageId, inputName: 'I', payload }));
  const { BatchPutMessageErrorEntries: entries } = await client.call('POST', '/inputs/messages', {
    messages,
  });
  // All messages of one call are evaluated in one turn, and so within one second.
  expect(entries).toEqual(
    ['2', '3'].map((messageId) => ({
      messageId,
      errorCode: 'ThrottlingException',
      errorMessage: 'Number of messages per detector per second exceeds the limit 1',
    })),
  );
  await throttled.dispose();
});

test('the server tells that it is there and ready, and its figures', async () => {
  expect(await get('/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
  expect(await get('/readyz')).toMatchObject({ status: 200, body: 'ready\n' });
  const { body } = await get('/metrics');
  expect(body).toContain('tripline_messages_total 3');
  expect(body).toContain('tripline_detectors 2');
  expect(body).toContain(
    'tripline_actions_total{type="sns",target="sns/arn:aws:sns:us-east-1:000000000000:t",status="RECORDED"} 3',
  );
  expect(body).toContain('tripline_evaluations_total{trigger="Message"} 3');
  const padding = 'x'.repeat(64 * 1024);
  await fetch(`${server.url}/inputs/messages`, { method: 'POST', body: JSON.stringify({ padding }) });
  const { body: later } = await get('/metrics');
  for (const part of ['turn', 'journal', 'request'])
    expect(later, part).toMatch(new RegExp(`tripline_event_loop_seconds_count\\{part="${part}"\\} [1-9]`));
  expect((await get('/_tripline/none')).status).toBe(404);
});
