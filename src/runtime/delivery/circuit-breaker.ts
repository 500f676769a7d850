/** Failures in a row after which a target counts as down. */
const THRESHOLD = 5;
/** Milliseconds between two tries of a target that is down. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;

export type BreakerState = 'CLOSED' | 'OPEN' | 'PROBING';

/**
 * Whether a target is worth an attempt. After failures in a row it is taken for down: then one delivery at a time is
 * tried, ever more seldom, until one succeeds. Only failures that may pass count.
 */
export class CircuitBreaker {
  readonly #random: () => number;
  #state: BreakerState = 'CLOSED';
  #failures = 0;
  #waits = 0;
  #retryAt = 0;

  /** `random` gives numbers in [0, 1). */
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

  /** An attempt begins; while the target is down it is the probe, and the only one. */
  began(): void {
    if (this.#state === 'OPEN') this.#state = 'PROBING';
  }

  /** An attempt was answered, with success or with a refusal of that one request: the target is there. */
  answered(): void {
    this.#state = 'CLOSED';
    this.#failures = 0;
    this.#waits = 0;
  }

  /** An attempt failed in a way that may pass. What began before the breaker opened says nothing new. */
  failed(now: number): void {
    this.#failures++;
    if (this.#state === 'OPEN' || (this.#state === 'CLOSED' && this.#failures < THRESHOLD)) return;
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#waits++);
    this.#state = 'OPEN';
    this.#retryAt = now + wait / 2 + (this.#random() * wait) / 2;
  }
}
