import type { Limits } from '../../limits.ts';
import { classifyError } from '../../send/index.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { RuntimeMetrics } from '../metrics.ts';
import { timeOf } from '../rows.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { type Execution, fieldsOf, type Queued } from './execution.ts';
import { TargetQueue } from './target-queue.ts';

/** Shared by the deliveries of all targets. */
export interface Delivery {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  /** Returns a number in [0, 1), used for the jitter of the backoff. */
  readonly random: () => number;
  /** Whether new deliveries must not start at the moment. */
  readonly isHeld: () => boolean;
  /** Sends the request. Resolves with the execution when its new status is already durable. */
  readonly send: (queued: Queued) => Promise<Execution | undefined>;
  readonly load: (queue: string, after: string, limit: number) => Promise<readonly Queued[]>;
  /** Saves a new status. */
  readonly save: (queued: Queued) => void;
  /** Called when the queue is empty and nothing is in progress; the runner is done. */
  readonly onIdle: (runner: TargetRunner) => void;
}

/** Milliseconds: upper bounds of the wait before a delivery's next attempt, and before the outbox is read again. */
const FIRST_BACKOFF = 200;
const LONGEST_BACKOFF = 30_000;
const LOAD_AGAIN = 1000;

/**
 * Sends the deliveries of one queue: a bounded number at once, one after the other within a detector, and only a probe
 * while the target is down.
 */
export class TargetRunner {
  /** The target, unless several targets share the queue. */
  readonly queueName: string;
  readonly #delivery: Delivery;
  readonly #queue: TargetQueue;
  readonly #breaker: CircuitBreaker;
  /** Cancel the pending waits of lanes and of the breaker. */
  readonly #waits = new Set<() => void>();
  #breakerWait = 0;
  #inFlight = 0;
  #closed = false;

  constructor(queueName: string, delivery: Delivery, hasMore: boolean) {
    this.queueName = queueName;
    this.#delivery = delivery;
    this.#queue = new TargetQueue(delivery.limits.deliveriesHeld, hasMore);
    this.#breaker = new CircuitBreaker(delivery.random);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get isDown(): boolean {
    return this.#breaker.state !== 'CLOSED';
  }

  /** Deliveries held in memory. */
  get held(): number {
    return this.#queue.size;
  }

  /** When the oldest waiting delivery was created; milliseconds since the epoch. */
  get oldestSince(): number | undefined {
    const { oldest } = this.#queue;
    return oldest && timeOf(oldest.position);
  }

  offer(queued: Queued): void {
    this.#queue.offer(queued);
    this.run();
  }

  /** Removes a delivery that is not in progress. */
  remove(queued: Queued): boolean {
    return this.#queue.remove(queued);
  }

  /** Starts nothing more. */
  close(): void {
    this.#closed = true;
    for (const cancel of this.#waits) cancel();
    this.#waits.clear();
  }

  /** Starts the deliveries that may start. */
  run(): void {
    const { clock, limits, isHeld } = this.#delivery;
    if (this.#closed || isHeld()) return;
    const now = clock.now();
    this.#expire(now);
    while (this.#inFlight < limits.deliveriesPerTarget && this.#mayBegin(now)) {
      const queued = this.#queue.take();
      if (queued === undefined) break;
      this.#breaker.began();
      void this.#attempt(queued);
    }
    this.#load();
    if (this.#inFlight === 0 && this.#queue.isEmpty) {
      this.close();
      this.#delivery.onIdle(this);
    }
  }

  #mayBegin(now: number): boolean {
    if (this.#breaker.allows(now)) return true;
    const { state, retryAt } = this.#breaker;
    if (state === 'OPEN' && this.#breakerWait !== retryAt) {
      this.#breakerWait = retryAt;
      this.#after(retryAt, () => this.run());
    }
    return false;
  }

  async #attempt(queued: Queued): Promise<void> {
    this.#inFlight++;
    try {
      const durable = await this.#delivery.send(queued);
      this.#answered();
      const attempts = queued.execution.attempts + 1;
      if (durable === undefined) this.#finish(queued, { ...queued.execution, status: 'DELIVERED', attempts });
      else this.#queue.finish(queued);
    } catch (error) {
      this.#failed(queued, error);
    } finally {
      this.#inFlight--;
      this.run();
    }
  }

  #failed(queued: Queued, error: unknown): void {
    const { limits, log, metrics, clock } = this.#delivery;
    const attempts = queued.execution.attempts + 1;
    const failed = { ...queued.execution, attempts, lastError: describe(error) };
    const isTerminal = classifyError(error) === 'TERMINAL';
    if (isTerminal) this.#answered();
    else this.#brokenOnce();
    // While the target is down, failed attempts do not count against a delivery; only its age does.
    const isSpent = !this.isDown && attempts >= limits.deliveryAttempts;
    if (isTerminal || isSpent || this.#isExpired(queued, clock.now())) {
      log.error(fieldsOf(failed), 'action failed');
      this.#finish(queued, { ...failed, status: 'FAILED' });
      return;
    }
    log.warn(fieldsOf(failed), 'action will be tried again');
    metrics.retry(failed);
    const next = { ...queued, execution: failed };
    this.#queue.replace(next);
    this.#delivery.save(next);
    this.#backOff(next);
  }

