import { type MachineClock, machineClock } from '../../src/runtime/clock.ts';

/** The machine's clocks, which a test can move forward. */
export class ShiftedClock implements MachineClock {
  readonly #waiting = new Set<{ readonly time: number; readonly callback: () => void; cancel: () => void }>();
  #passed = 0;

  wall(): number {
    return machineClock.wall() + this.#passed;
  }

  steady(): number {
    return machineClock.steady() + this.#passed;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const entry = { time: this.steady() + milliseconds, callback, cancel: () => {} };
    this.#wait(entry);
    this.#waiting.add(entry);
    return () => {
      entry.cancel();
      this.#waiting.delete(entry);
    };
  }

  soon(callback: () => void): void {
    machineClock.soon(callback);
  }

  /** Advances by so many milliseconds. */
  pass(by: number): void {
    this.#passed += by;
    for (const entry of this.#waiting) {
      entry.cancel();
      this.#wait(entry);
    }
  }

  #wait(entry: { readonly time: number; readonly callback: () => void; cancel: () => void }): void {
    entry.cancel = machineClock.after(entry.time - this.steady(), () => {
      this.#waiting.delete(entry);
      entry.callback();
    });
  }
}
