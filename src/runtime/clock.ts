/** The machine's clocks; tests supply their own. */
export interface MachineClock {
  /** Milliseconds since the epoch. May jump in both directions at any time, when somebody sets the clock. */
  wall(): number;
  /** Milliseconds since an arbitrary start. Monotonic, so only differences have a meaning. */
  steady(): number;
  /** Calls back after so many milliseconds. Returns a function that cancels the call. */
  after(milliseconds: number, callback: () => void): () => void;
  /** Calls back after everything already queued on the event loop. */
  soon(callback: () => void): void;
}

/** Time as the runtime sees it; see `HostClock`. */
export interface Clock {
  /** The host's time, used for all waits and expiries: milliseconds, close to the epoch's, never going back. */
  now(): number;
  /** Milliseconds since the epoch by the machine's clock: for people and other systems. */
  wall(): number;
  /** Calls back once `now()` has reached that time. Returns a function that cancels the call. */
  at(time: number, callback: () => void): () => void;
  /** Calls back after everything already queued on the event loop. */
  soon(callback: () => void): void;
}

/** The longest wait that setTimeout supports; longer waits are split. */
const LONGEST_WAIT = 2 ** 31 - 1;

export const machineClock: MachineClock = {
  wall: () => Date.now(),
  steady: () => performance.now(),
  after(milliseconds, callback) {
    const handle = setTimeout(callback, Math.min(Math.max(milliseconds, 0), LONGEST_WAIT));
    return () => clearTimeout(handle);
  },
  soon: (callback) => void setImmediate(callback),
};
