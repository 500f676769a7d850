import type { NotificationSettings } from '../../core/action/index.ts';
import type { Limits } from '../../limits.ts';
import type { Senders } from '../../send/index.ts';
import type { Store } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import { Dispatcher } from '../delivery/dispatcher.ts';
import { Executions } from '../delivery/executions.ts';
import { Outbox } from '../delivery/outbox.ts';
import type { Log } from '../log.ts';
import type { RuntimeMetrics } from '../metrics.ts';
import { Host } from './host.ts';
import { loopBack } from './loopback.ts';
import { migrate } from './migrations.ts';

export interface EmbeddedOptions {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  readonly notifications: NotificationSettings;
  /** Absent: nothing leaves the server, every action but iotEvents is recorded. */
  readonly senders: Senders | undefined;
  /** A number in [0, 1): the jitter of the backoff. */
  readonly random: () => number;
}

/** Everything that stands on one store, open and at rest. */
export interface Embedded {
  readonly outbox: Outbox;
  readonly host: Host;
  readonly dispatcher: Dispatcher;
  readonly executions: Executions;
  /** Fires the timers that are overdue, sends what is pending, and goes on from there. Call it once. */
  start(): void;
  /** Finishes what was accepted, as far as the store allows. The store and the senders stay open. */
  close(): Promise<void>;
}

/**
 * Opens everything that stands on the store and connects it, without starting any of it: an overdue timer must find
 * its outbox, its dispatcher and its observers in place, so observers are attached between this and `start`. Rejects
 * with StoreError.
 */
export async function openEmbedded(store: Store, options: EmbeddedOptions): Promise<Embedded> {
  const { clock, limits, log, metrics, notifications, senders, random } = options;
  const sends = senders !== undefined;
  await migrate(store, log);
  const outbox = await Outbox.open(store, { limits, log, metrics, sends, notifications });
  const host = await Host.open(store, { clock, limits, log, metrics, outbox });
  const dispatcher = new Dispatcher({
    outbox,
    senders,
    clock,
    limits,
    log,
    metrics,
    random,
    loopback: (queued) => loopBack(host, outbox, queued),
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
  return {
    outbox,
    host,
    dispatcher,
    executions,
    start() {
      dispatcher.start();
      host.start();
    },
    async close() {
      await executions.close();
      await host.close();
      await dispatcher.close();
    },
  };
}
