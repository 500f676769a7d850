import type { Budget } from './budget.ts';
import type { Message } from './message.ts';
import type { SqlVersion, ToDecimal } from './numbers.ts';
import type { Outcome } from './value.ts';

/** One evaluation of a statement. */
export interface Run {
  readonly version: SqlVersion;
  readonly toDecimal: ToDecimal;
  readonly message: Message;
  readonly budget: Budget;
  /** The variables set so far. */
  readonly variables: ReadonlyMap<string, Outcome>;
}
