interface Waiting {
  readonly start: () => Promise<unknown>;
  readonly done: (error?: Error) => void;
}

/**
 * What one client publishes, in order. The library hands over all packets of a chunk at once; here they are started in
 * the order of arrival, a bounded number at a time, and acknowledged in that order, each when its own outcome is
 * durable and every earlier one's is.
 */
export class Inbound {
  readonly #limit: number;
  readonly #waiting: Waiting[] = [];
  #underWay = 0;
  #acknowledged: Promise<void> = Promise.resolve();
  #failure: Error | undefined;

  /** `limit`: how many may be under way at once; the others wait. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** `done` gets the reason when the outcome is not durable; after that nothing is started any more. */
  take(start: () => Promise<unknown>, done: (error?: Error) => void): void {
    this.#waiting.push({ start, done });
    this.#next();
  }

  #next(): void {
    while (this.#underWay < this.#limit) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#underWay++;
      const outcome = this.#failure === undefined ? settle(next.start()) : Promise.resolve(this.#failure);
      this.#acknowledged = this.#acknowledged.then(async () => {
        const error = await outcome;
        this.#failure ??= error;
        next.done(this.#failure);
        this.#underWay--;
        this.#next();
      });
    }
  }
}

/** Resolves with the reason when it is rejected, with undefined otherwise. */
function settle(outcome: Promise<unknown>): Promise<Error | undefined> {
  return outcome.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
}
