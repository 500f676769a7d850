import { staysInside } from '../../core/action/index.ts';
import type { Limits } from '../../limits.ts';
import type { Senders } from '../../send/index.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { RuntimeMetrics } from '../metrics.ts';
import type { Execution, Queued } from './execution.ts';
import type { Deliverer, Outbox } from './outbox.ts';
import { Outcomes } from './outcomes.ts';
import { type Delivery, TargetRunner } from './target-runner.ts';

export interface DispatcherOptions {
  readonly outbox: Outbox;
  /** Undefined when nothing may leave the server: only iotEvents actions are delivered. */
  readonly senders: Senders | undefined;
  /** Delivers an iotEvents action within this process; see `loopBack`. */
  readonly loopback: (queued: Queued) => Promise<Execution>;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  /** Returns a number in [0, 1), used for the jitter of the backoff. */
  readonly random: () => number;
}

/** Milliseconds that deliveries in progress get to finish when the server stops. */
const CLOSE_GRACE = 4_000;

/**
 * Sends the executions in the outbox, each at least once. One runner for each queue, so that a slow target delays only
 * its own deliveries. A runner exists while something waits in its queue.
 */
export class Dispatcher implements Deliverer {
  readonly #options: DispatcherOptions;
  readonly #runners = new Map<string, TargetRunner>();
  readonly #outcomes: Outcomes;
  readonly #delivery: Delivery;
  /** Queues with deliveries of an earlier run that no runner has read yet. */
  readonly #unread: Set<string>;
  #closing = false;
  #idle: (() => void)[] = [];

  constructor(options: DispatcherOptions) {
    this.#options = options;
    const { outbox, clock, limits, log, metrics, random } = options;
    // What waits now was never offered to a runner; the first runner of such a queue reads it from the store.
    this.#unread = new Set(outbox.pending.keys());
    this.#outcomes = new Outcomes({ outbox, clock, log, onRecovered: () => this.#runAll() });
    this.#delivery = {
      ...{ clock, limits, log, metrics, random },
      isHeld: () => this.#closing || this.#outcomes.isFailing,
      send: (queued) => this.#send(queued),
      load: (queue, after, limit) => outbox.load(queue, after, limit),
      save: (queued) => this.#outcomes.save(queued),
      onIdle: ({ queueName }) => this.#runners.delete(queueName),
    };
  }

  get runners(): Iterable<TargetRunner> {
    return this.#runners.values();
  }

  /** Starts with the deliveries left by an earlier run. */
  start(): void {
    for (const queue of [...this.#unread]) if (this.#takes(queue)) this.#runnerOf(queue).run();
  }

  deliver(queued: Queued): void {
    if (this.#takes(queued.queue)) this.#runnerOf(queued.queue).offer(queued);
  }

  #takes(queue: string): boolean {
    return this.#options.senders !== undefined || staysInside(queue);
  }

  /** Removes a delivery from its queue; false when it is in progress. */
  remove(queued: Queued): boolean {
    if (this.#outcomes.isSaving(queued.order)) return false;
    return this.#runners.get(queued.queue)?.remove(queued) ?? true;
  }

  /** Starts nothing more and gives deliveries in progress some time; everything that waits stays in the outbox. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const runner of this.#runners.values()) runner.close();
    if (this.#inFlight > 0) await this.#settle();
    await this.#outcomes.close();
  }

  async #settle(): Promise<void> {
    const { clock, log, senders } = this.#options;
    const cancel = clock.at(clock.now() + CLOSE_GRACE, () => {
      log.warn(
        { inFlight: this.#inFlight },
        'deliveries were interrupted; they are repeated after the next start',
      );
      senders?.close().catch((error: unknown) => log.error({ err: error }, 'senders could not be closed'));
    });
    // A delivery answered just now is still counted, and nothing signals when it no longer is.
    setImmediate(() => this.#checkIdle());
    await new Promise<void>((resolve) => this.#idle.push(resolve));
    cancel();
  }

  get #inFlight(): number {
    let count = 0;
    for (const { inFlight } of this.#runners.values()) count += inFlight;
    return count;
  }

  async #send(queued: Queued): Promise<Execution | undefined> {
    const { senders, loopback } = this.#options;
    const { request, roleArn } = queued.execution;
    try {
      if (request === undefined) throw new Error('The outbox row has no request');
      if (request.service === 'iotevents-data') return await loopback(queued);
      if (senders === undefined) throw new Error('Nothing is sent with --actions record');
      await senders.send(request, roleArn);
      return undefined;
    } finally {
      // Deferred, so that the runner has counted it as finished.
      if (this.#closing) setImmediate(() => this.#checkIdle());
    }
  }

  #checkIdle(): void {
    if (this.#inFlight === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #runnerOf(queue: string): TargetRunner {
    const existing = this.#runners.get(queue);
    if (existing !== undefined) return existing;
    const runner = new TargetRunner(queue, this.#delivery, this.#unread.delete(queue));
    this.#runners.set(queue, runner);
    return runner;
  }

  #runAll(): void {
    for (const runner of [...this.#runners.values()]) runner.run();
  }
}
