import type { ServerResponse } from 'node:http';
import { pino } from 'pino';
import { createSenders, SendError } from '../action/index.ts';
import { answering } from '../api/answering.ts';
import { createApi, type Handlers } from '../api/api.ts';
import { ServiceError } from '../api/errors.ts';
import { listActions } from '../api/extras/actions.ts';
import { createHandlers } from '../api/handlers/index.ts';
import { batchPutMessage } from '../api/handlers/messages.ts';
import type { Service } from '../api/handlers/service.ts';
import { type HttpServer, listen, type Route } from '../api/http-server.ts';
import { type Broker, startBroker } from '../ingest/broker.ts';
import { systemClock } from '../runtime/clock.ts';
import { Dispatcher } from '../runtime/dispatcher.ts';
import { Host } from '../runtime/embedded/host.ts';
import { EvaluationLog } from '../runtime/evaluation-log.ts';
import type { Log } from '../runtime/log.ts';
import { RuntimeMetrics } from '../runtime/metrics.ts';
import { Outbox } from '../runtime/outbox.ts';
import { openLevelStore } from '../store/level-store.ts';
import type { Store } from '../store/store.ts';
import type { ServeConfig } from './config.ts';
import { openEvaluationLog } from './evaluation-log-sink.ts';
import { CommandError } from './usage-error.ts';

/** A server that is ready. */
export interface Server {
  readonly url: string;
  readonly host: Host;
  readonly outbox: Outbox;
  /** Takes nothing more, finishes what was accepted, and closes everything. */
  close(): Promise<void>;
}

/** Structured logs, one JSON line each, on standard error. */
export function createLog(level: ServeConfig['logLevel']): Log {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
}

type Close = () => Promise<void>;

/**
 * Puts a whole server together. It listens before it reads its data, so that `/healthz` answers at once and
 * `/readyz` when everything is there. Rejects with CommandError for what the user can mend.
 */
export async function startServer(config: ServeConfig, log: Log): Promise<Server> {
  const metrics = new RuntimeMetrics();
  let runtime: Runtime | undefined;
  const api = createApi({ handlers: () => runtime?.handlers, limits: config.limits, log });
  const http = await listenOrExplain(
    config,
    api,
    ownRoutes(() => runtime, metrics, log),
  );
  const opened: Close[] = [];
  // No new requests first, then what was opened last.
  const close = async () => {
    await http.close();
    for (const each of opened.splice(0).reverse()) await each();
  };
  try {
    runtime = await startRuntime(config, log, metrics, opened);
  } catch (error) {
    await close();
    throw error;
  }
  return { url: http.url, host: runtime.host, outbox: runtime.outbox, close };
}

interface Runtime {
  readonly host: Host;
  readonly outbox: Outbox;
  readonly handlers: Handlers;
}

function ownRoutes(
  runtime: () => Runtime | undefined,
  metrics: RuntimeMetrics,
  log: Log,
): Map<string, Route> {
  const routes: [string, Route][] = [
    ['GET /healthz', async (_request, response) => sendText(response, 200, 'ok\n')],
    [
      'GET /readyz',
      async (_request, response) => {
        if (runtime() === undefined) sendText(response, 503, 'starting\n');
        else sendText(response, 200, 'ready\n');
      },
    ],
    ['GET /metrics', async (_request, response) => sendText(response, 200, await metrics.registry.metrics())],
    [
      'GET /_tripline/actions',
      async (_request, response, query) => {
        const outbox = runtime()?.outbox;
        if (outbox === undefined)
          throw new ServiceError('ServiceUnavailableException', 'The server is starting');
        await listActions(outbox, query, response);
      },
    ],
  ];
  return new Map(routes.map(([path, route]) => [path, answering(log, route)]));
}

