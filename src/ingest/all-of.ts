/**
 * Resolves with all results, in order. Waits for all of them even when one rejects, then rejects with the first reason:
 * a message that is sent again must not overlap with work that is still in progress for it.
 */
export async function allOf<T>(outcomes: readonly Promise<T>[]): Promise<T[]> {
  const results: T[] = [];
  for (const outcome of await Promise.allSettled(outcomes)) {
    if (outcome.status === 'rejected') throw outcome.reason;
    results.push(outcome.value);
  }
  return results;
}
