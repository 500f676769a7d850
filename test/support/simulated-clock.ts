import type { Clock, MachineClock } from '../../src/runtime/clock.ts';

/**
 * A clock that stands still until it is told to go on: as the time of a host, or as a machine's pair of clocks, of which
 * the wall clock can be put forward and back.
 */
export class SimulatedClock implements Clock, MachineClock {
  #now: number;
  /** Milliseconds that the wall clock is ahead. */
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

  /** It is that late now, and nobody has been called. */
  jump(to: number): void {
    this.#now = Math.max(this.#now, to);
  }

  /** Somebody puts the wall clock forward, or back by less than nothing: milliseconds. */
  putWall(by: number): void {
    this.#ahead += by;
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
