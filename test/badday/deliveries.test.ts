import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, createServer, type RequestListener, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { startQueueStub } from '../crash/queue-stub.ts';
import { freePort, pause, ServerProcess } from '../support/server-process.ts';
import { defineActing, readings } from './acting-model.ts';

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(endpoint: string): Promise<ServerProcess> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tripline-badday-'));
  cleanups.push(() => rmSync(dataDir, { recursive: true, force: true }));
  const env = { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' };
  const server = new ServerProcess(await freePort(), ['--data-dir', dataDir], env);
  cleanups.push(() => server.stop('SIGKILL'));
  return server;
}

async function target(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within 30 s: ${what}`);
    await pause(50);
  }
}

interface Listed {
  readonly actions: readonly { readonly status: string; readonly lastError?: string }[];
}

test('what SIGTERM cuts off in the body of its answer begins anew at the next start', async () => {
  let taken = 0;
  const endpoint = await target((incoming, response) => {
    incoming.resume();
    incoming.on('end', () => {
      taken++;
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
      // The rest of the answer never comes.
      response.write('{"MessageId":');
    });
  });
  const server = await serve(endpoint);
  await server.start();
  await defineActing(server.url, `${endpoint}/0/q`);
  await new ApiClient(server.url).call('POST', '/inputs/messages', readings('k', [1]));
  await until('the target has the message', () => taken > 0);
  expect(await server.stop('SIGTERM')).toBe(0);
  await server.start();
  const { actions } = (await new ApiClient(server.url).call(
    'GET',
    '/_tripline/actions',
  )) as unknown as Listed;
  expect(actions).toMatchObject([{ status: 'PENDING' }]);
});

test('actions wait while no file descriptor is left, and go when there are some again', async () => {
  const stub = await startQueueStub(0);
  cleanups.push(() => stub.close());
  const server = await serve(stub.url);
  server.descriptors = 160;
  await server.start();
  await defineActing(server.url, `${stub.url}/0/q`);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  cleanups.push(() => agent.destroy());
  // This connection is open before the descriptors run out.
  await post(agent, server.url, readings('before', []));
  const sockets: Socket[] = [];
  for (let n = 0; n < 220; n++) {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.on('error', () => socket.destroy());
    sockets.push(socket);
  }
  await pause(500);
  await post(agent, server.url, readings('k', [1, 2, 3]));
  await pause(500);
  for (const socket of sockets) socket.destroy();
  await until('the actions have arrived', () => stub.bodies.length >= 3);
  expect([...new Set(stub.bodies)]).toEqual(['k 1', 'k 2', 'k 3']);
});

async function post(agent: Agent, url: string, body: object): Promise<void> {
  const sent = request(`${url}/inputs/messages`, {
    method: 'POST',
    agent,
    headers: { 'content-type': 'application/json' },
  });
  sent.end(JSON.stringify(body));
  const [response] = await once(sent, 'response');
  response.resume();
  await once(response, 'end');
}
