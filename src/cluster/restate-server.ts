import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Admin } from './admin.ts';

/** Restate's server from its npm package, for trials and tests: nodes on this machine's loopback addresses. */
export interface RestateNode {
  readonly name: string;
  readonly ingressUrl: string;
  readonly adminUrl: string;
  /** The process; it may be killed, and restarted with `start`. */
  readonly child: ChildProcess;
  start(): void;
}

export interface RestateServers {
  readonly nodes: readonly RestateNode[];
  stop(): Promise<void>;
}

/** The path of the server, if `npm install --prefix cluster` has been run. */
export function restateBinary(): string | undefined {
  const name = `@restatedev/restate-server-${platform()}-${arch()}`;
  const path = fileURLToPath(
    new URL(`../../cluster/node_modules/${name}/bin/restate-server`, import.meta.url),
  );
  return existsSync(path) ? path : undefined;
}

/** Where a node runs: its address, and the command prefix that starts a program there (`ip netns exec one`). */
export interface NodePlace {
  readonly host: string;
  readonly command: readonly string[];
}

const HERE: NodePlace = { host: '127.0.0.1', command: [] };

/**
 * Starts one node, or several that replicate to each other; each writes its log beside its data. Rejects when they are
 * not ready within a minute, when one of them exits, or when `signal` aborts; all of them are stopped then.
 */
export async function startRestate(
  binary: string,
  directory: string,
  count: number,
  {
    environment = {},
    places = [],
    ports: given,
    signal,
  }: {
    readonly environment?: NodeJS.ProcessEnv;
    readonly places?: readonly NodePlace[];
    /** Three for each node; nodes with existing data need the same ports again. */
    readonly ports?: readonly number[];
    readonly signal?: AbortSignal;
  } = {},
): Promise<RestateServers> {
  const ports = given ?? (await freePorts(count * 3));
  const hostOf = (index: number) => (places[index] ?? HERE).host;
  const addresses = Array.from(
    { length: count },
    (_, index) => `http://${hostOf(index)}:${ports[index * 3 + 2]}`,
  );
  const nodes = Array.from({ length: count }, (_, index): RestateNode => {
    const name = `node-${index + 1}`;
    const [ingress = 0, admin = 0, own = 0] = ports.slice(index * 3, index * 3 + 3);
    const { host, command } = places[index] ?? HERE;
    const base = join(directory, name);
    mkdirSync(base, { recursive: true });
    const env = {
      PATH: process.env.PATH,
      RESTATE_BASE_DIR: base,
      RESTATE_CLUSTER_NAME: 'tripline',
      RESTATE_NODE_NAME: name,
      RESTATE_BIND_ADDRESS: `${host}:${own}`,
      RESTATE_ADVERTISED_ADDRESS: `http://${host}:${own}`,
      RESTATE_INGRESS__BIND_ADDRESS: `${host}:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `${host}:${admin}`,
      RESTATE_METADATA_CLIENT__ADDRESSES: JSON.stringify(addresses),
      RESTATE_AUTO_PROVISION: String(index === 0),
      RESTATE_DEFAULT_REPLICATION: String(Math.min(2, count)),
      RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE: '256MiB',
      RESTATE_DISABLE_TELEMETRY: 'true',
      RESTATE_LOG_FILTER: 'warn',
      ...environment,
    };
    const [program = binary, ...args] = [...command, binary];
    const run = () => {
      const log = openSync(logOf(directory, name), 'a');
      const started = spawn(program, args, { env, stdio: ['ignore', log, log] });
      closeSync(log);
      return started;
    };
    let child = run();
    return {
      name,
      ingressUrl: `http://${host}:${ingress}`,
      adminUrl: `http://${host}:${admin}`,
      get child() {
        return child;
      },
      start() {
        child = run();
      },
    };
  });
  const stop = async () => {
    await Promise.all(nodes.map(({ child }) => stopChild(child)));
  };
  const started = new AbortController();
  try {
    const ready = Promise.all(nodes.map(({ adminUrl }) => new Admin(adminUrl).ready(60_000)));
    const ends = nodes.map((node) => ended(node, directory, started.signal));
    await Promise.race([ready, ...ends, aborted(signal)]);
  } catch (error) {
    await stop();
    throw error;
  } finally {
    started.abort();
  }
  return { nodes, stop };
}

function logOf(directory: string, name: string): string {
  return join(directory, `${name}.log`);
}

/** Rejects when a node exits, with the last lines of its log. */
async function ended({ name, child }: RestateNode, directory: string, signal: AbortSignal): Promise<never> {
  const [code, killedBy] = await once(child, 'exit', { signal });
  const log = logOf(directory, name);
  const said = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-5).join('\n');
  throw new Error(`${name} of Restate has ended (${killedBy ?? code}); ${log} ends with:\n${said}`);
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new Error('Restate was stopped')), { once: true });
  });
}

function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const kill = setTimeout(() => child.kill('SIGKILL'), 10_000);
    child.once('exit', () => {
      clearTimeout(kill);
      resolve();
    });
    child.kill('SIGTERM');
  });
}

/** Loopback ports that are currently free. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            resolve(typeof address === 'object' && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
