import type { Handlers } from '../api/api.ts';
import type { Publish } from '../api/extras/topics.ts';
import { createHandlers } from '../api/handlers/index.ts';
import { topicRuleHandlers } from '../api/handlers/topic-rules.ts';
import { type NotificationSettings, staysInside } from '../core/action/index.ts';
import { ruleRowsOf } from '../ingest/rules/rule-rows.ts';
import { HeapError } from '../runtime/embedded/heap-watch.ts';
import { type Embedded, openEmbedded } from '../runtime/embedded/open.ts';
import { EvaluationLog, type LogSink } from '../runtime/evaluation-log.ts';
import type { Host } from '../runtime/host.ts';
import type { HostClock } from '../runtime/host-clock.ts';
import type { Log } from '../runtime/log.ts';
import type { RuntimeMetrics } from '../runtime/metrics.ts';
import { createSenders, type Senders } from '../send/index.ts';
import { parseDuration } from '../simulate/times.ts';
import type { RawRow } from '../store/backup.ts';
import { type LevelStore, openLevelStore } from '../store/level-store.ts';
import type { StateReader } from '../store/state-reader.ts';
import { StoreError } from '../store/store.ts';
import { beginReading } from './begin-reading.ts';
import type { ServeConfig } from './config.ts';
import { HAS_THREADS } from './has-threads.ts';
import { loadingFirst, loadSenders } from './loading.ts';
import { hasEmbeddedBroker, loadMqtt, type Mqtt, type MqttSurroundings, publishHttp } from './mqtt.ts';
import { readMqttTls } from './mqtt-certificates.ts';
import { openTopicRules, type RuleSurroundings } from './topic-rules.ts';
import { CommandError } from './usage-error.ts';

/** Everything that depends on one opening of the data directory, or on a cluster. */
export interface Runtime {
  readonly host: Host;
  readonly handlers: Handlers;
  /** Publishes a message received over HTTP to the broker's subscribers, if there is a broker, and to the rules. */
  readonly publish: Publish;
  /** Absent without a broker. */
  readonly mqtt: Mqtt | undefined;
  /** Resolves when a call made now would be answered; absent when another process reports that. */
  readonly answers?: () => Promise<unknown>;
  /** All rows as of one commit; absent in a cluster, whose data is in Restate. */
  readonly dump?: () => AsyncIterable<RawRow>;
  /** Resolves when the store has failed: the state in memory must be discarded and read again. */
  readonly failed: Promise<Error>;
  /** Finishes accepted work as far as the store allows. */
  close(): Promise<void>;
}

/** Lives longer than one runtime. */
export interface Surroundings {
  readonly config: ServeConfig;
  readonly clock: HostClock;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  readonly mqtt: MqttSurroundings;
  readonly notifications: NotificationSettings;
  readonly sinks: readonly LogSink[];
  readonly rules: RuleSurroundings;
  /** What has begun to read the data directory; closed with it. */
  readonly reader?: StateReader | undefined;
}

/**
 * Opens the data directory, connects everything to it, and only then starts. Rejects with CommandError for errors that
 * the user can fix.
 */
export async function startRuntime(surroundings: Surroundings): Promise<Runtime> {
  const { config, clock, log, metrics, notifications, sinks } = surroundings;
  const { limits, region, accountId } = config;
  const opened: (() => Promise<void>)[] = [];
  // Closes in reverse order of opening.
  const close = async () => {
    for (const each of opened.splice(0).reverse()) await each();
  };
  try {
    let fail: (error: Error) => void = () => {};
    const failed = new Promise<Error>((resolve) => {
      fail = resolve;
    });
    const store = await openStore(surroundings, fail);
    opened.push(() => store.close());
    let mqtt: Mqtt | undefined;
    const senders = openSenders(config, () => mqtt);
    if (senders !== undefined) opened.push(() => senders.close());
    const options = {
      clock,
      limits,
      log,
      metrics,
      notifications,
      senders,
      random: Math.random,
      history: config.history
        ? { maxAge: parseDuration(config.historyMaxAge) ?? 0, maxBytes: config.historyMaxBytes }
        : undefined,
    };
    const loading = loadMqtt(config);
    // The error is handled where it is awaited, after the data are read.
    loading.catch(() => undefined);
    const embedded = await openEmbedded(store, options);
    opened.push(() => embedded.close());
    const { host, catalog } = embedded;
    // Opened before the broker and so closed after it, since messages that it publishes while closing still go through
    // the rules.
    const { rules, close: closeRules } = await openTopicRules(surroundings.rules, {
      ...{ config, log },
      rows: ruleRowsOf(store),
      put: (messages) => host.put(messages),
      republisher: () => mqtt,
    });
    opened.push(async () => closeRules());
    const openMqtt = await loading;
    mqtt = await openMqtt?.({ ...surroundings.mqtt, config, store, clock, log });
    if (mqtt !== undefined) opened.push(mqtt.close);
    attachEvaluationLog(embedded, sinks, clock);
    if (senders === undefined) warnOfPending(host, log);
    if (senders !== undefined) await loadSenders(catalog(), host.figures().pendingActions.keys(), senders);
    embedded.start();
    opened.push(keepTime(embedded, log));
    await mqtt?.start();
    const load = async () => senders && loadSenders(await host.catalog(), [], senders);
    const handlers = {
      ...loadingFirst(createHandlers({ host, limits, region, accountId }, log), load),
      ...topicRuleHandlers({ rules, limits, region, accountId, log }),
    };
    const publish = publishHttp(mqtt, surroundings.rules.engine);
    const answers = () => host.catalog();
    return { host, handlers, publish, mqtt, answers, dump: () => store.dump(), failed, close };
  } catch (error) {
    await close();
    if (error instanceof HeapError)
      throw new CommandError(`${config.dataDir}: ${error.message}`, { cause: error });
    // Errors in the data directory are for the user to fix.
    if (!(error instanceof StoreError)) throw error;
    const wayOut = error.model === undefined ? '' : wayOutOf(error.model, config.dataDir);
    throw new CommandError(`${error.message}${wayOut}`, { cause: error });
  }
}

