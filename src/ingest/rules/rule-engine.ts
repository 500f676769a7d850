import type { Publication } from './publication.ts';

/**
 * Evaluates the topic rules on every message that is published (spec: topic-rules 2.6, 2.7, 4).
 *
 * One engine lives as long as the process, whatever becomes of the data directory: while that is closed or is being
 * opened again, `deliver` rejects with ServiceUnavailableException.
 */
export class RuleEngine {
  /**
   * Runs every rule that the message matches, and feeds alarm models with SiteWise property values. Resolves when the
   * outcome of each action is durable; a message that no rule needs is done at once. An action that fails for good is
   * an outcome: its errorAction has run, and it is counted and logged.
   *
   * Messages reach the inputs in the order of the calls; do not wait for one before you hand over the next, or each
   * pays for a commit of its own. Overload keeps the promise pending, so bound how many of a client are under way
   * (spec: topic-rules 6.2 has 100) and read no more from its socket past that.
   *
   * Rejects with a Fault when the outcome is not durable: do not acknowledge, the publisher must send it again.
   */
  deliver(_publication: Publication): Promise<void> {
    return Promise.resolve();
  }

  /** Whether `deliver` has anything to do for a topic. */
  needs(_topic: string): boolean {
    return false;
  }

  /**
   * The topic filters to subscribe to at an external broker, none of them covered by another. Those of `$aws/…` may be
   * refused there, which must not harm the others.
   */
  filters(): readonly string[] {
    return [];
  }

  /** Calls the listener after `filters()` has changed. Returns a function that unsubscribes it. */
  onChange(_listener: () => void): () => void {
    return () => {};
  }
}
