import { createApi } from '../api/api.ts';
import type { Gate } from '../api/auth/gate.ts';
import { createFront, type FindRoute, type Front } from '../api/front.ts';
import { type HttpServer, listen, type TlsFiles } from '../api/http-server.ts';
import type { RequestHead } from '../api/ordinary-request.ts';
import { MqttMetrics } from '../ingest/mqtt/metrics.ts';
import { type MachineClock, machineClock } from '../runtime/clock.ts';
import type { Host } from '../runtime/host.ts';
import { HostClock } from '../runtime/host-clock.ts';
import type { Log } from '../runtime/log.ts';
import { RuntimeMetrics } from '../runtime/metrics.ts';
import type { StateReader } from '../store/state-reader.ts';
import { ServiceError } from '../wire/errors.ts';
import { openGate, readTls, renewTls } from './access.ts';
import type { ServeConfig } from './config.ts';
import { type Console, createConsole } from './console.ts';
import { explainPort } from './explain-port.ts';
import { registerGauges } from './gauges.ts';
import type { Mqtt } from './mqtt.ts';
import { openMqttAccess } from './mqtt-access.ts';
import { checkClientCa } from './mqtt-certificates.ts';
import { mqttWebSocket } from './mqtt-websocket.ts';
import { ownRoutes } from './own-routes.ts';
import { openRecipients } from './recipients.ts';
import { type Runtime, type Surroundings, startRuntime } from './runtime.ts';
import { RuntimeKeeper } from './runtime-keeper.ts';
import { openSinks } from './sinks.ts';
import { createRuleEngine } from './topic-rules.ts';
import { CommandError } from './usage-error.ts';

/** A server that is ready. */
export interface Server {
  readonly url: string;
  readonly host: Host;
  /** Accepts nothing more, finishes accepted work, and closes everything. */
  close(): Promise<void>;
}

export interface ServerOptions {
  readonly machine?: MachineClock | undefined;
  /** What has begun to read the data directory; closed with the server. */
  readonly reader?: StateReader | undefined;
}

type Close = () => Promise<void>;

/**
 * Assembles a whole server. It listens before it reads its data, so that `/healthz` answers at once and `/readyz` once
 * everything is open. Rejects with CommandError for errors that the user can fix.
 */
export async function startServer(
  config: ServeConfig,
  log: Log,
  { machine = machineClock, reader }: ServerOptions = {},
): Promise<Server> {
  const metrics = new RuntimeMetrics(config.limits);
  // Shared by all openings of the data directory: while this process runs, it knows the time better than the record on
  // disk.
  const clock = new HostClock({ machine, log, onJump: (by) => metrics.clockJump(by) });
  const keeper = new RuntimeKeeper((runtime) => console.watch(runtime), log);
  const revalidate = () => {
    front.revalidate();
    keeper.runtime?.mqtt?.revalidate();
  };
  const guard = openGate(config, log, revalidate);
  const signIn = guard !== undefined;
  const console = createConsole({ config, metrics, current: () => keeper.current(), signIn });
  let listening: HttpServer | undefined;
  const front = openFront({
    ...{ config, log, metrics, keeper, console, gate: guard?.gate },
    onAdmitted: (request) => listening?.vouch(request),
  });
  let tls = readTls(config);
  const http = await listenOrExplain({ ...config, tls, vouches: signIn }, front.listener, front.direct);
  listening = http;
  http.onUpgrade(mqttWebSocket({ config, connect: () => connectOf(keeper) }));
  const renew = (files: TlsFiles) => {
    http.renewTls(files);
    tls = files;
    keeper.runtime?.mqtt?.renewTls();
  };
  const stopRenewing = renewTls(config, renew, log);
  const opened: Close[] = [
    async () => {
      stopRenewing();
      guard?.close();
    },
  ];
  registerGauges(metrics, () => keeper.runtime, clock);
  // Stops new requests first, then closes in reverse order of opening.
  const close = async () => {
    console.close();
    await keeper.close(http.close());
    for (const each of opened.splice(0).reverse()) await each();
  };
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
    const outside = openOutside(config, log, opened);
    // When the directory is opened again, it must be read again.
    const readers = [reader];
    await keeper.open(() =>
      start({ ...outside, config, clock, log, metrics, mqtt, rules, reader: readers.pop() }),
    );
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url: http.url,
    get host() {
      return keeper.current().host;
    },
    close,
  };
}

interface FrontParts {
  readonly config: ServeConfig;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  readonly keeper: RuntimeKeeper;
  readonly console: Pick<Console, 'findRoute'>;
  readonly gate: Gate | undefined;
  readonly onAdmitted: (request: RequestHead) => void;
}

/** Everything served over HTTP: the API, the server's own routes, the console. */
function openFront({ config, log, metrics, keeper, console, gate, onAdmitted }: FrontParts): Front {
  const { limits, allowedHosts } = config;
  const shared = { gate, onAdmitted };
  const api = createApi({
    ...shared,
    handlers: () => keeper.current().handlers,
    onLarge: (milliseconds) => metrics.work('request', milliseconds),
  });
  const findOwn = ownRoutes(keeper, metrics, config);
  const findRoute: FindRoute = (method, path) => findOwn(method, path) ?? console.findRoute(method, path);
  return createFront({ ...shared, api, findRoute, allowedHosts, limits, log });
}

/** The function that takes MQTT connections over WebSocket. Throws ServiceError without an embedded broker. */
function connectOf(keeper: RuntimeKeeper): NonNullable<Mqtt['connect']> {
  const connect = keeper.current().mqtt?.connect;
  if (connect !== undefined) return connect;
  throw new ServiceError('ServiceUnavailableException', 'There is no embedded MQTT broker');
}

/** Opens the local data directory, or a cluster. Modules for clusters are loaded only when needed. */
async function start(surroundings: Surroundings): Promise<Runtime> {
  if (surroundings.config.engine === 'embedded') return startRuntime(surroundings);
  const { startFront } = await import('./cluster-front.ts');
  return startFront(surroundings);
}

/** Opens sinks and recipients; each is added to `opened` immediately. */
function openOutside(
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

async function listenOrExplain(...args: Parameters<typeof listen>): Promise<HttpServer> {
  const [{ host, port }] = args;
  try {
    return await listen(...args);
  } catch (error) {
    throw new CommandError(explainPort(error, host, port, '--port'), { cause: error });
  }
}
