import { comparable, numberOf } from './numbers.ts';
import { isValue, type Outcome } from './value.ts';

/**
 * The comparing operators (reference: expressions 5, questions Q-UNDEF and Q-STRCMP). Integers and Decimals compare by
 * what they are worth; only numbers have an order.
 */
export function equal(left: Outcome, right: Outcome): boolean | undefined {
  // Two plain numbers are equal exactly when they are the same, and so are two texts or truth values.
  if (typeof left === typeof right && typeof left !== 'object') {
    return left === undefined ? undefined : left === right;
  }
  const a = numberOf(left);
  const b = numberOf(right);
  if (a === undefined || b === undefined) return undefined;
  // Strict equality would not let a bigint be equal to a double.
  return comparable(a) <= comparable(b) && comparable(a) >= comparable(b);
}

/** True also where a side has no value: models test that way whether a variable was ever set. */
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
