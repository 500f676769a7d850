import { classifyError, type Senders } from '../action/index.ts';
import type { Limits } from '../limits.ts';
import type { Clock } from './clock.ts';
import type { Execution } from './execution.ts';
import type { Log } from './log.ts';
import type { RuntimeMetrics } from './metrics.ts';
import type { Outbox, Queued } from './outbox.ts';

export interface DispatcherOptions {
  readonly outbox: Outbox;
  readonly senders: Senders;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  /** A number in [0, 1): the jitter of the backoff. */
  readonly random: () => number;
}

/** Milliseconds. */
const FIRST_BACKOFF = 200;
const LONGEST_BACKOFF = 30_000;

/**
 * Sends what the outbox holds, at least once each. Deliveries of one detector and one action type go one after
 * the other, in their order; others do not wait for them.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  /** What waits, by lane; the first of a lane is under way. */
  readonly #lanes = new Map<string, Queued[]>();
  /** Lanes whose first delivery may start. */
  readonly #ready: string[] = [];
  readonly #retries = new Map<string, () => void>();
  #inFlight = 0;
  #pending = 0;
  #closing = false;
  #finished: Queued[] = [];
  #saving: Promise<void> | undefined;
  #idle: (() => void)[] = [];

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  get pending(): number {
    return this.#pending;
  }

  deliver(queued: Queued): void {
    this.#pending++;
    const lane = laneOf(queued.execution);
    const waiting = this.#lanes.get(lane);
    if (waiting !== undefined) {
      waiting.push(queued);
      return;
    }
    this.#lanes.set(lane, [queued]);
    this.#ready.push(lane);
    this.#fill();
  }

  /** Begins nothing more and waits for what is under way; what waits stays in the outbox. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const cancel of this.#retries.values()) cancel();
    this.#retries.clear();
    if (this.#inFlight > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    await this.#saving;
  }

  #fill(): void {
    while (!this.#closing && this.#inFlight < this.#options.limits.deliveriesInFlight) {
      const lane = this.#ready.shift();
      const queued = lane === undefined ? undefined : this.#lanes.get(lane)?.[0];
      if (lane === undefined || queued === undefined) return;
      this.#inFlight++;
      void this.#attempt(lane, queued).finally(() => {
        this.#inFlight--;
        if (this.#inFlight === 0) for (const resolve of this.#idle.splice(0)) resolve();
        this.#fill();
      });
    }
  }

  async #attempt(lane: string, queued: Queued): Promise<void> {
    const { execution } = queued;
    const attempts = execution.attempts + 1;
    try {
      if (execution.request === undefined) throw new Error('The outbox row has no request');
      await this.#options.senders.send(execution.request);
      this.#finish(lane, queued, { ...execution, status: 'DELIVERED', attempts });
    } catch (error) {
      const lastError = describe(error);
      const failed = { ...execution, attempts, lastError };
      const terminal =
        classifyError(error) === 'TERMINAL' || attempts >= this.#options.limits.deliveryAttempts;
      this.#log(failed, terminal);
      if (terminal) this.#finish(lane, queued, { ...failed, status: 'FAILED' });
      else this.#retry(lane, { order: queued.order, execution: failed });
    }
  }

  #finish(lane: string, queued: Queued, execution: Execution): void {
    this.#pending--;
    this.#options.outbox.finished(execution);
    this.#save({ order: queued.order, execution });
    const waiting = this.#lanes.get(lane) ?? [];
    waiting.shift();
    if (waiting.length > 0) this.#ready.push(lane);
    else this.#lanes.delete(lane);
  }

  /** Exponential backoff with full jitter. The lane waits, so that its order stays. */
  #retry(lane: string, queued: Queued): void {
    this.#options.metrics.retry(queued.execution.type);
    this.#save(queued);
    const waiting = this.#lanes.get(lane);
    if (waiting !== undefined) waiting[0] = queued;
    if (this.#closing) return;
    const ceiling = Math.min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** queued.execution.attempts);
    const wait = this.#options.random() * ceiling;
    const cancel = this.#options.clock.at(this.#options.clock.now() + wait, () => {
      this.#retries.delete(lane);
      this.#ready.push(lane);
      this.#fill();
    });
    this.#retries.set(lane, cancel);
  }

  /** Keeps the outcome; what finishes during a commit goes with the next one. */
  #save(queued: Queued): void {
    this.#finished.push(queued);
    this.#saving ??= this.#saveAll();
  }

  async #saveAll(): Promise<void> {
    try {
      while (this.#finished.length > 0) await this.#options.outbox.update(this.#finished.splice(0));
    } catch (error) {
      // The deliveries stay pending in the outbox and are sent again after a restart: at least once.
      this.#options.log.error({ err: error }, 'outcome of deliveries could not be saved');
    } finally {
      this.#saving = undefined;
    }
  }

  #log(execution: Execution, terminal: boolean): void {
    const { actionExecutionId, type, detectorModelName, keyValue, eventName, attempts, lastError } =
      execution;
    const fields = {
      actionExecutionId,
      type,
      detectorModelName,
      keyValue,
      eventName,
      attempts,
      error: lastError,
    };
    if (terminal) this.#options.log.error(fields, 'action failed');
    else this.#options.log.warn(fields, 'action will be tried again');
  }
}

function laneOf({ detectorModelName, keyValue, type }: Execution): string {
  return `${detectorModelName}/${keyValue ?? ''}/${type}`;
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
