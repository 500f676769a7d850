import type { Budget } from './budget.ts';
import { toNumber } from './convert.ts';
import { comparable, type SqlVersion } from './numbers.ts';
import { isArray, isNumber, isObject, type Outcome } from './value.ts';

/** `=`: never converts; Undefined on either side gives Undefined (docs/topic-rules.md: The SQL). */
export function equal(left: Outcome, right: Outcome, budget: Budget): boolean | undefined {
  if (left === undefined || right === undefined) return undefined;
  if (isNumber(left)) return isNumber(right) && isSame(comparable(left), comparable(right));
  if (typeof left !== 'object' || left === null || typeof right !== 'object') return left === right;
  if (isArray(left)) {
    if (!isArray(right) || left.length !== right.length || !budget.spend(left.length)) return false;
    return left.every((item, index) => equal(item, right[index], budget));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length || !budget.spend(names.length)) return false;
  return names.every((name) => Object.hasOwn(right, name) && equal(left[name], right[name], budget));
}

export type OrderOperator = '<' | '<=' | '>' | '>=';

/** Compares as numbers; texts must be numbers too. Anything else gives Undefined. */
export function order(
  operator: OrderOperator,
  left: Outcome,
  right: Outcome,
  version: SqlVersion,
): boolean | undefined {
  const a = toNumber(left, version);
  const b = toNumber(right, version);
  if (a === undefined || b === undefined) return undefined;
  const [x, y] = [comparable(a), comparable(b)];
  switch (operator) {
    case '<':
      return x < y;
    case '<=':
      return x <= y;
    case '>':
      return x > y;
    case '>=':
      return x >= y;
  }
}

/** JavaScript's `==`, which compares large Ints with doubles by value. */
function isSame(left: number | bigint, right: number | bigint): boolean {
  return left <= right && left >= right;
}
