import type { ServerResponse } from 'node:http';
import { pino } from 'pino';
import { createSenders } from '../action/index.ts';
import { createApi, type Handlers } from '../api/api.ts';
import type { AccessKeys } from '../api/auth/credentials-file.ts';
import { actionRoutes } from '../api/extras/actions.ts';
import { sitewiseRoutes } from '../api/extras/sitewise.ts';
import { createFront, type FindRoute, type Route } from '../api/front.ts';
import { createHandlers } from '../api/handlers/index.ts';
import { type HttpServer, listen } from '../api/http-server.ts';
import { systemClock } from '../runtime/clock.ts';
import { Dispatcher } from '../runtime/delivery/dispatcher.ts';
import { Executions } from '../runtime/delivery/executions.ts';
import { Outbox } from '../runtime/delivery/outbox.ts';
import { Host } from '../runtime/embedded/host.ts';
import { loopBack } from '../runtime/embedded/loopback.ts';
import type { LogSink } from '../runtime/evaluation-log.ts';
import { EvaluationLog } from '../runtime/evaluation-log.ts';
import type { Log } from '../runtime/log.ts';
import { RuntimeMetrics } from '../runtime/metrics.ts';
import { openLevelStore } from '../store/level-store.ts';
import type { Store } from '../store/store.ts';
import { openGate, readTls, renewTls } from './access.ts';
import { type OpenedBroker, openBroker } from './broker.ts';
import { cloudWatchSink } from './cloudwatch-sink.ts';
import type { ServeConfig } from './config.ts';
import { openEvaluationLog } from './evaluation-log-sink.ts';
import { explainPort } from './explain-port.ts';
import { openRecipients } from './recipients.ts';
import { CommandError } from './usage-error.ts';

/** A server that is ready. */
export interface Server {
  readonly url: string;
  readonly host: Host;
  readonly executions: Executions;
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
  const { limits, allowedHosts } = config;
  const opened: Close[] = [];
  const guard = openGate(config, log);
  const gate = guard?.gate;
  const api = createApi({ handlers: () => runtime?.handlers, gate, limits, log });
  const findRoute = ownRoutes(() => runtime, metrics);
  const front = createFront({ api, findRoute, gate, allowedHosts, limits, log });
  const http = await listenOrExplain({ ...config, tls: readTls(config) }, front);
  const stopRenewing = renewTls(config, http.renewTls, log);
  opened.push(async () => {
    stopRenewing();
    guard?.close();
  });
  // No new requests first, then what was opened last.
  const close = async () => {
    await http.close();
    for (const each of opened.splice(0).reverse()) await each();
  };
  try {
    runtime = await startRuntime(config, guard?.keys, log, metrics, opened);
  } catch (error) {
    await close();
    throw error;
  }
  return { url: http.url, host: runtime.host, executions: runtime.executions, close };
}

interface Runtime {
  readonly host: Host;
  readonly executions: Executions;
  readonly handlers: Handlers;
}

function ownRoutes(runtime: () => Runtime | undefined, metrics: RuntimeMetrics): FindRoute {
  const health: Route = { answer: async (_request, response) => sendText(response, 200, 'ok\n') };
  const readiness: Route = {
    answer: async (_request, response) => {
      if (runtime() === undefined) sendText(response, 503, 'starting\n');
      else sendText(response, 200, 'ready\n');
    },
  };
  const figures: Route = {
    access: 'tripline:GetMetrics',
    answer: async (_request, response) => sendText(response, 200, await metrics.registry.metrics()),
  };
  const own = new Map([
    ['GET /healthz', health],
    ['GET /readyz', readiness],
    ['GET /metrics', figures],
  ]);
  const actions = actionRoutes(() => runtime()?.executions);
  const sitewise = sitewiseRoutes(() => runtime()?.host);
  return (method, path) => own.get(`${method} ${path}`) ?? actions(method, path) ?? sitewise(method, path);
}

