/** The clocks of a machine, as they are; tests bring their own. */
export interface MachineClock {
  /** Milliseconds since the epoch, as somebody has set them: it may jump in both directions at any time. */
  wall(): number;
  /** Milliseconds from some beginning: it only goes on, at the pace of time, and tells nothing but how long. */
  steady(): number;
  /** Calls back when so many milliseconds have passed. Returns the function that takes the call back. */
  after(milliseconds: number, callback: () => void): () => void;
  /** Calls back when what is under way in this moment has had its turn. */
  soon(callback: () => void): void;
}

/** Time as the runtime sees it; see `HostClock`. */
export interface Clock {
  /** Milliseconds, by which everything waits and expires: close to the epoch's, and never less than it was. */
  now(): number;
  /** Milliseconds since the epoch, as the machine's clock shows them: for people and for other systems. */
  wall(): number;
  /** Calls back once `now()` has reached that time. Returns the function that takes the call back. */
  at(time: number, callback: () => void): () => void;
  /** Calls back when what is under way in this moment has had its turn. */
  soon(callback: () => void): void;
}

/** setTimeout takes no longer waits; whoever waits longer waits again. */
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