/** Store, outbox, host and dispatcher; each is noted in `opened` as soon as it is there. */
async function startRuntime(
  config: ServeConfig,
  log: Log,
  metrics: RuntimeMetrics,
  opened: Close[],
): Promise<Runtime> {
  const { limits, region, accountId } = config;
  const broker = await startBrokerOrExplain(config);
  if (broker !== undefined) opened.push(() => broker.close());
  const store = await openStore(config, log);
  opened.push(() => store.close());
  const evaluationSink = openEvaluationLog(config.evaluationLog, log);
  opened.push(() => evaluationSink.close());

  let service: Service | undefined;
  let dispatcher: Dispatcher | undefined;
  let evaluationLog: EvaluationLog | undefined;
  const sends = config.actions === 'aws';
  const outbox = new Outbox(store, {
    limits,
    log,
    metrics,
    deliver: sends ? (queued) => dispatcher?.deliver(queued) : undefined,
    onFinished: (execution) => {
      if (execution.status === 'FAILED') evaluationLog?.failedAction(execution, systemClock.now());
    },
  });
  const pending = await outbox.open();
  if (sends) {
    const senders = createSenders({
      region,
      mqttUrl: config.mqttUrl ?? brokerUrl(config, broker),
      putMessage: (message) => putMessage(service, message),
    });
    opened.push(() => senders.close());
    const started = new Dispatcher({
      outbox,
      senders,
      clock: systemClock,
      limits,
      log,
      metrics,
      random: Math.random,
    });
    opened.push(() => started.close());
    dispatcher = started;
  } else if (pending.length > 0) {
    log.warn(
      { pending: pending.length },
      'actions of an earlier run stay pending: --actions record sends nothing',
    );
  }
  const host = await Host.open(store, { clock: systemClock, limits, log, metrics, outbox });
  opened.push(() => host.close());
  evaluationLog = new EvaluationLog(host.logging, evaluationSink);
  host.observe(evaluationLog.observe, evaluationLog.traces);
  service = { host, limits, region, accountId };
  for (const queued of pending) dispatcher?.deliver(queued);

  metrics.gauge('tripline_queued_messages', 'Messages waiting for evaluation', () => host.queued);
  metrics.gauge('tripline_detectors', 'Detectors of all models', () => host.detectors);
  metrics.gauge(
    'tripline_actions_pending',
    'Action executions not yet delivered',
    () => dispatcher?.pending ?? 0,
  );
  return { host, outbox, handlers: createHandlers(service, log) };
}

function brokerUrl({ host }: ServeConfig, broker: Broker | undefined): string | undefined {
  if (broker === undefined) return undefined;
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `mqtt://${reachable}:${broker.port}`;
}

/** The message of an iotEvents action, straight into this server. */
async function putMessage(
  service: Service | undefined,
  message: { readonly messageId: string; readonly inputName: string; readonly payload: Buffer },
): Promise<void> {
  if (service === undefined) throw new SendError('RETRYABLE', 'The server is starting');
  const { BatchPutMessageErrorEntries: entries } = await batchPutMessage(service, { messages: [message] });
  const [entry] = entries;
  if (entry === undefined) return;
  const passes =
    entry.errorCode === 'ThrottlingException' || entry.errorCode === 'ServiceUnavailableException';
  throw new SendError(passes ? 'RETRYABLE' : 'TERMINAL', `${entry.errorCode}: ${entry.errorMessage}`);
}

async function openStore(config: ServeConfig, log: Log): Promise<Store> {
  try {
    return await openLevelStore(config.dataDir, {
      onCheckpointError: (err) =>
        log.error({ err }, 'checkpoint failed; the journal keeps everything and it is tried again'),
    });
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function listenOrExplain(...args: Parameters<typeof listen>): Promise<HttpServer> {
  const [{ host, port }] = args;
  try {
    return await listen(...args);
  } catch (error) {
    throw new CommandError(explainPort(error, host, port, '--port'), { cause: error });
  }
}

async function startBrokerOrExplain({ host, mqttPort, mqttUrl }: ServeConfig): Promise<Broker | undefined> {
  if (mqttPort === 0 || mqttUrl !== undefined) return undefined;
  try {
    return await startBroker(host, mqttPort);
  } catch (error) {
    throw new CommandError(explainPort(error, host, mqttPort, '--mqtt-port'), { cause: error });
  }
}

function explainPort(error: unknown, host: string, port: number, flag: string): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const none = flag === '--mqtt-port' ? ', or 0 for no MQTT broker' : '';
  if (code === 'EADDRINUSE') {
    return `Port ${port} of ${host} is taken by another program. Choose another one with ${flag}${none}.`;
  }
  if (code === 'EACCES') return `Port ${port} needs more rights. Choose one above 1023 with ${flag}${none}.`;
  return `Cannot listen on ${host}:${port}: ${message}`;
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
}
