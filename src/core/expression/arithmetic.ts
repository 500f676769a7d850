import { isInteger, numberOf, toDouble } from './numbers.ts';
import { join } from './text.ts';
import { type Decimal, decimal, type Integer, integer, isValue, type Outcome, renderText } from './value.ts';

/**
 * The arithmetic operators (reference: expressions 5, questions Q-NUM). Two Integers give a 64-bit Integer; a Decimal
 * on either side gives a Decimal; any other operand, or an overflow, gives undefined.
 */
function arithmetic(
  left: Outcome,
  right: Outcome,
  integers: (a: Integer, b: Integer) => Integer | undefined,
  doubles: (a: number, b: number) => number,
): Integer | Decimal | undefined {
  if (isInteger(left) && isInteger(right)) return integers(left, right);
  const a = numberOf(left);
  const b = numberOf(right);
  return a === undefined || b === undefined ? undefined : decimal(doubles(toDouble(a), toDouble(b)));
}

/** True for a 32-bit Integer: the sum of two cannot leave the safe range, so it needs no check. */
function isSmall(outcome: Outcome): outcome is number {
  return typeof outcome === 'number' && (outcome | 0) === outcome;
}

/** Adds two numbers or joins two Strings (reference: expressions 4.1). */
export function add(left: Outcome, right: Outcome): Outcome {
  if (isSmall(left) && isSmall(right)) return left + right;
  if (typeof left === 'string' && typeof right === 'string') return join(left, right);
  return arithmetic(left, right, addIntegers, (a, b) => a + b);
}

/** Inside a substitution a String can be joined with any value, rendered as text (reference: questions Q-PLUS). */
export function addInTemplate(left: Outcome, right: Outcome): Outcome {
  const isText = typeof left === 'string' || typeof right === 'string';
  return isText && isValue(left) && isValue(right)
    ? join(renderText(left), renderText(right))
    : add(left, right);
}

export function subtract(left: Outcome, right: Outcome): Outcome {
  if (isSmall(left) && isSmall(right)) return left - right;
  return arithmetic(left, right, subtractIntegers, (a, b) => a - b);
}

export function multiply(left: Outcome, right: Outcome): Outcome {
  return arithmetic(left, right, multiplyIntegers, (a, b) => a * b);
}

export function divide(left: Outcome, right: Outcome): Outcome {
  return arithmetic(left, right, divideIntegers, (a, b) => a / b);
}

export function negate(operand: Outcome): Outcome {
  if (isInteger(operand)) return subtractIntegers(0, operand);
  const number = numberOf(operand);
  return number === undefined ? undefined : decimal(-toDouble(number));
}

// A sum, difference or product of two numbers is exact when it is a safe integer. All others are computed with bigints.

function addIntegers(a: Integer, b: Integer): Integer | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return integer(BigInt(a) + BigInt(b));
}

function subtractIntegers(a: Integer, b: Integer): Integer | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return integer(BigInt(a) - BigInt(b));
}

function multiplyIntegers(a: Integer, b: Integer): Integer | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    // An Integer has no negative zero.
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return integer(BigInt(a) * BigInt(b));
}

/** Rounds toward zero (reference: questions Q-DIV). Returns undefined for a division by zero. */
function divideIntegers(a: Integer, b: Integer): Integer | undefined {
  const divisor = BigInt(b);
  return divisor === 0n ? undefined : integer(BigInt(a) / divisor);
}
