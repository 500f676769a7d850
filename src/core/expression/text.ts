import { LONGEST_TEXT } from '../../limits.ts';
import { isValue, type Outcome, renderText } from './value.ts';

/** Concatenates two texts; returns undefined when the result would be too long. */
export function join(left: string, right: string): string | undefined {
  return left.length + right.length > LONGEST_TEXT ? undefined : left + right;
}

/** The text that a substitution renders (reference: expressions 4.4); undefined for anything but a value. */
export function textOf(outcome: Outcome): string | undefined {
  if (typeof outcome === 'string') return outcome;
  return isValue(outcome) ? renderText(outcome) : undefined;
}