/** Milliseconds between two checks of the clocks while nothing is evaluated. */
const LOOK_AGAIN = 5000;

/** Detects jumps of the machine's clock while the server is idle. Returns a function that stops the checks. */
function keepTime(embedded: Embedded, log: Log): () => Promise<void> {
  const looking = setInterval(() => {
    embedded.keepTime().catch((err: unknown) => log.warn({ err }, 'the time could not be recorded'));
  }, LOOK_AGAIN);
  return async () => clearInterval(looking);
}

/** The way out when a model cannot be read. */
function wayOutOf(model: string, dataDir: string): string {
  return (
    '. Restore a backup, start the version that wrote it, or give the model up: ' +
    `tripline repair --data-dir ${dataDir} --drop-model ${model}`
  );
}

/** The senders to external services; undefined with `--actions record`. */
function openSenders(config: ServeConfig, mqtt: () => Mqtt | undefined): Senders | undefined {
  const { actions, region, mqttUrl, smtpUrl, assumeRole, allowedTargets, limits } = config;
  if (actions === 'record') return undefined;
  const { deliveryTimeout: timeout, answerBytes } = limits;
  const publish = async (topic: string, payload: Buffer) => {
    const broker = mqtt();
    if (broker === undefined) throw new Error('it is not open');
    await broker.publishAs({ via: 'http' }, { topic, payload, qos: 1, retain: false });
  };
  const own = hasEmbeddedBroker(config) ? { publish } : { mqttUrl, mqttTls: readMqttTls(config) };
  return createSenders({ region, smtpUrl, assumeRole, allowedTargets, timeout, answerBytes, ...own });
}

function warnOfPending(host: Host, log: Log): void {
  const held = [...host.figures().pendingActions].filter(([target]) => !staysInside(target));
  const pending = held.reduce((sum, [, count]) => sum + count, 0);
  if (pending > 0)
    log.warn({ pending }, 'actions of an earlier run stay pending: --actions record sends nothing');
}

function attachEvaluationLog({ host, catalog }: Embedded, sinks: readonly LogSink[], clock: HostClock): void {
  const write = (entry: string) => {
    for (const sink of sinks) sink.write(entry);
  };
  host.observe(new EvaluationLog(() => catalog().logging, clock, { write }));
}

/** Bytes of journal from which on a checkpoint is worth a thread. */
const THREAD_FROM = HAS_THREADS ? 1024 * 1024 : Number.POSITIVE_INFINITY;

async function openStore(
  { config, metrics, log, reader }: Surroundings,
  fail: (error: Error) => void,
): Promise<LevelStore> {
  try {
    return await openLevelStore(config.dataDir, {
      reader: reader ?? (await beginReading(config)),
      checkpointBytes: config.limits.checkpointBytes,
      onFailure: fail,
      onEncoded: (milliseconds) => metrics.work('journal', milliseconds),
      onCheckpoint: (milliseconds) => metrics.checkpoint(milliseconds / 1000),
      threadFrom: THREAD_FROM,
      onThreadEnded: (err) =>
        log.warn({ err }, 'a thread of the store has ended; its work is done without it'),
    });
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
