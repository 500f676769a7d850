import type { IncomingMessage, ServerResponse } from 'node:http';
import { createApi } from '../api/api.ts';
import { createBodyReader } from '../api/body.ts';
import { actionRoutes } from '../api/extras/actions.ts';
import { backupRoute } from '../api/extras/backup.ts';
import { historyRoute } from '../api/extras/history.ts';
import { sitewiseRoutes } from '../api/extras/sitewise.ts';
import { topicRuleTestRoute } from '../api/extras/topic-rule-test.ts';
import { topicRoutes } from '../api/extras/topics.ts';
import { createFront, type FindRoute, type Route } from '../api/front.ts';
import { type HttpServer, listen, type TlsFiles } from '../api/http-server.ts';
import { MqttMetrics } from '../ingest/mqtt/metrics.ts';
import { type MachineClock, machineClock } from '../runtime/clock.ts';
import type { Host } from '../runtime/host.ts';
import { HostClock } from '../runtime/host-clock.ts';
import type { Log } from '../runtime/log.ts';
import { RuntimeMetrics } from '../runtime/metrics.ts';
import { parseTime } from '../simulate/times.ts';
import { ServiceError } from '../wire/errors.ts';
import { openGate, readTls, renewTls } from './access.ts';
import type { ServeConfig } from './config.ts';
import { createConsole } from './console.ts';
import { explainPort } from './explain-port.ts';
import { openMqttAccess } from './mqtt-access.ts';
import { checkClientCa } from './mqtt-embedded.ts';
import { mqttWebSocket } from './mqtt-websocket.ts';
import { latenessOf, whyNotAnswering } from './readiness.ts';
import { openRecipients } from './recipients.ts';
import { type Runtime, type Surroundings, startRuntime } from './runtime.ts';
import { openSinks } from './sinks.ts';
import { createRuleEngine } from './topic-rules.ts';
import { CommandError } from './usage-error.ts';
import { VERSION } from './version.ts';

/** A server that is ready. */
export interface Server {
  readonly url: string;
  readonly host: Host;
  /** Takes nothing more, finishes what was accepted, and closes everything. */
  close(): Promise<void>;
}

type Close = () => Promise<void>;

/** Milliseconds between two attempts to open a data directory that has failed. */
const OPEN_AGAIN = 1000;

/**
 * Puts a whole server together. It listens before it reads its data, so that `/healthz` answers at once and
 * `/readyz` when everything is there. Rejects with CommandError for what the user can mend.
 *
 * When the store fails (a full disk, say), what is in memory is given up and the data directory is opened again until
 * that succeeds: the disk alone knows what of the last commit became durable.
 */
