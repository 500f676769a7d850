import type { Handlers } from '../api/api.ts';
import { createHandlers } from '../api/handlers/index.ts';
import type { NotificationSettings } from '../core/action/index.ts';
import { systemClock } from '../runtime/clock.ts';
import { Dispatcher } from '../runtime/delivery/dispatcher.ts';
import { Executions } from '../runtime/delivery/executions.ts';
import { Outbox } from '../runtime/delivery/outbox.ts';
import { Host } from '../runtime/embedded/host.ts';
import { loopBack } from '../runtime/embedded/loopback.ts';
import { migrate } from '../runtime/embedded/migrations.ts';
import { EvaluationLog, type LogSink } from '../runtime/evaluation-log.ts';
import type { Log } from '../runtime/log.ts';
import type { RuntimeMetrics } from '../runtime/metrics.ts';
import { createSenders } from '../send/index.ts';
import { type LevelStore, openLevelStore } from '../store/level-store.ts';
import { StoreError } from '../store/store.ts';
import type { ServeConfig } from './config.ts';
import { CommandError } from './usage-error.ts';

/** Everything that stands on one opening of the data directory. */
export interface Runtime {
  readonly store: LevelStore;
  readonly outbox: Outbox;
  readonly host: Host;
  readonly dispatcher: Dispatcher | undefined;
  readonly executions: Executions;
  readonly handlers: Handlers;
  /** Resolves when the store takes no more: what is in memory is to be given up, and read anew. */
  readonly failed: Promise<Error>;
  /** Finishes what was accepted as far as the store lets it. */
  close(): Promise<void>;
}

/** What outlives the runtime. */
export interface Surroundings {
  readonly config: ServeConfig;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  /** The broker that iotTopicPublish goes to; without one it goes to AWS IoT. */
  readonly mqttUrl: string | undefined;
  readonly notifications: NotificationSettings;
  readonly sinks: readonly LogSink[];
}

/** Opens the data directory and starts what it says. Rejects with CommandError for what the user can mend. */
export async function startRuntime(surroundings: Surroundings): Promise<Runtime> {
  const { config, log, metrics, notifications, sinks } = surroundings;
  const { limits, region, accountId } = config;
  const opened: (() => Promise<void>)[] = [];
  // What was opened last is closed first.
  const close = async () => {
    for (const each of opened.splice(0).reverse()) await each();
  };
  try {
    let fail: (error: Error) => void = () => {};
    const failed = new Promise<Error>((resolve) => {
      fail = resolve;
    });
    const store = await openStore(config, fail);
    opened.push(() => store.close());
    await migrate(store, log);
    const sends = config.actions === 'aws';
    const outbox = await Outbox.open(store, { limits, log, metrics, sends, notifications });
    const host = await Host.open(store, { clock: systemClock, limits, log, metrics, outbox });
    const dispatcher = startDispatcher(surroundings, outbox, host, opened);
    opened.push(() => host.close());
    const executions = await Executions.open({
      ...{ store, outbox, clock: systemClock, limits, log },
      withdraw: dispatcher && ((queued) => dispatcher.remove(queued)),
    });
    opened.push(() => executions.close());
    dispatcher?.start();
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
    const handlers = createHandlers({ host, limits, region, accountId }, log);
    return { store, outbox, host, dispatcher, executions, handlers, failed, close };
  } catch (error) {
    await close();
    // What the data directory holds is for the user to mend.
    throw error instanceof StoreError ? new CommandError(error.message, { cause: error }) : error;
  }
}

/** What sends; undefined with `--actions record`. */
function startDispatcher(
  { config, log, metrics, mqttUrl }: Surroundings,
  outbox: Outbox,
  host: Host,
  opened: (() => Promise<void>)[],
): Dispatcher | undefined {
  const { actions, region, smtpUrl, assumeRole, limits } = config;
  if (actions === 'record') {
    const pending = [...outbox.pending.values()].reduce((sum, count) => sum + count, 0);
    if (pending > 0)
      log.warn({ pending }, 'actions of an earlier run stay pending: --actions record sends nothing');
    return undefined;
  }
  const senders = createSenders({ region, mqttUrl, smtpUrl, assumeRole });
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

async function openStore(config: ServeConfig, fail: (error: Error) => void): Promise<LevelStore> {
  try {
    return await openLevelStore(config.dataDir, {
      checkpointBytes: config.limits.checkpointBytes,
      onFailure: fail,
    });
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
