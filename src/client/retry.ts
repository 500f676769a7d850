/** Milliseconds. */
const FIRST_DELAY = 100;
const LONGEST_DELAY = 5000;

/** What a client waits with, and what chance it takes; tests bring their own. */
export interface Pacing {
  readonly wait: (milliseconds: number) => Promise<void>;
  /** From 0 to below 1. */
  readonly random: () => number;
}

export const SYSTEM_PACING: Pacing = {
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  random: Math.random,
};

/**
 * Runs `attempt` until it succeeds, fails with what no repetition helps, or has failed `maxAttempts` times. The
 * delays double and are cut by chance anywhere down to nothing: clients that failed together come back apart.
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
