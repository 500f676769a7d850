import { equal } from '../../core/expression/comparison.ts';
import { isArray, renderJson } from '../../core/expression/json.ts';
import { comparable, numberOf } from '../../core/expression/numbers.ts';
import { type Json, type Outcome, typeOf } from '../../core/expression/value.ts';
import { isObject, type JsonObject } from '../payload.ts';

/** One mismatch, with its path in the compared value. */
export interface Mismatch {
  /** Empty for the whole value, otherwise a sequence of `.member` and `[0]`. */
  readonly path: string;
  readonly expected: Json | undefined;
  readonly actual: Json | undefined;
  /** Replaces `expected …, found …`. */
  readonly message?: string;
}

/**
 * Matches a value against a scenario's expectation. Scalars must be equal (numbers by value), every member of an
 * expected object must match, and lists must have the same length. An object in which all members begin with `$` is a
 * test. Returns the mismatches.
 */
export function match(expected: Json, actual: Outcome, path = ''): Mismatch[] {
  if (isTest(expected)) return matchTest(expected, actual, path);
  if (isObject(expected)) {
    if (!isObject(actual)) return [{ path, expected, actual }];
    return Object.entries(expected).flatMap(([name, member]) =>
      match(member, Object.hasOwn(actual, name) ? actual[name] : undefined, `${path}.${name}`),
    );
  }
  if (isArray(expected)) {
    if (actual === undefined || !isArray(actual)) return [{ path, expected, actual }];
    if (actual.length !== expected.length) {
      const message = `expected a list of ${expected.length}, found ${actual.length}: ${renderJson(actual)}`;
      return [{ path, expected, actual, message }];
    }
    return expected.flatMap((item, index) => match(item, actual[index], `${path}[${index}]`));
  }
  return isEqual(expected, actual) ? [] : [{ path, expected, actual }];
}

function isEqual(expected: Json, actual: Outcome): boolean {
  return expected === actual || equal(expected, actual) === true;
}

export function isTest(expected: Json): expected is JsonObject {
  if (!isObject(expected)) return false;
  const names = Object.keys(expected);
  return names.length > 0 && names.every((name) => name.startsWith('$'));
}

function matchTest(test: JsonObject, actual: Outcome, path: string): Mismatch[] {
  const holds = Object.entries(test).every(
    ([name, operand]) => TESTS[name]?.(operand, actual, test) ?? false,
  );
  return holds ? [] : [{ path, expected: test, actual }];
}

type Test = (operand: Json, actual: Outcome, whole: JsonObject) => boolean;

/** The tests by name. An unknown test never holds, and the grammar refuses it. */
export const TESTS: Readonly<Record<string, Test>> = {
  $gt: ordered((actual, bound) => actual > bound),
  $gte: ordered((actual, bound) => actual >= bound),
  $lt: ordered((actual, bound) => actual < bound),
  $lte: ordered((actual, bound) => actual <= bound),
  $ne: (operand, actual) => match(operand, actual).length > 0,
  $matches: (pattern, actual) => typeof actual === 'string' && new RegExp(String(pattern)).test(actual),
  $near: (operand, actual, { $within = 0 }) => {
    const [a, b, within] = [operand, actual, $within].map(toNumber);
    if (a === undefined || b === undefined || within === undefined) return false;
    // Tolerates rounding errors, such as that of 0.1 + 0.2.
    return Math.abs(a - b) <= within + Number.EPSILON * Math.max(Math.abs(a), Math.abs(b), 1);
  },
  $within: (_operand, _actual, whole) => '$near' in whole,
  $type: (type, actual) => typeOf(actual) === type,
  $exists: (operand, actual) => (actual !== undefined) === operand,
  $any: (_operand, actual) => actual !== undefined,
  $exact: (operand, actual) => isExact(operand, actual),
};

function ordered(compare: (actual: number | bigint, bound: number | bigint) => boolean): Test {
  return (operand, actual) => {
    const [a, b] = [numberOf(actual), numberOf(operand)];
    return a !== undefined && b !== undefined && compare(comparable(a), comparable(b));
  };
}

function toNumber(value: Outcome): number | undefined {
  const number = numberOf(value);
  return number === undefined ? undefined : Number(comparable(number));
}

/** Matches without additional members at any level. */
function isExact(expected: Json, actual: Outcome): boolean {
  return match(expected, actual).length === 0 && hasNoOthers(expected, actual);
}

function hasNoOthers(expected: Json, actual: Outcome): boolean {
  if (isTest(expected)) return true;
  if (isObject(expected) && isObject(actual)) {
    return Object.entries(actual).every(
      ([name, member]) => Object.hasOwn(expected, name) && hasNoOthers(expected[name] ?? null, member),
    );
  }
  if (isArray(expected) && actual !== undefined && isArray(actual))
    return expected.every((item, index) => hasNoOthers(item, actual[index]));
  return true;
}

/** A text such as `expected 5, found 7`. */
export function describe({ expected, actual, message }: Mismatch): string {
  return message ?? `expected ${show(expected)}, found ${show(actual)}`;
}

function show(value: Json | undefined): string {
  return value === undefined ? 'nothing' : renderJson(value);
}
