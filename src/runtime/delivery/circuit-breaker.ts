/** Consecutive failures after which a target counts as down. */
const THRESHOLD = 5;
/** Milliseconds between two attempts to reach a target that is down. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;

export type BreakerState = 'CLOSED' | 'OPEN' | 'PROBING';

/**
 * Decides whether a delivery to a target may be attempted. After several consecutive failures the target counts as
 * down: then one delivery at a time is tried, at growing intervals, until one succeeds. Only transient failures count.
 */
export class CircuitBreaker {
  readonly #random: () => number;
  #state: BreakerState = 'CLOSED';
  #failures = 0;
  #waits = 0;
  #retryAt = 0;

  /** `random` returns numbers in [0, 1). */
  constructor(random: () => number) {
    this.#random = random;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** When an open breaker lets the next attempt through; milliseconds since the epoch. */
  get retryAt(): number {
    return this.#retryAt;
  }

  /** Whether an attempt may begin now. */
  allows(now: number): boolean {
    return this.#state === 'CLOSED' || (this.#state === 'OPEN' && now >= this.#retryAt);
  }

  /** An attempt begins; while the target is down it is the only one, the probe. */
  began(): void {
    if (this.#state === 'OPEN') this.#state = 'PROBING';
  }

  /** An attempt was answered, by success or by a refusal of that request: the target is reachable. */
  answered(): void {
    this.#state = 'CLOSED';
    this.#failures = 0;
    this.#waits = 0;
  }

  /** An attempt failed transiently. Attempts that began before the breaker opened carry no new information. */
  failed(now: number): void {
    this.#failures++;
    if (this.#state === 'OPEN' || (this.#state === 'CLOSED' && this.#failures < THRESHOLD)) return;
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#waits++);
    this.#state = 'OPEN';
    this.#retryAt = now + wait / 2 + (this.#random() * wait) / 2;
  }
}
