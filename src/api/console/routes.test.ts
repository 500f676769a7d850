import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../test/support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.dispose());

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(server.url + path, { redirect: 'manual', headers });

/** Uses a client that may set any header, since `fetch` sets some itself. */
function statusOf(path: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(server.url + path, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject).end();
  });
}

test.each([
  ['/console/', './'],
  ['/console/models', './'],
  ['/console/models/Pump', '../'],
  ['/console/models/Pump/detectors/a%2Fb.c', '../../../'],
])('%s returns the page, whose addresses are relative to %s', async (path, base) => {
  const response = await get(path);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-cache');
  const page = await response.text();
  expect(page).toContain(`<base href="${base}"`);
  expect(page).not.toMatch(/(src|href)="(\/|https?:)/);
});

test('scripts are only allowed from this origin, neither inline nor from text', async () => {
  const policy = (await get('/console/')).headers.get('content-security-policy') ?? '';
  const scripts = policy.split('; ').filter((each) => /^(default|script)-src/.test(each));
  expect(scripts).toEqual(["default-src 'none'", "script-src 'self'"]);
  expect(policy).not.toContain('unsafe-eval');
  expect(policy).toContain("frame-ancestors 'none'");
});

test('a file that the browser has cached is not sent again', async () => {
  const page = await (await get('/console/')).text();
  const script = /src="\.\/(assets\/[^"]+\.js)"/.exec(page)?.[1] ?? '';
  const first = await get(`/console/${script}`);
  expect(first.headers.get('cache-control')).toContain('immutable');
  expect(first.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(first.headers.get('content-encoding')).toBe('gzip');
  const etag = first.headers.get('etag') ?? '';
  expect((await get(`/console/${script}`, { 'if-none-match': etag })).status).toBe(304);
});

describe('entry points', () => {
  test.each(['/', '/console'])('%s leads to the console', async (path) => {
    const response = await get(path);
    expect([response.status, response.headers.get('location')]).toEqual([302, 'console/']);
  });

  test('a missing asset is not answered with the page', async () => {
    expect((await get('/console/assets/none.js')).status).toBe(404);
  });

  test('no path leads outside the folder', async () => {
    const response = await get('/console/..%2f..%2fpackage.json');
    expect(await response.text()).toContain('<base href');
  });

  test('a link on another site may open a page, but nothing else', async () => {
    const navigation = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    expect(await statusOf('/console/models', navigation)).toBe(200);
    expect(await statusOf('/inputs', navigation)).toBe(403);
    expect(await statusOf('/console/', { ...navigation, 'sec-fetch-dest': 'iframe' })).toBe(403);
  });
});

test('everybody may ask whether to sign in, and for which region', async () => {
  expect(await (await get('/console/settings.json')).json()).toEqual({ signIn: false, region: 'us-east-1' });
});
