import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import dynalite from 'dynalite';
import { runPython } from '../support/python.ts';
import { freePort, pause } from '../support/server-process.ts';

/** The services for the target tests; `npm test` installs them (scripts/provision-targets.mjs). */
const MOTO = fileURLToPath(new URL('../../.targets/venv/bin/moto_server', import.meta.url));
const MOSQUITTO = ['/usr/sbin/mosquitto', 'mosquitto'].find(
  (path) => spawnSync(path, ['-h']).error === undefined,
);

export const hasMoto = existsSync(MOTO);
export const hasMosquitto = MOSQUITTO !== undefined;

export interface Peer {
  readonly url: string;
  stop(): Promise<void>;
}

/** The AWS emulator, with Lambda functions that run without containers. */
export async function startMoto(): Promise<Peer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const folder = mkdtempSync(join(tmpdir(), 'tripline-moto-'));
  const env = { ...process.env, MOTO_RECORDER_FILEPATH: join(folder, 'recording') };
  const child = spawn(MOTO, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore', env });
  await until(async () => (await fetch(`${url}/moto-api/`)).ok, child, 'moto_server');
  const config = { method: 'POST', headers: { 'content-type': 'application/json' } };
  await fetch(`${url}/moto-api/config`, { ...config, body: '{"lambda":{"use_docker":false}}' });
  const stop = async () => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, stop };
}

export async function startMosquitto(): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), 'tripline-mosquitto-'));
  const port = await freePort();
  const file = join(folder, 'mosquitto.conf');
  writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
  const child = spawn(MOSQUITTO as string, ['-c', file], { stdio: 'ignore' });
  await until(() => accepts(port), child, 'mosquitto');
  const stop = async () => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: `mqtt://127.0.0.1:${port}`, stop };
}

/** A second, independent DynamoDB implementation. */
export async function startDynalite(): Promise<Peer> {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}`, stop: () => closeServer(server) };
}

/** A request as sent. */
export interface Wire {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly status: number;
}

/** Forwards every request and records it; without a target it answers `{}` itself. */
export async function startWiretap(target: string | undefined): Promise<Peer & { readonly wires: Wire[] }> {
  const wires: Wire[] = [];
  const server = createServer((incoming, response) => {
    void (async () => {
      const body = await read(incoming);
      const { method = '', url: path = '', headers } = incoming;
      const answer = target === undefined ? OK : await passOn(target, method, path, headers, body);
      wires.push({ method, path, headers, body: body.toString('utf8'), status: answer.status });
      response.writeHead(answer.status, answer.headers).end(answer.body);
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}`, wires, stop: () => closeServer(server) };
}

const OK = { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from('{}') };

/** Runs a script of this folder with that standard input; resolves with its output, parsed as JSON. */
export async function runScript<T>(script: string, input: unknown): Promise<T> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  return JSON.parse(await runPython([path], {}, JSON.stringify(input))) as T;
}

function passOn(
  target: string,
  method: string,
  path: string,
  headers: IncomingMessage['headers'],
  body: Buffer,
): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(target + path, { method, headers }, (answer) => {
      read(answer).then(
        (read) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: read }),
        reject,
      );
    });
    outgoing.on('error', reject).end(body);
  });
}

async function read(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function until(isReady: () => Promise<boolean>, child: ChildProcess, name: string): Promise<void> {
  const deadline = Date.now() + 40_000;
  for (;;) {
    if (await isReady().catch(() => false)) return;
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`);
    if (Date.now() > deadline) throw new Error(`${name} is not ready after 40 s`);
    await pause(50);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
