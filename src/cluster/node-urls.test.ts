import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, expect, test, vi } from 'vitest';
import { NodeUrls } from './node-urls.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

/** A node that answers with this status; `calls` counts the calls. */
async function node(status: number, answer = `status ${status}`) {
  const state = { calls: 0, url: '' };
  const server = createServer((_request, response) => {
    state.calls++;
    response.writeHead(status).end(answer);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  state.url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  return state;
}

/** An address on which nobody listens any more. */
async function gone(): Promise<string> {
  const { url } = await node(200);
  const server = servers.pop();
  server?.close();
  if (server !== undefined) await once(server, 'close');
  return url;
}

const call = (repeatFor: number) => ({ method: 'POST', path: '/x', headers: {}, body: '{}', repeatFor });

test('the next node is tried when one does not answer or cannot help, and then stays in use', async () => {
  const [dead, busy, well] = [await gone(), await node(503), await node(200)];
  const urls = new NodeUrls(`${dead}, ${busy.url}/,${well.url}`);
  expect(await urls.call(call(5000))).toBe('status 200');
  expect(await urls.call(call(5000))).toBe('status 200');
  expect([busy.calls, well.calls]).toEqual([1, 2]);
});

test('a node that a partition moves to or from is asked no more for now', async () => {
  const answer = '{"message":"External error: partition 0 doesn\'t exist on this node, this is benign"}';
  const [moving, well, broken] = [await node(500, answer), await node(200), await node(500)];
  expect(await new NodeUrls(`${moving.url},${well.url}`).call(call(5000))).toBe('status 200');
  const failed = new NodeUrls(`${broken.url},${well.url}`).call(call(5000));
  await expect(failed).rejects.toMatchObject({ status: 500 });
});

const unheard = `{"code":404,"message":"service 'a-catalog' not found, make sure to register the service"}`;

test('a node that has not heard of a worker is asked no more for now', async () => {
  const [behind, well] = [await node(404, unheard), await node(200)];
  expect(await new NodeUrls(`${behind.url},${well.url}`).call(call(5000))).toBe('status 200');
  const elsewhere = new NodeUrls(`${(await node(404)).url},${well.url}`).call(call(5000));
  await expect(elsewhere).rejects.toMatchObject({ status: 404 });
});

test('where no node hears of a worker for some seconds there is none, however long other calls are repeated', async () => {
  const { url } = await node(404, unheard);
  const now = vi.spyOn(Date, 'now').mockReturnValue(0);
  const failed = new NodeUrls(url).call(call(120_000));
  now.mockReturnValue(10_000);
  try {
    await expect(failed).rejects.toMatchObject({ status: 404 });
  } finally {
    now.mockRestore();
  }
});

test('a refusal is final, and a call that must not be repeated is made once', async () => {
  const [wrong, busy] = [await node(400), await node(503)];
  await expect(new NodeUrls(wrong.url).call(call(5000))).rejects.toMatchObject({ status: 400 });
  expect(wrong.calls).toBe(1);
  await expect(new NodeUrls(busy.url).call(call(0))).rejects.toMatchObject({ status: 503 });
  expect(busy.calls).toBe(1);
});