export async function startServer(
  config: ServeConfig,
  log: Log,
  machine: MachineClock = machineClock,
): Promise<Server> {
  const metrics = new RuntimeMetrics(config.limits);
  // One for all openings of the data directory: while this process runs it knows better than the disk how late it is.
  const clock = new HostClock({ machine, log, onJump: (by) => metrics.clockJump(by) });
  const { limits, allowedHosts } = config;
  let runtime: Runtime | undefined;
  let whyNot = 'The server is starting';
  const current = () => {
    if (runtime === undefined) throw new ServiceError('ServiceUnavailableException', whyNot);
    return runtime;
  };
  const opened: Close[] = [];
  const revalidate = () => {
    front.revalidate();
    runtime?.mqtt?.revalidate();
  };
  const guard = openGate(config, log, revalidate);
  const gate = guard?.gate;
  const readBody = createBodyReader(limits);
  let http: HttpServer | undefined;
  const onAdmitted = (request: IncomingMessage) => http?.vouch(request);
  const api = createApi({
    ...{ gate, limits, readBody, onAdmitted, log },
    handlers: () => current().handlers,
    onLarge: (milliseconds) => metrics.work('request', milliseconds),
  });
  const isReady = async () => (runtime === undefined ? whyNot : whyNotAnswering(runtime));
  const console = createConsole({ config, metrics, current, signIn: gate !== undefined });
  const findOwn = ownRoutes(isReady, current, metrics, config);
  const front = createFront({
    api,
    findRoute: (method, path) => findOwn(method, path) ?? console.findRoute(method, path),
    gate,
    allowedHosts,
    limits,
    readBody,
    onAdmitted,
    log,
  });
  let tls = readTls(config);
  const listening = await listenOrExplain({ ...config, tls, vouches: gate !== undefined }, front.listener);
  http = listening;
  const connect = () => {
    const take = current().mqtt?.connect;
    if (take === undefined)
      throw new ServiceError('ServiceUnavailableException', 'There is no embedded MQTT broker');
    return take;
  };
  listening.onUpgrade(mqttWebSocket({ config, connect }));
  const renew = (files: TlsFiles) => {
    listening.renewTls(files);
    tls = files;
    runtime?.mqtt?.renewTls();
  };
  const stopRenewing = renewTls(config, renew, log);
  opened.push(async () => {
    stopRenewing();
    guard?.close();
  });
  registerGauges(metrics, () => runtime, clock);
  let closing = false;
  // No new requests first, then what was opened last.
  const close = async () => {
    closing = true;
    console.close();
    const answered = listening.close();
    // A WebSocket would hold up the end of the HTTP server.
    await runtime?.mqtt?.close();
    await answered;
    await recovery;
    await runtime?.close();
    for (const each of opened.splice(0).reverse()) await each();
  };
  let recovery: Promise<void> | undefined;
  const watch = (started: Runtime) => {
    const { failed, close: abandon } = started;
    console.watch(started);
    void failed.then((error) => {
      if (closing) return;
      runtime = undefined;
      whyNot = `The message store failed: ${error.message}`;
      log.error({ err: error }, 'the store failed; nothing is taken until it can be opened again');
      recovery = recover(abandon);
    });
  };
  const recover = async (abandon: Close): Promise<void> => {
    await abandon().catch((err: unknown) =>
      log.error({ err }, 'the failed store could not be closed cleanly'),
    );
    while (!closing) {
      try {
        runtime = await start(surroundings);
        log.info({}, 'the store is open again; messages are taken');
        watch(runtime);
        return;
      } catch (error) {
        whyNot = `The message store failed: ${error instanceof Error ? error.message : error}`;
        log.warn({ err: error }, 'the store cannot be opened yet');
        await new Promise((resolve) => setTimeout(resolve, OPEN_AGAIN));
      }
    }
  };
  let surroundings: Surroundings;
  try {
    const access = openMqttAccess(config, guard?.keys, log, revalidate);
    opened.push(async () => access.close());
    checkClientCa(config);
    const rules = createRuleEngine(config, metrics.registry, log);
    rules.engine.watch((publication) => console.see(publication));
    const mqtt = {
      metrics: new MqttMetrics(metrics.registry),
      authenticate: access.authenticate,
      rules: rules.engine,
      tls: () => tls,
    };
    surroundings = { ...openSurroundings(config, log, opened), config, clock, log, metrics, mqtt, rules };
    runtime = await start(surroundings);
    watch(runtime);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url: listening.url,
    get host() {
      return current().host;
    },
    close,
  };
}

/** The data directory of this machine, or a cluster. What a cluster needs is loaded only for one. */
async function start(surroundings: Surroundings): Promise<Runtime> {
  if (surroundings.config.engine === 'embedded') return startRuntime(surroundings);
  const { startFront } = await import('./cluster-front.ts');
  return startFront(surroundings);
}

/** Sinks and recipients; each is noted in `opened` as soon as it is there. */
function openSurroundings(
  config: ServeConfig,
  log: Log,
  opened: Close[],
): Pick<Surroundings, 'notifications' | 'sinks'> {
  const sinks = openSinks(config, log);
  for (const sink of sinks) opened.push(() => sink.close());
  const recipients = openRecipients(config.recipients, log);
  opened.push(async () => recipients.close());
  const notifications = { contactOf: recipients.contactOf, smtp: config.smtpUrl !== undefined };
  return { notifications, sinks };
}

