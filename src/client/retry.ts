/** In milliseconds. */
const FIRST_DELAY = 100;
const LONGEST_DELAY = 5000;

/** The client's timer and source of randomness; tests pass their own. */
export interface Pacing {
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Returns a number from 0 up to but excluding 1. */
  readonly random: () => number;
}

export const SYSTEM_PACING: Pacing = {
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  random: Math.random,
};

/**
 * Runs `attempt` until it succeeds, fails with an error that is not worth retrying, or has failed `maxAttempts` times.
 * The maximum delay doubles each time, and each delay is random between zero and the maximum, so that clients that
 * failed together do not retry together.
 */
export async function retrying<T>(
  attempt: () => Promise<T>,
  passes: (error: unknown) => boolean,
  maxAttempts: number,
  { wait, random }: Pacing,
): Promise<T> {
  for (let failed = 1; ; failed++) {
    try {
      return await attempt();
    } catch (error) {
      if (failed >= maxAttempts || !passes(error)) throw error;
      await wait(random() * Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** (failed - 1)));
    }
  }
}
