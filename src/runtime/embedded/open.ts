import type { NotificationSettings } from '../../core/action/index.ts';
import type { Limits } from '../../limits.ts';
import type { Senders } from '../../send/index.ts';
import type { Store } from '../../store/store.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { Dispatcher } from '../delivery/dispatcher.ts';
import { Executions } from '../delivery/executions.ts';
import { Outbox } from '../delivery/outbox.ts';
import type { Host, TargetFigures } from '../host.ts';
import type { HostClock } from '../host-clock.ts';
import type { Log } from '../log.ts';
import { type HistoryLimits, MessageHistory } from '../message-history.ts';
import type { RuntimeMetrics } from '../metrics.ts';
import { EmbeddedHost } from './host.ts';
import { loopBack } from './loopback.ts';
import { migrate } from './migrations.ts';
import { TurnPump } from './pump.ts';

export interface EmbeddedOptions {
  readonly clock: HostClock;
  readonly limits: Limits;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  readonly notifications: NotificationSettings;
  /** Absent when nothing leaves the server: every action except iotEvents is recorded. */
  readonly senders: Senders | undefined;
  /** Absent when accepted messages are not kept. */
  readonly history?: HistoryLimits | undefined;
  /** Returns a number in [0, 1), used for the jitter of the backoff. */
  readonly random: () => number;
}

/** Milliseconds between two records of the time while nothing is committed. */
const NOTE_WHEN_IDLE = 60_000;

/** The embedded host, open but not started. */
export interface Embedded {
  readonly host: Host;
  /** The host's turns, for callers that must read instances before the start. */
  readonly pump: TurnPump;
  /** The current definitions; also available before the start, when `host.catalog()` would wait. */
  readonly catalog: () => Catalog;
  /** Fires overdue timers, sends pending actions, and continues from there. Call it once. */
  start(): void;
  /**
   * Checks whether the machine's clock has jumped, and records the time when it has, or when the last record is old.
   */
  keepTime(): Promise<void>;
  /** Finishes accepted work, as far as the store allows. The store and the senders stay open. */
  close(): Promise<void>;
}

/**
 * Opens and connects everything on the store without starting it. Overdue timers need their outbox, dispatcher and
 * observers in place, so observers are attached between this call and `start`. Rejects with StoreError.
 */
export async function openEmbedded(store: Store, options: EmbeddedOptions): Promise<Embedded> {
  const { clock, limits, log, metrics, notifications, senders, random } = options;
  await migrate(store, log);
  await clock.resume(store);
  const sends = senders !== undefined;
  const outbox = await Outbox.open(store, { limits, log, metrics, sends, notifications });
  const history = options.history && (await MessageHistory.open(store, options.history, log));
  const pump = await TurnPump.open(store, { clock, limits, log, metrics, outbox, history, notes: clock });
  const dispatcher = new Dispatcher({
    outbox,
    senders,
    clock,
    limits,
    log,
    metrics,
    random,
    loopback: (queued) => loopBack(pump, outbox, queued),
  });
  const executions = await Executions.open({
    store,
    outbox,
    clock,
    limits,
    log,
    sends,
    withdraw: (queued) => dispatcher.remove(queued),
  });
  outbox.deliverTo(dispatcher);
  const host = new EmbeddedHost(pump, {
    clock,
    actions: executions,
    row: (key) => store.get(key),
    history,
    onFinished: (listener) => outbox.onFinished(listener),
    figures: () => ({
      failedActions: executions.failed,
      pendingActions: outbox.pending,
      targets: Array.from(
        dispatcher.runners,
        ({ queueName: target, inFlight, isDown, oldestSince }): TargetFigures => {
          const figures = { target, inFlight, isDown };
          return oldestSince === undefined ? figures : { ...figures, oldestSince: clock.shown(oldestSince) };
        },
      ),
    }),
  });
  let isStarted = false;
  const noteTime = async (age: number) => {
    clock.look();
    const rows = clock.note(age);
    if (!isStarted || rows.length === 0) return;
    try {
      await pump.run((turn) => turn.addRows(rows));
    } catch (error) {
      clock.forget();
      throw error;
    }
  };
  return {
    host,
    pump,
    catalog: () => pump.evaluator.catalog,
    start() {
      isStarted = true;
      dispatcher.start();
      pump.start();
    },
    keepTime: () => noteTime(NOTE_WHEN_IDLE),
    async close() {
      await executions.close();
      // A failed store accepts nothing more; the next start then continues from the last recorded time.
      await noteTime(0).catch((err: unknown) => log.warn({ err }, 'the time could not be recorded'));
      await pump.close();
      await history?.close();
      await dispatcher.close();
    },
  };
}
