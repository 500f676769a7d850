import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { freePort, pause, ServerProcess } from '../support/server-process.ts';
import { defineActing, readings } from './acting-model.ts';

/** Stopping a server in various conditions, and losing what it depends on. Uses real processes. */

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tripline-stopping-'));
  cleanups.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function newServer(...args: string[]): Promise<ServerProcess> {
  const server = new ServerProcess(await freePort(), [
    ...['--data-dir', join(folder(), 'data'), '--actions', 'record', '--stop-timeout', '4'],
    ...args,
  ]);
  cleanups.push(() => server.stop('SIGKILL'));
  return server;
}

function certificate(): string[] {
  const path = folder();
  const [key, cert] = [join(path, 'key.pem'), join(path, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-keyout', key, '-out', cert];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject], { stdio: 'ignore' });
  return ['--tls-cert', cert, '--tls-key', key];
}

/** Connections that never send anything. */
async function silent(port: number, count: number) {
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1').on('error', () => {}));
  cleanups.push(() => sockets.forEach((socket) => void socket.destroy()));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return sockets;
}

async function stop(server: ServerProcess): Promise<{ code: number | null; seconds: number }> {
  const began = performance.now();
  const code = await server.stop('SIGTERM');
  return { code, seconds: (performance.now() - began) / 1000 };
}

const portOf = (server: ServerProcess) => Number(new URL(server.url).port);

async function launchTls(server: ServerProcess): Promise<void> {
  const child = server.launch();
  cleanups.push(() => child.kill('SIGKILL'));
  while (!server.output.includes('"ready"')) await pause(50);
}

describe('SIGTERM ends the process with code 0 in time', () => {
  test('with silent TLS connections', async () => {
    const server = await newServer(...certificate());
    await launchTls(server);
    await silent(portOf(server), 20);
    const { code, seconds } = await stop(server);
    expect(code).toBe(0);
    expect(seconds).toBeLessThan(8);
  });

  test('with silent MQTT connections', async () => {
    const mqttPort = await freePort();
    const server = await newServer('--mqtt-port', String(mqttPort));
    await server.start();
    await silent(mqttPort, 20);
    const { code, seconds } = await stop(server);
    expect(code).toBe(0);
    expect(seconds).toBeLessThan(8);
  });

  test('with iotEvents actions under way', async () => {
    const server = await newServer();
    await server.start();
    const client = new ApiClient(server.url);
    await client.call('POST', '/inputs', {
      inputName: 'Reading',
      inputDefinition: { attributes: [{ jsonPath: 'n' }] },
    });
    const again = {
      iotEvents: {
        inputName: 'Reading',
        payload: { type: 'JSON', contentExpression: '\'{"n":1}\'' },
      },
    };
    await client.call('POST', '/detector-models', {
      detectorModelName: 'Circle',
      roleArn: 'arn:aws:iam::000000000000:role/r',
      detectorModelDefinition: {
        initialStateName: 'A',
        states: [
          {
            stateName: 'A',
            onInput: {
              events: [{ eventName: 'e', condition: 'currentInput("Reading")', actions: [again] }],
            },
          },
        ],
      },
    });
    for (let n = 0; n < 10; n++) await client.call('POST', '/inputs/messages', readings(`k${n}`, [1, 2, 3]));
    expect((await stop(server)).code).toBe(0);
    expect(server.output).toContain('"stopped"');
  });

  test('with clients that go on over kept connections, whose messages are not taken', async () => {
    const server = await newServer();
    await server.start();
    await defineActing(server.url, 'http://127.0.0.1/q');
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    cleanups.push(() => agent.destroy());
    let isStopping = false;
    let late = 0;
    let isOver = false;
    const client = async (name: number) => {
      for (let n = 0; !isOver; n++) {
        const beganLate = isStopping;
        const status = await post(agent, server.url, readings(`k${name}`, [n])).catch(() => undefined);
        if (status === undefined) return;
        if (beganLate && status === 200) late++;
      }
    };
    const clients = Array.from({ length: 8 }, (_, name) => client(name));
    await pause(500);
    const stopped = stop(server);
    await pause(100);
    isStopping = true;
    expect((await stopped).code).toBe(0);
    isOver = true;
    await Promise.all(clients);
    expect(late).toBe(0);
  });

  test('when the reader of standard output has gone', async () => {
    const server = await newServer();
    await server.start();
    await logEverything(server);
    server.abandonOutput();
    const client = new ApiClient(server.url);
    for (let n = 0; n < 20; n++) await client.call('POST', '/inputs/messages', readings('k', [n]));
    expect((await stop(server)).code).toBe(0);
  });

  test('when the evaluation log is a FIFO that nobody reads', async () => {
    const fifo = join(folder(), 'fifo');
    execFileSync('mkfifo', [fifo]);
    const server = await newServer('--evaluation-log', fifo);
    await server.start();
    await logEverything(server);
    await new ApiClient(server.url).call('POST', '/inputs/messages', readings('k', [1]));
    expect((await stop(server)).code).toBe(0);
  });

  test('after a hangup, which it outlives', async () => {
    const server = await newServer();
    await server.start();
    server.signal('SIGHUP');
    await pause(300);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect((await stop(server)).code).toBe(0);
  });

  test('with a full disk under standard error, which it outlives', async () => {
    const server = await newServer('--log-level', 'debug');
    server.stderrTo = '/dev/full';
    await server.start();
    await defineActing(server.url, 'http://127.0.0.1/q');
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect((await stop(server)).code).toBe(0);
  });
});

test('connections that never finish their TLS handshake are closed', async () => {
  const config = join(folder(), 'config.json');
  writeFileSync(config, JSON.stringify({ limits: { handshakeTimeout: 300 } }));
  const server = await newServer('--config', config, ...certificate());
  await launchTls(server);
  const sockets = await silent(portOf(server), 5);
  for (const socket of sockets) socket.resume();
  await Promise.all(sockets.map((socket) => once(socket, 'close')));
});

test('too few file descriptors are an error that says so', async () => {
  const server = await newServer();
  server.descriptors = 24;
  const child = server.launch();
  const [code] = await once(child, 'close');
  expect(code).toBe(1);
  expect(server.output).toMatch(/too few files.*ulimit -n/);
  expect(server.output).not.toMatch(/\n {4}at /);
});

async function logEverything(server: ServerProcess): Promise<void> {
  await defineActing(server.url, 'http://127.0.0.1/q');
  const detectorDebugOptions = [{ detectorModelName: 'Acting' }];
  const loggingOptions = { roleArn: 'arn:aws:iam::000000000000:role/r', level: 'DEBUG', enabled: true };
  await new ApiClient(server.url).call('PUT', '/logging', {
    loggingOptions: { ...loggingOptions, detectorDebugOptions },
  });
}

async function post(agent: Agent, url: string, body: object): Promise<number> {
  const sent = request(`${url}/inputs/messages`, {
    method: 'POST',
    agent,
    headers: { 'content-type': 'application/json' },
  });
  sent.end(JSON.stringify(body));
  const [response] = await once(sent, 'response');
  response.resume();
  await once(response, 'end');
  return response.statusCode;
}
