import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../test/support/server.ts';
import { ApiClient } from '../../cli/client.ts';
import type { EvaluationEvent } from './evaluation-event.ts';

let server: TestServer;
let client: ApiClient;

const transitionEvents = [
  { eventName: 'hot', condition: '$input.I.t > 30 && $input.I.on', nextState: 'Hot', actions: [] },
];
const onEnter = {
  events: [{ eventName: 'begin', actions: [{ setTimer: { timerName: 'wait', durationExpression: '600' } }] }],
};

beforeAll(async () => {
  server = await startTestServer();
  client = new ApiClient(server.url);
  await client.call('POST', '/inputs', {
    inputName: 'I',
    inputDefinition: { attributes: [{ jsonPath: 'id' }, { jsonPath: 't' }, { jsonPath: 'on' }] },
  });
  await client.call('POST', '/detector-models', {
    detectorModelName: 'M',
    key: 'id',
    roleArn: 'arn:aws:iam::000000000000:role/M',
    detectorModelDefinition: {
      initialStateName: 'Cold',
      states: [{ stateName: 'Cold', onEnter, onInput: { transitionEvents } }, { stateName: 'Hot' }],
    },
  });
});
afterAll(() => server.dispose());

let lastMessage = 0;
async function put(...payloads: object[]): Promise<void> {
  const messages = payloads.map((payload) => ({
    messageId: `m${++lastMessage}`,
    inputName: 'I',
    payload: Buffer.from(JSON.stringify(payload)).toString('base64'),
  }));
  await client.call('POST', '/inputs/messages', { messages });
}

interface Sent {
  readonly type: string;
  readonly id: number;
  readonly data: EvaluationEvent & { readonly skipped?: number };
}

/** Opens a stream, runs `during`, and reads events until one satisfies `isLast`. */
async function read(
  query: string,
  isLast: (sent: readonly Sent[]) => boolean,
  during: () => Promise<void>,
  lastEventId?: number,
): Promise<Sent[]> {
  const abort = new AbortController();
  const headers: Record<string, string> =
    lastEventId === undefined ? {} : { 'Last-Event-ID': String(lastEventId) };
  const response = await fetch(`${server.url}/_tripline/events?${query}`, { headers, signal: abort.signal });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  await during();
  const found: Sent[] = [];
  let text = '';
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const member = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      const type = member('event');
      if (type === undefined) continue;
      found.push({ type, id: Number(member('id') ?? 0), data: JSON.parse(member('data') ?? '{}') });
    }
    if (isLast(found)) break;
  }
  abort.abort();
  return found;
}

const count = (number: number) => (sent: readonly Sent[]) => sent.length >= number;

test('evaluations are sent with their effects and reasons', async () => {
  const [first, second] = await read('detectorModelName=M&keyValue=a', count(2), () =>
    put({ id: 'a', t: 20, on: true }, { id: 'b', t: 20, on: true }, { id: 'a', t: 31, on: false }),
  );
  expect(first?.data).toMatchObject({ kind: 'detector', modelName: 'M', keyValue: 'a', to: 'Cold' });
  expect(first?.data).not.toHaveProperty('from');
  expect(first?.data.trace.timers).toMatchObject([{ name: 'wait', change: 'set', seconds: 600 }]);
  expect(first?.data.trigger).toMatchObject({
    type: 'Message',
    inputName: 'I',
    payload: '{"id":"a","t":20,"on":true}',
  });
  const condition = second?.data.trace.conditions[0];
  expect(second?.data).toMatchObject({ from: 'Cold', to: 'Cold' });
  expect(condition).toMatchObject({
    place: 'states[0].onInput.transitionEvents[0]',
    result: 'False',
    reads: [
      { reference: '$input.I.t', value: '31' },
      { reference: '$input.I.on', value: 'false' },
    ],
  });
  expect(condition?.explain).toContainEqual({
    expression: '$input.I.t > 30',
    value: 'true',
    isSkipped: false,
  });
});

test('a reader that reconnects receives exactly the missed events', async () => {
  const query = 'detectorModelName=M&keyValue=c';
  const [before] = await read(query, count(1), () => put({ id: 'c', t: 1, on: true }));
  await put({ id: 'c', t: 40, on: true });
  const [missed] = await read(query, count(1), async () => {}, before?.id);
  expect(missed?.data.trace.transition).toEqual({
    eventName: 'hot',
    from: 'Cold',
    to: 'Hot',
    place: 'states[0].onInput.transitionEvents[0]',
  });
  const [gap] = await read(query, count(1), async () => {}, 1);
  expect(gap?.type).toBe('gap');
});

test('remembered evaluations are listed newest first, and filtered by input', async () => {
  const get = async (query: string) =>
    (await (await fetch(`${server.url}/_tripline/evaluations?${query}`)).json()) as {
      evaluations: EvaluationEvent[];
    };
  const { evaluations } = await get('detectorModelName=M&keyValue=c&maxResults=5');
  expect(evaluations.map(({ from, to }) => [from, to])).toEqual([
    ['Cold', 'Hot'],
    [undefined, 'Cold'],
  ]);
  expect((await get('inputName=Other')).evaluations).toEqual([]);
  const refused = await fetch(`${server.url}/_tripline/evaluations?key=a`);
  expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('no parameter key')]);
});

test('the overview counts detectors by state, and the list filters them', async () => {
  const overview = (await (await fetch(`${server.url}/_tripline/overview`)).json()) as {
    models: object[];
    storage: number;
  };
  expect(overview.models).toEqual([
    expect.objectContaining({
      kind: 'detector',
      name: 'M',
      count: 3,
      states: { Cold: 2, Hot: 1 },
      errors: 0,
    }),
  ]);
  expect(overview.storage).toBeGreaterThan(0);
  const list = async (query: string) =>
    (await (await fetch(`${server.url}/_tripline/detectors?detectorModelName=M${query}`)).json()) as object;
  expect(await list('&stateName=Hot')).toEqual({
    states: ['Cold', 'Hot'],
    total: 1,
    rows: [['c', 1, expect.any(Number), expect.any(Number), expect.any(Number)]],
  });
  expect(await list('&key=B')).toMatchObject({ total: 1 });
});

test('evaluations beyond the recording rate are counted and reported', async () => {
  const many = Array.from({ length: 10 }, () => ({ id: 'many', t: 1, on: true }));
  const isSampled = (sent: readonly Sent[]) => sent.some(({ type }) => type === 'sampled');
  let stop = false;
  const flood = async () => {
    while (!stop) await put(...many);
  };
  let flooding: Promise<void> | undefined;
  const sent = await read('inputName=I', isSampled, async () => {
    flooding = flood();
  });
  stop = true;
  await flooding;
  expect(sent.find(({ type }) => type === 'sampled')?.data.skipped).toBeGreaterThan(0);
});

test('a closing server ends its streams', async () => {
  const closing = await startTestServer();
  const response = await fetch(`${closing.url}/_tripline/events`);
  const text = response.text();
  await closing.dispose();
  expect(await text).toBe('retry: 2000\n\n');
});
