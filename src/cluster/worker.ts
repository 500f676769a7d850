import { createServer, type ServerHttp2Session } from 'node:http2';
import type { LogMetadata } from '@restatedev/restate-sdk';
import type { NotificationSettings } from '../core/action/index.ts';
import type { Limits } from '../limits.ts';
import { EvaluationLog, type LogSink } from '../runtime/evaluation-log.ts';
import type { Observer } from '../runtime/host.ts';
import type { Log } from '../runtime/log.ts';
import type { Senders } from '../send/index.ts';
import type { Served } from './admin.ts';
import { catalogObject, placesObject } from './catalog-handlers.ts';
import { Catalogs } from './catalogs.ts';
import { evaluationStream, STREAM_PATH } from './evaluation-stream.ts';
import { Evaluations } from './evaluations.ts';
import { Ingress } from './ingress.ts';
import type { ObjectParts } from './object-parts.ts';
import { outboxObject } from './outbox-object.ts';
import { rowsObject } from './rows-object.ts';
import { loadSdk } from './sdk.ts';
import { slotObject } from './slot-object.ts';
import { workersObject } from './workers-object.ts';

export interface WorkerOptions {
  readonly limits: Limits;
  readonly log: Log;
  readonly notifications: NotificationSettings;
  /** Absent when every action except iotEvents is recorded. */
  readonly senders: Senders | undefined;
  /** Restate's ingress, for reading the catalog. */
  readonly ingressUrl: string;
  /** The name of the cluster, shared by its workers and fronts. */
  readonly cluster: string;
  /** The destination of the evaluation log; absent when there is none. */
  readonly sink?: Pick<LogSink, 'write'>;
  /** Replaces Restate's clock in tests; milliseconds since the epoch. */
  readonly now?: () => number;
}

export interface Worker {
  readonly port: number;
  readonly serves: readonly Served[];
  /** Adds an observer in this process; must be called before the worker is registered. */
  observe(observer: Observer): void;
  close(): Promise<void>;
}

/** Serves the virtual objects of the cluster over HTTP/2. Rejects with the socket's error. */
export async function startWorker(port: number, host: string, options: WorkerOptions): Promise<Worker> {
  const sdk = await loadSdk();
  const evaluations = new Evaluations();
  const services = objects(sdk, evaluations, options);
  // The SDK logs each invocation at info; only problems are of interest here.
  const logger = ({ level, context }: LogMetadata, message: unknown, ...details: unknown[]) => {
    if (level !== 'warn' && level !== 'error') return;
    const { serviceName, handlerName, key } = context ?? {};
    const err = details.find((each) => each instanceof Error);
    const fields = { object: serviceName, handler: handlerName, key, ...(err !== undefined && { err }) };
    const text = String(message).trim();
    // The SDK's startup messages; docs/cluster.md covers them, and the addresses are internal to the cluster.
    if (context === undefined) options.log.debug(fields, text);
    else options.log.warn(fields, `an invocation failed and will be repeated: ${text}`);
  };
  const invoke = sdk.createEndpointHandler({ services, bidirectional: true, logger });
  const stream = evaluationStream(evaluations);
  const server = createServer((request, response) =>
    request.url?.startsWith(STREAM_PATH) ? stream(request, response) : invoke(request, response),
  );
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    serves: services.map(servedBy),
    observe: (observer) => evaluations.observe(observer),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const session of sessions) session.close();
      const cut = setTimeout(() => {
        for (const session of sessions) session.destroy();
      }, 2000);
      await closed;
      clearTimeout(cut);
    },
  };
}

function objects(
  sdk: ObjectParts['sdk'],
  evaluations: Evaluations,
  { limits, log, notifications, senders, ingressUrl, cluster, sink, now }: WorkerOptions,
) {
  const ingress = new Ingress(ingressUrl, cluster);
  const catalogs = new Catalogs(limits, (request) => ingress.readCatalog(request));
  if (sink !== undefined)
    evaluations.observe(new EvaluationLog(() => catalogs.seen.catalog.logging, { wall: Date.now }, sink));
  evaluations.observe(problemLog(log));
  const parts: ObjectParts = {
    ...{ sdk, ingress, limits, log, senders, catalogs, evaluations },
    names: ingress.names,
    begin: { limits, log, sends: senders !== undefined, notifications },
    clock: now ?? Date.now,
    nowOf: (ctx) => (now === undefined ? ctx.date.now() : ctx.run('now', now)),
  };
  return [
    slotObject(parts),
    catalogObject(parts),
    placesObject(parts),
    outboxObject(parts),
    workersObject(parts),
    rowsObject(parts),
  ];
}

/** What an object of the SDK serves, which its types hide. */
function servedBy(definition: { readonly name: string }): Served {
  const { name, object } = definition as { readonly name: string; readonly object: object };
  return { name, handlers: Object.keys(object) };
}

/** Logs problems of evaluations that did not stop them. */
function problemLog(log: Log): Observer {
  return {
    traces: () => false,
    keepsStates: () => false,
    observe({ kind, model, keyValue, result }) {
      for (const { level, message, state, eventName } of result.problems) {
        const fields = { [`${kind}ModelName`]: model.compiled.name, keyValue, state, eventName };
        if (level === 'ERROR') log.error(fields, message);
        else log.warn(fields, message);
      }
    },
  };
}
