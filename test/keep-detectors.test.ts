import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from './support/server.ts';
import { countingModel } from './support/service.ts';

/** Updates that keep detectors, over HTTP: the query, the header, and the answer. */

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await call('POST', '/inputs', {
    inputName: 'I',
    inputDefinition: { attributes: [{ jsonPath: 'id' }] },
  });
  await call('POST', '/detector-models', countingModel('M', 'I'));
});
afterAll(() => server.dispose());

async function call(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const { detectorModelName: _, key: __, ...update } = countingModel('M', 'I');
let messages = 0;
const put = (id: string) =>
  call('POST', '/inputs/messages', {
    messages: [
      {
        messageId: `m${++messages}`,
        inputName: 'I',
        payload: Buffer.from(JSON.stringify({ id })).toString('base64'),
      },
    ],
  });
const detector = async () => (await call('GET', '/detectors/M/keyValues?keyValue=a')).body.detector;
const renamed = {
  ...update,
  detectorModelDefinition: JSON.parse(
    JSON.stringify(update.detectorModelDefinition).replaceAll('Counting', 'Renamed'),
  ),
};

test('by the query and by the header; without either, and with false, detectors are reset', async () => {
  for (const [query, headers] of [
    ['?keepDetectors=true', {}],
    ['', { 'x-tripline-keep-detectors': 'true' }],
  ] as const) {
    await put('a');
    const { status, body } = await call('POST', `/detector-models/M${query}`, update, headers);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      detectorModelConfiguration: { detectorModelName: 'M' },
      detectors: { kept: 1, reset: 0, resetDetectors: [] },
    });
  }
  expect(await detector()).toMatchObject({
    detectorModelVersion: '3',
    state: { stateName: 'Counting', variables: [{ name: 'n', value: '2' }] },
  });
  const { body } = await call('POST', '/detector-models/M?keepDetectors=false', update);
  expect(body).not.toHaveProperty('detectors');
  expect((await call('GET', '/detectors/M/keyValues?keyValue=a')).status).toBe(404);
});

test('a preview names what would be reset, and makes no version', async () => {
  await put('a');
  const before = await detector();
  const { status, body } = await call('POST', '/detector-models/M?keepDetectors=preview', renamed);
  expect(status).toBe(200);
  expect(body).toEqual({
    detectors: { kept: 0, reset: 1, resetDetectors: [{ keyValue: 'a', stateName: 'Counting' }] },
  });
  expect(await detector()).toEqual(before);
});

test('what the new version reads of messages that the old one did not is named', async () => {
  await put('a');
  const reading = {
    ...update,
    detectorModelDefinition: JSON.parse(
      JSON.stringify(update.detectorModelDefinition).replaceAll(
        'currentInput(\\"I\\")',
        '$input.I.id == \\"a\\" && $input.I.level[0] > 1',
      ),
    ),
  };
  const { body } = await call('POST', '/detector-models/M?keepDetectors=preview', reading);
  expect(body).toMatchObject({ detectors: { kept: 1, attributesNotKept: ['I.id', 'I.level[0]'] } });
});

test('any other value is refused by its name', async () => {
  const { status, body } = await call('POST', '/detector-models/M?keepDetectors=maybe', update);
  expect(status).toBe(400);
  expect(body.message).toContain("Value 'maybe' at 'keepDetectors' failed to satisfy constraint");
});
