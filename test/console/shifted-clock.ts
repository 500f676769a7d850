import { type Clock, systemClock } from '../../src/runtime/clock.ts';

/** The system's clock, which a test can put forward. */
export class ShiftedClock implements Clock {
  readonly #waiting = new Set<{ readonly time: number; readonly callback: () => void; cancel: () => void }>();
  #ahead = 0;

  now(): number {
    return systemClock.now() + this.#ahead;
  }

  at(time: number, callback: () => void): () => void {
    const entry = { time, callback, cancel: () => {} };
    this.#wait(entry);
    this.#waiting.add(entry);
    return () => {
      entry.cancel();
      this.#waiting.delete(entry);
    };
  }

  soon(callback: () => void): void {
    systemClock.soon(callback);
  }

  /** Milliseconds. */
  putForward(by: number): void {
    this.#ahead += by;
    for (const entry of this.#waiting) {
      entry.cancel();
      this.#wait(entry);
    }
  }

  #wait(entry: { readonly time: number; readonly callback: () => void; cancel: () => void }): void {
    entry.cancel = systemClock.at(entry.time - this.#ahead, () => {
      this.#waiting.delete(entry as never);
      entry.callback();
    });
  }
}
