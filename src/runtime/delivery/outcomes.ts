import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Queued } from './execution.ts';
import type { Outbox } from './outbox.ts';

/** Milliseconds. */
const PAUSE_AFTER_FAILURE = 1000;

/**
 * Makes the outcomes of deliveries durable, batching everything that arrives during the previous commit. While the
 * store fails, outcomes wait and no new deliveries should start.
 */
export class Outcomes {
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #log: Log;
  /** Called when the store accepts outcomes again. */
  readonly #onRecovered: () => void;
  #waiting: Queued[] = [];
  #underWay: readonly Queued[] = [];
  #saving: Promise<void> | undefined;
  #failing = false;
  #closing = false;

  constructor(options: {
    readonly outbox: Outbox;
    readonly clock: Clock;
    readonly log: Log;
    readonly onRecovered: () => void;
  }) {
    this.#outbox = options.outbox;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#onRecovered = options.onRecovered;
  }

  get isFailing(): boolean {
    return this.#failing;
  }

  /** Whether an outcome of that execution still waits to become durable. */
  isSaving(order: string): boolean {
    return [...this.#underWay, ...this.#waiting].some((queued) => queued.order === order);
  }

  save(queued: Queued): void {
    this.#waiting.push(queued);
    if (!this.#failing) this.#saving ??= this.#gather();
  }

  /** Waits for the commit in progress; an outcome that could not be saved is delivered again after the next start. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#saving;
  }

  /** Batches outcomes that arrive in the same moment. */
  async #gather(): Promise<void> {
    await new Promise<void>((resolve) => this.#clock.soon(resolve));
    await this.#saveAll();
  }

  async #saveAll(): Promise<void> {
    const wasFailing = this.#failing;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#underWay = batch;
      this.#waiting = [];
      try {
        await this.#outbox.update(batch);
        this.#failing = false;
      } catch (error) {
        this.#failing = true;
        this.#waiting = [...batch, ...this.#waiting];
        const count = this.#waiting.length;
        this.#log.error(
          { err: error, count },
          'outcomes of deliveries could not be saved; new deliveries are paused',
        );
        break;
      }
    }
    this.#underWay = [];
    this.#saving = undefined;
    if (this.#failing) this.#retryLater();
    else if (wasFailing) this.#onRecovered();
  }

  #retryLater(): void {
    if (this.#closing) return;
    this.#clock.at(this.#clock.now() + PAUSE_AFTER_FAILURE, () => {
      if (!this.#closing) this.#saving ??= this.#saveAll();
    });
  }
}