/** `isReady` says why not, when it is not. */
function ownRoutes(
  isReady: () => Promise<string | undefined>,
  current: () => Runtime,
  metrics: RuntimeMetrics,
  config: ServeConfig,
): FindRoute {
  const health: Route = { answer: async (_request, response) => sendText(response, 200, 'ok\n') };
  const readiness: Route = {
    answer: async (_request, response) => {
      const whyNot = await isReady();
      if (whyNot !== undefined) return sendText(response, 503, `${whyNot}\n`);
      const runtime = current();
      const mqtt = runtime.mqtt === undefined ? '' : `${runtime.mqtt.status}\n`;
      sendText(response, 200, `ready\n${mqtt}${latenessOf(runtime)}`);
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
  const actions = actionRoutes(() => current().host.actions);
  const sitewise = sitewiseRoutes(() => current().host);
  const topics = topicRoutes((message) => current().publish(message), config.limits, config);
  const ruleTest = topicRuleTestRoute(config.limits, config.accountId);
  own.set(
    'GET /_tripline/backup',
    backupRoute(() => {
      const { dump } = current();
      if (dump !== undefined) return dump();
      const message = 'A cluster is backed up by Restate’s snapshots (docs/cluster.md)';
      throw new ServiceError('UnsupportedOperationException', message);
    }),
  );
  own.set(
    'GET /_tripline/history',
    historyRoute(() => current().host, parseTime),
  );
  const others = [actions, sitewise, topics, ruleTest];
  return (method, path) => own.get(`${method} ${path}`) ?? firstOf(others, method, path);
}

function firstOf(finders: readonly FindRoute[], method: string, path: string): Route | undefined {
  for (const find of finders) {
    const route = find(method, path);
    if (route !== undefined) return route;
  }
  return undefined;
}

/** Gauges read whatever runtime there is at the moment. */
function registerGauges(metrics: RuntimeMetrics, runtime: () => Runtime | undefined, clock: HostClock): void {
  metrics.info('tripline_build_info', 'The version of this server', { version: VERSION });
  metrics.gauge('tripline_ready', '1 while messages are taken', () => Number(runtime() !== undefined));
  const figures = () => runtime()?.host.figures();
  metrics.gauge('tripline_queued_messages', 'Messages waiting for evaluation', () => figures()?.queued ?? 0);
  metrics.gauge(
    'tripline_timers_overdue_seconds',
    'How long the timer that is due for the longest has waited',
    () => (figures()?.lateness ?? 0) / 1000,
  );
  metrics.gauge('tripline_detectors', 'Detectors of all models', () => figures()?.detectors ?? 0);
  metrics.gauge('tripline_alarms', 'Alarms of all models', () => figures()?.alarms ?? 0);
  metrics.gauge(
    'tripline_actions_failed',
    'Failed action executions that are listed',
    () => figures()?.failedActions ?? 0,
  );
  metrics.gaugeByTarget(
    'tripline_actions_pending',
    'Action executions not yet delivered',
    () => figures()?.pendingActions ?? [],
  );
  const targets = () => figures()?.targets ?? [];
  metrics.gaugeByTarget('tripline_actions_in_flight', 'Deliveries under way', () =>
    targets().map(({ target, inFlight }) => [target, inFlight]),
  );
  metrics.gaugeByTarget('tripline_target_down', '1 while deliveries to the target fail in a row', () =>
    targets().map(({ target, isDown }) => [target, Number(isDown)]),
  );
  metrics.gaugeByTarget(
    'tripline_actions_oldest_pending_seconds',
    'How long the oldest execution has waited for its delivery',
    () =>
      targets().map(({ target, oldestSince = clock.wall() }) => [
        target,
        Math.max(0, clock.wall() - oldestSince) / 1000,
      ]),
  );
}

async function listenOrExplain(...args: Parameters<typeof listen>): Promise<HttpServer> {
  const [{ host, port }] = args;
  try {
    return await listen(...args);
  } catch (error) {
    throw new CommandError(explainPort(error, host, port, '--port'), { cause: error });
  }
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
}
