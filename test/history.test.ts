import { afterEach, expect, test } from 'vitest';
import { runCli } from './support/run-cli.ts';
import { startTestServer, type TestServer } from './support/server.ts';
import { countingModel } from './support/service.ts';

/** The message history of a real server: its contents, and how it is read over HTTP and from the command line. */

let server: TestServer | undefined;
afterEach(async () => {
  await server?.dispose();
  server = undefined;
});

async function call(method: string, path: string, body?: object): Promise<Response> {
  return fetch(`${server?.url}${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function define(): Promise<void> {
  for (const inputName of ['I', 'Next'])
    await call('POST', '/inputs', { inputName, inputDefinition: { attributes: [{ jsonPath: 'id' }] } });
  const model = countingModel('M', 'I');
  const [state] = model.detectorModelDefinition.states;
  state?.onInput.events.push({
    eventName: 'forward',
    condition: '$input.I.forward',
    actions: [
      {
        iotEvents: {
          inputName: 'Next',
          payload: { contentExpression: `'{"id":"\${$input.I.id}"}'`, type: 'JSON' },
        },
      },
    ] as never,
  });
  await call('POST', '/detector-models', model);
}

async function put(messageId: string, text: string, inputName = 'I'): Promise<unknown> {
  const payload = Buffer.from(text).toString('base64');
  const response = await call('POST', '/inputs/messages', { messages: [{ messageId, inputName, payload }] });
  return response.json();
}

async function history(query = ''): Promise<Record<string, unknown>[]> {
  const response = await call('GET', `/_tripline/history${query}`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
  const text = await response.text();
  return text === ''
    ? []
    : text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
}

test('has what was accepted, once, as it came, and what an action caused', async () => {
  server = await startTestServer({}, { history: true });
  await define();
  const before = Date.now();
  await put('m1', '{"id":"a",\n "v":30.0}');
  await put('m1', '{"id":"a"}');
  await put('m2', '{"nobody":1}');
  await put('m3', 'no JSON');
  await put('m4', '{"id":"a"}', 'None');
  await put('m5', '{"id":"b","forward":true}');
  await expect.poll(async () => (await history()).length, { timeout: 20_000 }).toBe(3);
  const lines = await history();
  expect(lines).toMatchObject([
    { inputName: 'I', messageId: 'm1', payload: { id: 'a', v: 30 } },
    { inputName: 'I', messageId: 'm5', payload: { id: 'b', forward: true } },
    { inputName: 'Next', payload: { id: 'b' }, source: 'iotEvents' },
  ]);
  const text = await (await call('GET', '/_tripline/history?inputName=I')).text();
  expect(text).toContain('"v":30.0');
  expect(text).not.toContain('Next');
  const time = String(lines[0]?.time);
  expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  // The server's clock follows a steady one, which may differ from this one by some milliseconds.
  expect(Date.parse(time)).toBeGreaterThan(before - 1000);
  expect(await history(`?to=${time}`)).toEqual([]);
  expect(await history(`?from=${Date.parse(time)}&inputName=Next`)).toHaveLength(1);
  expect(await history('?from=2999-01-01')).toEqual([]);
});

test('refuses what it does not know, and is not there unless it is kept', async () => {
  server = await startTestServer({}, { history: true });
  for (const query of ['?from=yesterday', '?until=2020-01-01']) {
    const response = await call('GET', `/_tripline/history${query}`);
    expect(response.status).toBe(400);
    expect(response.headers.get('x-amzn-errortype')).toBe('InvalidRequestException');
  }
  await server.dispose();
  server = await startTestServer();
  expect((await call('GET', '/_tripline/history')).status).toBe(404);
  const { code, err } = await runCli('history', server.url);
  expect([code, err]).toEqual([1, expect.stringContaining('start it with --history')]);
});

test('comes out of the command line as it is, ready for the simulator', async () => {
  server = await startTestServer({}, { history: true });
  await define();
  for (let n = 0; n < 5; n++) await put(`m${n}`, `{"id":"k${n % 2}"}`);
  const text = await (await call('GET', '/_tripline/history')).text();
  const all = await runCli('history', server.url);
  expect([all.code, all.out]).toEqual([0, text]);
  const none = await runCli('history', server.url, '--input-name', 'Next', '--from', '2020-01-01');
  expect([none.code, none.out]).toEqual([0, '']);
  expect((await runCli('history', server.url, '--from', 'soon')).code).toBe(2);
});