/** Store, outbox, host and dispatcher; each is noted in `opened` as soon as it is there. */
async function startRuntime(
  config: ServeConfig,
  keys: (() => AccessKeys) | undefined,
  log: Log,
  metrics: RuntimeMetrics,
  opened: Close[],
): Promise<Runtime> {
  const { limits, region, accountId } = config;
  const broker = await openBroker(config, keys);
  if (broker !== undefined) opened.push(() => broker.close());
  const store = await openStore(config, log);
  opened.push(() => store.close());
  const sinks = openSinks(config, log);
  for (const sink of sinks) opened.push(() => sink.close());

  const recipients = openRecipients(config.recipients, log);
  opened.push(async () => recipients.close());
  const outbox = await Outbox.open(store, {
    ...{ limits, log, metrics },
    sends: config.actions === 'aws',
    notifications: { contactOf: recipients.contactOf, smtp: config.smtpUrl !== undefined },
  });
  const host = await Host.open(store, { clock: systemClock, limits, log, metrics, outbox });
  const dispatcher = startDispatcher(config, log, metrics, { outbox, host, broker }, opened);
  opened.push(() => host.close());
  const executions = await Executions.open({
    ...{ store, outbox, clock: systemClock, limits, log },
    withdraw: dispatcher && ((queued) => dispatcher.remove(queued)),
  });
  opened.push(() => executions.close());
  dispatcher?.start();
  registerGauges(metrics, host, outbox, executions, dispatcher);
  const evaluationLog = new EvaluationLog(host.logging, {
    write: (entry) => {
      for (const sink of sinks) sink.write(entry);
    },
  });
  host.observe(evaluationLog);
  outbox.onFinished((finished) => {
    for (const execution of finished)
      if (execution.status === 'FAILED') evaluationLog.failedAction(execution, systemClock.now());
  });
  return { host, executions, handlers: createHandlers({ host, limits, region, accountId }, log) };
}

/** What sends; undefined with `--actions record`. */
function startDispatcher(
  { actions, region, mqttUrl, smtpUrl, assumeRole, limits }: ServeConfig,
  log: Log,
  metrics: RuntimeMetrics,
  {
    outbox,
    host,
    broker,
  }: { readonly outbox: Outbox; readonly host: Host; readonly broker: OpenedBroker | undefined },
  opened: Close[],
): Dispatcher | undefined {
  if (actions === 'record') {
    const pending = [...outbox.pending.values()].reduce((sum, count) => sum + count, 0);
    if (pending > 0)
      log.warn({ pending }, 'actions of an earlier run stay pending: --actions record sends nothing');
    return undefined;
  }
  const senders = createSenders({ region, mqttUrl: mqttUrl ?? broker?.url, smtpUrl, assumeRole });
  opened.push(() => senders.close());
  const dispatcher = new Dispatcher({
    ...{ outbox, senders, clock: systemClock, limits, log, metrics },
    loopback: (queued) => loopBack(host, outbox, queued),
    random: Math.random,
  });
  opened.push(() => dispatcher.close());
  outbox.deliverTo(dispatcher);
  return dispatcher;
}

function registerGauges(
  metrics: RuntimeMetrics,
  host: Host,
  outbox: Outbox,
  executions: Executions,
  dispatcher: Dispatcher | undefined,
): void {
  metrics.gauge('tripline_queued_messages', 'Messages waiting for evaluation', () => host.queued);
  metrics.gauge('tripline_detectors', 'Detectors of all models', () => host.detectors);
  metrics.gauge('tripline_alarms', 'Alarms of all models', () => host.alarms);
  metrics.gauge(
    'tripline_actions_failed',
    'Failed action executions that are listed',
    () => executions.failed,
  );
  metrics.gaugeByTarget(
    'tripline_actions_pending',
    'Action executions not yet delivered',
    () => outbox.pending,
  );
  const runners = () => [...(dispatcher?.runners ?? [])];
  metrics.gaugeByTarget('tripline_actions_in_flight', 'Deliveries under way', () =>
    runners().map((runner) => [runner.target, runner.inFlight]),
  );
  metrics.gaugeByTarget('tripline_target_down', '1 while deliveries to the target fail in a row', () =>
    runners().map((runner) => [runner.target, Number(runner.isDown)]),
  );
  metrics.gaugeByTarget(
    'tripline_actions_oldest_pending_seconds',
    'How long the oldest execution has waited for its delivery',
    () =>
      runners().map(({ target, oldestSince = host.now() }) => [target, (host.now() - oldestSince) / 1000]),
  );
}

async function openStore(config: ServeConfig, log: Log): Promise<Store> {
  try {
    return await openLevelStore(config.dataDir, {
      checkpointBytes: config.limits.checkpointBytes,
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

function openSinks(
  { evaluationLog, cloudwatchLogGroup: logGroup, region }: ServeConfig,
  log: Log,
): LogSink[] {
  const own = openEvaluationLog(evaluationLog, log);
  return logGroup === undefined ? [own] : [own, cloudWatchSink({ region, logGroup, log })];
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
}
