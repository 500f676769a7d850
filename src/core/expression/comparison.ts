import { comparable, numberOf } from './numbers.ts';
import { isValue, type Outcome } from './value.ts';

/**
 * The comparison operators (reference: expressions 5, questions Q-UNDEF and Q-STRCMP). Integers and Decimals compare by
 * numeric value; only numbers are ordered.
 */
export function equal(left: Outcome, right: Outcome): boolean | undefined {
  // For primitives of the same JavaScript type, strict equality is exact.
  if (typeof left === typeof right && typeof left !== 'object') {
    return left === undefined ? undefined : left === right;
  }
  const a = numberOf(left);
  const b = numberOf(right);
  if (a === undefined || b === undefined) return undefined;
  // `===` is never true for a bigint and a double.
  return comparable(a) <= comparable(b) && comparable(a) >= comparable(b);
}

/** Also true when a side has no value: models use this to test whether a variable was ever set. */
export function notEqual(left: Outcome, right: Outcome): boolean | undefined {
  const same = equal(left, right);
  if (same !== undefined) return !same;
  return isValue(left) && isValue(right) ? undefined : true;
}

export function less(left: Outcome, right: Outcome): boolean | undefined {
  if (typeof left === 'number' && typeof right === 'number') return left < right;
  const a = numberOf(left);
  const b = numberOf(right);
  return a === undefined || b === undefined ? undefined : comparable(a) < comparable(b);
}

export function lessOrEqual(left: Outcome, right: Outcome): boolean | undefined {
  if (typeof left === 'number' && typeof right === 'number') return left <= right;
  const a = numberOf(left);
  const b = numberOf(right);
  return a === undefined || b === undefined ? undefined : comparable(a) <= comparable(b);
}

export function greater(left: Outcome, right: Outcome): boolean | undefined {
  return less(right, left);
}

export function greaterOrEqual(left: Outcome, right: Outcome): boolean | undefined {
  return lessOrEqual(right, left);
}
