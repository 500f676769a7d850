import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Admin } from './admin.ts';
import { IngressError } from './node-urls.ts';

let server: Server | undefined;
afterEach(() => server?.close());

/** An admin API that answers so, and the calls that it gets. */
async function adminOf(answer: (path: string, body: string) => { status?: number; body: object }) {
  const calls: [path: string, body: unknown][] = [];
  const own = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    calls.push([request.url ?? '', text === '' ? undefined : JSON.parse(text)]);
    const { status = 200, body } = answer(request.url ?? '', text);
    response.writeHead(status).end(JSON.stringify(body));
  });
  server = own;
  await new Promise<void>((resolve) => own.listen(0, '127.0.0.1', resolve));
  return { admin: new Admin(`http://127.0.0.1:${(own.address() as AddressInfo).port}`), calls };
}

const SERVED = [
  { name: 'tripline-slot', handlers: ['apply', 'list'] },
  { name: 'tripline-rows', handlers: ['read'] },
];
const known = (...handlers: string[]) => ({
  services: [
    { name: 'tripline-slot', handlers: ['apply', 'list', 'former'].map((name) => ({ name })) },
    { name: 'tripline-rows', handlers: handlers.map((name) => ({ name })) },
  ],
});

test.each([
  ['all that it serves is known', known('read', 'commit'), false],
  ['a handler is new', known(), true],
  ['an object is new', { services: known().services.slice(0, 1) }, true],
])('an address is asked again where needed: %s', async (_, answer, isAgain) => {
  const { admin, calls } = await adminOf(() => ({ body: answer }));
  expect(await admin.register('http://worker:9080', SERVED)).toBe(isAgain);
  const deployment = { uri: 'http://worker:9080', use_http_11: false };
  expect(calls).toEqual([
    ['/deployments', deployment],
    ...(isAgain ? [['/deployments', { ...deployment, force: true }]] : []),
  ]);
});

test('what is no admin API is not waited for', async () => {
  const { admin, calls } = await adminOf(() => ({ status: 400, body: { message: 'bad path: /query' } }));
  const refused = admin.ready(60_000);
  await expect(refused).rejects.toThrow(/no admin API of Restate, whose port is 9070: .*bad path/);
  await expect(refused).rejects.toBeInstanceOf(IngressError);
  expect(calls).toHaveLength(1);
});

test('an admin API that cannot answer yet is', async () => {
  let times = 0;
  const { admin } = await adminOf(() => (++times < 3 ? { status: 500, body: {} } : { body: { rows: [] } }));
  await admin.ready(60_000);
  expect(times).toBe(3);
});
