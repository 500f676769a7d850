/** Time as the runtime sees it; tests bring their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back once `now()` has reached that time. The function it gives takes the call back. */
  at(time: number, callback: () => void): () => void;
  /** Calls back when what is under way in this moment has had its turn. */
  soon(callback: () => void): void;
}

/** setTimeout takes no longer waits; the wait goes on from there. */
const LONGEST_WAIT = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  at(time, callback) {
    let handle: NodeJS.Timeout;
    const wait = () => {
      const left = time - Date.now();
      if (left <= 0) callback();
      else handle = setTimeout(wait, Math.min(left, LONGEST_WAIT));
    };
    handle = setTimeout(wait, Math.min(Math.max(time - Date.now(), 0), LONGEST_WAIT));
    return () => clearTimeout(handle);
  },
  soon: (callback) => void setImmediate(callback),
};
