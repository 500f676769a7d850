/** A message that a client has published and that is not acknowledged yet. */
interface Entry {
  readonly start: () => Promise<unknown>;
  readonly done: (error?: Error) => void;
  isSettled: boolean;
  error: Error | undefined;
}

/**
 * The messages published by one client, in order. The library passes all packets of a chunk at once; here they are
 * started in order of arrival, a bounded number at a time, and acknowledged in that order, each when its own outcome
 * and those of all earlier ones are durable.
 */
export class Inbound {
  readonly #limit: number;
  /** In order of arrival; the first `#underWay` of them have been started. */
  readonly #entries: Entry[] = [];
  #underWay = 0;
  #failure: Error | undefined;

  /** `limit` is the number that may be in progress at once; the others wait. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** `done` receives the error when the outcome is not durable; after that nothing more is started. */
  take(start: () => Promise<unknown>, done: (error?: Error) => void): void {
    this.#entries.push({ start, done, isSettled: false, error: undefined });
    this.#goOn();
  }

  #goOn(): void {
    for (;;) {
      const [first] = this.#entries;
      if (first?.isSettled === true) {
        this.#entries.shift();
        this.#underWay--;
        this.#failure ??= first.error;
        first.done(this.#failure);
        continue;
      }
      const next = this.#underWay < this.#limit ? this.#entries[this.#underWay] : undefined;
      if (next === undefined) return;
      this.#underWay++;
      if (this.#failure === undefined) this.#start(next);
      else next.isSettled = true;
    }
  }

  #start(entry: Entry): void {
    entry.start().then(
      () => this.#settle(entry, undefined),
      (error: unknown) => this.#settle(entry, error instanceof Error ? error : new Error(String(error))),
    );
  }

  #settle(entry: Entry, error: Error | undefined): void {
    entry.isSettled = true;
    entry.error = error;
    this.#goOn();
  }
}
