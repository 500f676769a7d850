import type { Outcome, Scope } from '../sql/index.ts';
import type { PublishedMessage } from './published-message.ts';

/** One message of a rule, as its actions see it. */
export interface Occasion {
  readonly ruleName: string;
  readonly message: PublishedMessage;
  /** The scope in which templates are evaluated. */
  readonly scope: Scope;
  /** The action is the rule's errorAction, which reports the failures of the others. */
  readonly isErrorAction: boolean;
}

/** The failure of an action, in the errorAction's message (docs/topic-rules.md: Actions). */
export interface Failure {
  readonly failedAction: string;
  readonly failedResource: string;
  readonly errorMessage: string;
}

/**
 * A compiled action of a rule. `start` evaluates its templates at once, so that retries send the same, and sends in the
 * order of the calls. When the outcome is durable, calls `tell` with the failure if it failed finally, and resolves with
 * its result; rejects with Fault when nothing is durable and the message must be sent again.
 */
export interface RuleAction {
  readonly kind: string;
  /** Its name in failures and log entries, as AWS writes it. */
  readonly name: string;
  start<T>(value: Outcome, occasion: Occasion, tell: Tell<T>): Promise<T>;
}

/** Receives the failures of an action. A callback rather than another promise for every message. */
export type Tell<T> = (failures: readonly Failure[]) => T | PromiseLike<T>;
