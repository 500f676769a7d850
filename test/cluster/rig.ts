import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin } from '../../src/cluster/admin.ts';
import { Ingress } from '../../src/cluster/ingress.ts';
import { RestateHost } from '../../src/cluster/restate-host.ts';
import { type RestateServers, restateBinary, startRestate } from '../../src/cluster/restate-server.ts';
import { startWorker, type Worker } from '../../src/cluster/worker.ts';
import { NO_RECIPIENTS } from '../../src/core/action/index.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/limits.ts';
import type { Senders } from '../../src/send/index.ts';
import { quietLog } from '../support/quiet.ts';

/** Why tests of the cluster are skipped, if they are. */
export const WHY_NOT =
  restateBinary() === undefined
    ? 'Restate’s server is not installed: npm install --prefix cluster'
    : undefined;

export interface ClusterRig {
  readonly servers: RestateServers;
  readonly worker: Worker;
  readonly admin: Admin;
  host(): RestateHost;
  dispose(): Promise<void>;
}

/** Restate, a worker in this process, and fronts as they are asked for. */
export async function startCluster(
  nodes: number,
  options: { readonly limits?: Partial<Limits>; readonly senders?: Senders } = {},
): Promise<ClusterRig> {
  const binary = restateBinary();
  if (binary === undefined) throw new Error(WHY_NOT);
  const directory = await mkdtemp(join(tmpdir(), 'tripline-cluster-'));
  const servers = await startRestate(binary, directory, nodes);
  const { ingressUrl = '', adminUrl = '' } = servers.nodes[0] ?? {};
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const worker = await startWorker(0, '127.0.0.1', {
    limits,
    log: quietLog,
    notifications: NO_RECIPIENTS,
    senders: options.senders,
    ingressUrl,
  });
  const admin = new Admin(adminUrl);
  await admin.register(`http://127.0.0.1:${worker.port}`);
  return {
    servers,
    worker,
    admin,
    host: () =>
      new RestateHost({
        ingress: new Ingress(ingressUrl),
        admin,
        limits,
        batches: { size: 200, wait: 5, giveUp: 30_000 },
      }),
    async dispose() {
      await servers.stop();
      await worker.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
