import { isValue, type Outcome, renderText } from './value.ts';

/**
 * Characters that a text can grow to. A variable that is joined with itself on every message would soon be more than
 * any memory holds; past this there is no result.
 */
const LONGEST_TEXT = 2 ** 20;

/** Two texts as one; undefined where that would be too long. */
export function join(left: string, right: string): string | undefined {
  return left.length + right.length > LONGEST_TEXT ? undefined : left + right;
}

/** The text that a substitution shows (spec: expressions 4.4); undefined for what is no value. */
export function textOf(outcome: Outcome): string | undefined {
  if (typeof outcome === 'string') return outcome;
  return isValue(outcome) ? renderText(outcome) : undefined;
}
