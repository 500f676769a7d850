import type { Outcome, Scope } from '../sql/index.ts';
import type { PublishedMessage } from './published-message.ts';

/** One message of a rule, as its actions see it. */
export interface Occasion {
  readonly ruleName: string;
  readonly message: PublishedMessage;
  /** What templates are evaluated in. */
  readonly scope: Scope;
  /** The action is the rule's errorAction: it tells what the others could not do. */
  readonly isErrorAction: boolean;
}

/** What an action could not do, for the errorAction's message (docs/topic-rules.md: Actions). */
export interface Failure {
  readonly failedAction: string;
  readonly failedResource: string;
  readonly errorMessage: string;
}

/**
 * An action of a rule, compiled. `start` evaluates its templates at once, so that what is sent again is the same, and
 * sends in the order of the calls. Resolves when the outcome is durable, with what failed for good; rejects with Fault
 * when nothing of it is durable and the message must come again.
 */
export interface RuleAction {
  readonly kind: string;
  start(value: Outcome, occasion: Occasion): Promise<readonly Failure[]>;
}
