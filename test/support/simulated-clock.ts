import type { Clock, MachineClock } from '../../src/runtime/clock.ts';

/**
 * A clock that stands still until it is advanced: a host's clock, or the two clocks of a machine, whose wall clock can
 * be set forward and back.
 */
export class SimulatedClock implements Clock, MachineClock {
  #now: number;
  /** Milliseconds by which the wall clock is ahead. */
  #ahead = 0;
  #waiting: { readonly time: number; readonly callback: () => void }[] = [];

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#now + this.#ahead;
  }

  steady(): number {
    return this.#now;
  }

  at(time: number, callback: () => void): () => void {
    const entry = { time, callback };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((each) => each !== entry);
    };
  }

  after(milliseconds: number, callback: () => void): () => void {
    return this.at(this.#now + milliseconds, callback);
  }

  soon(callback: () => void): void {
    setImmediate(callback);
  }

  /** Moves the time without calling anybody back. */
  jump(to: number): void {
    this.#now = Math.max(this.#now, to);
  }

  /** Sets the wall clock by so many milliseconds, negative for back. */
  putWall(by: number): void {
    this.#ahead += by;
  }

  /** Advances to that time, stopping at each due callback; `settle` waits for what it starts. */
  async advance(to: number, settle: () => Promise<unknown>): Promise<void> {
    for (;;) {
      const [next] = this.#waiting.filter(({ time }) => time <= to).sort((a, b) => a.time - b.time);
      if (next === undefined) break;
      this.#waiting = this.#waiting.filter((each) => each !== next);
      this.#now = Math.max(this.#now, next.time);
      next.callback();
      await settle();
      // Settled work may set the next timer right afterwards.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#now = Math.max(this.#now, to);
  }
}
