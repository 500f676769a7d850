import { LONGEST_TEXT } from '../../limits.ts';
import { isValue, type Outcome, renderText } from './value.ts';

/** Two texts as one; undefined where that would be too long. */
export function join(left: string, right: string): string | undefined {
  return left.length + right.length > LONGEST_TEXT ? undefined : left + right;
}

/** The text that a substitution shows (reference: expressions 4.4); undefined for what is no value. */
export function textOf(outcome: Outcome): string | undefined {
  if (typeof outcome === 'string') return outcome;
  return isValue(outcome) ? renderText(outcome) : undefined;
}
