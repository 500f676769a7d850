import { hostname } from 'node:os';
import { Ingress } from '../cluster/ingress.ts';
import { startWorker } from '../cluster/worker.ts';
import { announce } from '../cluster/workers-object.ts';
import type { Log } from '../runtime/log.ts';
import { createSenders } from '../send/index.ts';
import { openAdmin } from './cluster-admin.ts';
import type { ServeConfig } from './config.ts';
import { explainPort } from './explain-port.ts';
import { readMqttTls } from './mqtt-certificates.ts';
import { openRecipients } from './recipients.ts';
import { openSinks } from './sinks.ts';
import { CommandError } from './usage-error.ts';

export interface WorkerProcess {
  /** The address registered with Restate. */
  readonly url: string;
  close(): Promise<void>;
}

/** Milliseconds to wait for the cluster. */
const CLUSTER_READY = 60_000;

/**
 * Starts a worker and registers it with Restate at `advertise`, the address that all workers share; a single worker
 * registers its own. Fronts reach it at `address`, by default where it listens. Rejects with CommandError for errors
 * that the user can fix.
 */
export async function startWorkerProcess(
  config: ServeConfig,
  { advertise, address }: { readonly advertise?: string; readonly address?: string },
  log: Log,
): Promise<WorkerProcess> {
  const { host, port, restateIngress, clusterName, limits } = config;
  const recipients = openRecipients(config.recipients, log);
  const senders = openSenders(config);
  const notifications = { contactOf: recipients.contactOf, smtp: config.smtpUrl !== undefined };
  const sinks = openSinks(config, log);
  const sink = {
    write(entry: string) {
      for (const each of sinks) each.write(entry);
    },
  };
  const options = {
    ...{ limits, log, notifications, senders, sink },
    ingressUrl: restateIngress,
    cluster: clusterName,
  };
  const worker = await startWorker(port, host, options).catch((error: unknown) => {
    throw new CommandError(explainPort(error, host, port, '--port'), { cause: error });
  });
  let stopAnnouncing = () => {};
  const close = async () => {
    stopAnnouncing();
    await worker.close();
    await senders?.close();
    for (const each of sinks) await each.close();
    recipients.close();
  };
  const own = address ?? urlOf(host, worker.port);
  const url = advertise ?? own;
  try {
    const admin = await openAdmin(config, CLUSTER_READY, log);
    if (await admin.register(url, worker.serves))
      log.warn(
        { url },
        'Restate knew an older version at this address; what that had under way goes on in this one',
      );
    stopAnnouncing = await announce(new Ingress(restateIngress, clusterName), own, log);
  } catch (cause) {
    await close();
    if (cause instanceof CommandError) throw cause;
    throw new CommandError(`The worker cannot be registered with Restate: ${(cause as Error).message}`, {
      cause,
    });
  }
  return { url, close };
}

/** The URL of a server that listens there. */
function urlOf(host: string, port: number): string {
  const isAny = host === '0.0.0.0' || host === '::';
  const name = isAny ? hostname() : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

function openSenders(config: ServeConfig) {
  const { actions, region, mqttUrl, smtpUrl, assumeRole, limits } = config;
  if (actions === 'record') return undefined;
  const { deliveryTimeout: timeout, answerBytes } = limits;
  return createSenders({
    region,
    smtpUrl,
    assumeRole,
    timeout,
    answerBytes,
    mqttUrl,
    mqttTls: readMqttTls(config),
  });
}