  #finish(queued: Queued, execution: Execution): void {
    this.#queue.finish(queued);
    this.#delivery.save({ ...queued, execution });
  }

  /** Exponential backoff with full jitter; the detector's other deliveries to this target wait as well. */
  #backOff(queued: Queued): void {
    // When the target is down, the breaker does the waiting for all deliveries.
    if (this.isDown) {
      this.#queue.putBack(queued);
      return;
    }
    const { clock, random } = this.#delivery;
    const ceiling = Math.min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** queued.execution.attempts);
    this.#after(clock.now() + random() * ceiling, () => {
      this.#queue.putBack(queued);
      this.run();
    });
  }

  #answered(): void {
    if (this.isDown) this.#delivery.log.info({ target: this.queueName }, 'target is reachable again');
    this.#breaker.answered();
  }

  #brokenOnce(): void {
    const wasDown = this.isDown;
    this.#breaker.failed(this.#delivery.clock.now());
    if (!wasDown && this.isDown)
      this.#delivery.log.warn(
        { target: this.queueName },
        'target is down; it is retried at growing intervals',
      );
  }

  /**
   * Fails deliveries that have waited too long, oldest first, but only while the target is known to be down. Anything
   * delayed by a stopped server or a wrong clock is still tried.
   */
  #expire(now: number): void {
    if (!this.isDown) return;
    for (;;) {
      const { oldest } = this.#queue;
      if (oldest === undefined || !this.#isExpired(oldest, now) || !this.#queue.remove(oldest)) return;
      const { lastError } = oldest.execution;
      const seconds = this.#delivery.limits.deliveryAge / 1000;
      const reason = `Not delivered within ${seconds} s${lastError === undefined ? '' : `; last: ${lastError}`}`;
      const failed: Execution = { ...oldest.execution, status: 'FAILED', lastError: reason };
      this.#delivery.log.error(fieldsOf(failed), 'action failed');
      this.#delivery.save({ ...oldest, execution: failed });
    }
  }

  #isExpired({ position }: Queued, now: number): boolean {
    return now - timeOf(position) >= this.#delivery.limits.deliveryAge;
  }

  #load(): void {
    const loading = this.#queue.beginLoading();
    if (loading === undefined) return;
    const { after, limit } = loading;
    this.#delivery.load(this.queueName, after, limit).then(
      (loaded) => {
        this.#queue.loaded(loaded, limit);
        this.run();
      },
      (error: unknown) => {
        this.#queue.loadFailed();
        this.#delivery.log.error({ err: error, target: this.queueName }, 'the outbox could not be read');
        this.#after(this.#delivery.clock.now() + LOAD_AGAIN, () => this.run());
      },
    );
  }

  #after(time: number, callback: () => void): void {
    if (this.#closed) return;
    const cancel = this.#delivery.clock.at(time, () => {
      this.#waits.delete(cancel);
      callback();
    });
    this.#waits.add(cancel);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
