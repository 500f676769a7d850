import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin } from '../../src/cluster/admin.ts';
import { Ingress } from '../../src/cluster/ingress.ts';
import { RestateHost } from '../../src/cluster/restate-host.ts';
import {
  type NodePlace,
  type RestateServers,
  restateBinary,
  startRestate,
} from '../../src/cluster/restate-server.ts';
import { startWorker, type Worker } from '../../src/cluster/worker.ts';
import { NO_RECIPIENTS } from '../../src/core/action/index.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/limits.ts';
import type { Senders } from '../../src/send/index.ts';
import { quietLog } from '../support/quiet.ts';

/** Why tests of the cluster are skipped; undefined when they are not. */
export const WHY_NOT =
  restateBinary() === undefined
    ? 'Restate’s server is not installed: npm install --prefix cluster'
    : undefined;

export interface Restate {
  readonly servers: RestateServers;
  readonly admin: Admin;
  readonly ingressUrl: string;
  readonly adminUrl: string;
  dispose(): Promise<void>;
}

/** Only Restate, which several clusters may share. */
export async function startServers(nodes: number, places: readonly NodePlace[] = []): Promise<Restate> {
  const binary = restateBinary();
  if (binary === undefined) throw new Error(WHY_NOT);
  const directory = await mkdtemp(join(tmpdir(), 'tripline-cluster-'));
  const servers = await startRestate(binary, directory, nodes, { places });
  const ingressUrl = servers.nodes.map((node) => node.ingressUrl).join(',');
  const adminUrl = servers.nodes.map((node) => node.adminUrl).join(',');
  return {
    servers,
    admin: new Admin(adminUrl),
    ingressUrl,
    adminUrl,
    async dispose() {
      await servers.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export interface ClusterOptions {
  readonly cluster?: string;
  /** Where the worker listens. */
  readonly address?: string;
  readonly limits?: Partial<Limits>;
  readonly senders?: Senders;
  readonly now?: () => number;
}

/** A worker in this process, not registered yet. */
export function workerOf({ ingressUrl }: Restate, port: number, options: ClusterOptions): Promise<Worker> {
  const { cluster = 'tripline', senders, now } = options;
  return startWorker(port, options.address ?? '127.0.0.1', {
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    log: quietLog,
    notifications: NO_RECIPIENTS,
    senders,
    ingressUrl,
    cluster,
    ...(now !== undefined && { now }),
  });
}

export function frontOf({ ingressUrl, admin }: Restate, options: ClusterOptions): RestateHost {
  return new RestateHost({
    ingress: new Ingress(ingressUrl, options.cluster ?? 'tripline'),
    admin,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    log: quietLog,
    batches: { size: 200, wait: 5, giveUp: 30_000, ...(options.now !== undefined && { now: options.now }) },
  });
}

/** Removes the deployments of workers that are gone, since Restate would keep trying to reach them. */
export async function forget({ servers }: Restate, service: string): Promise<void> {
  const adminUrl = servers.nodes[0]?.adminUrl;
  const { deployments } = (await (await fetch(`${adminUrl}/deployments`)).json()) as {
    deployments: { readonly id: string; readonly services: readonly { readonly name: string }[] }[];
  };
  for (const { id, services } of deployments)
    if (services.some(({ name }) => name === service))
      await fetch(`${adminUrl}/deployments/${id}?force=true`, { method: 'DELETE' });
}

/** Registers a worker with Restate and the fronts. */
export async function enlist(
  restate: Restate,
  { port, serves }: Worker,
  { cluster = 'tripline', address = '127.0.0.1' }: ClusterOptions,
) {
  const url = `http://${address}:${port}`;
  await restate.admin.register(url, serves);
  await new Ingress(restate.ingressUrl, cluster).announce(url);
}

export interface ClusterRig extends Restate {
  readonly worker: Worker;
  host(): RestateHost;
}

/** Restate, a worker in this process, and fronts on demand. */
export async function startCluster(nodes: number, options: ClusterOptions = {}): Promise<ClusterRig> {
  const restate = await startServers(nodes);
  const worker = await workerOf(restate, 0, options);
  await enlist(restate, worker, options);
  const hosts: RestateHost[] = [];
  return {
    ...restate,
    worker,
    host() {
      const host = frontOf(restate, options);
      hosts.push(host);
      return host;
    },
    async dispose() {
      for (const host of hosts) await host.close();
      await restate.servers.stop();
      await worker.close();
      await restate.dispose();
    },
  };
}
