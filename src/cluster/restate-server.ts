import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
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

/** Starts one node, or several that replicate to each other. Rejects when they are not ready within a minute. */
export async function startRestate(
  binary: string,
  directory: string,
  count: number,
  {
    environment = {},
    places = [],
  }: { readonly environment?: NodeJS.ProcessEnv; readonly places?: readonly NodePlace[] } = {},
): Promise<RestateServers> {
  const ports = await freePorts(count * 3);
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
    const run = () => spawn(program, args, { env, stdio: ['ignore', 'ignore', 'ignore'] });
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
  try {
    await Promise.all(nodes.map(({ adminUrl }) => new Admin(adminUrl).ready(60_000)));
  } catch (error) {
    await stop();
    throw error;
  }
  return { nodes, stop };
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
