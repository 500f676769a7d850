import type { Clock } from '../../src/runtime/clock.ts';

/** A clock that stands still until it is told to go on. */
export class SimulatedClock implements Clock {
  #now: number;
  #waiting: { readonly time: number; readonly callback: () => void }[] = [];

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  at(time: number, callback: () => void): () => void {
    const entry = { time, callback };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((each) => each !== entry);
    };
  }

  soon(callback: () => void): void {
    setImmediate(callback);
  }

  /** It is that late now, and nobody has been called. */
  jump(to: number): void {
    this.#now = Math.max(this.#now, to);
  }

  /** Goes on to that time, stopping at each call that is due on the way; `settle` waits for what it starts. */
  async advance(to: number, settle: () => Promise<unknown>): Promise<void> {
    for (;;) {
      const [next] = this.#waiting.filter(({ time }) => time <= to).sort((a, b) => a.time - b.time);
      if (next === undefined) break;
      this.#waiting = this.#waiting.filter((each) => each !== next);
      this.#now = Math.max(this.#now, next.time);
      next.callback();
      await settle();
      // What was settled may set the next timer right after.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#now = Math.max(this.#now, to);
  }
}
