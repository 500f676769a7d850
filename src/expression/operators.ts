import type { BinaryOperator, FunctionName } from './ast.ts';
import {
  type Decimal,
  decimal,
  type Integer,
  integer,
  isValue,
  type Outcome,
  renderText,
  typeOf,
  WholeDecimal,
} from './value.ts';

/**
 * The operators on operands of any kind (spec: expressions 5). `undefined` is the result of whatever has none.
 * The compiled closures take faster ways for plain numbers and come here for the rest.
 */
export type BinaryFunction = (left: Outcome, right: Outcome) => Outcome;

export const BINARY: Readonly<Record<Exclude<BinaryOperator, '||' | '&&'>, BinaryFunction>> = {
  '==': equal,
  '!=': (left, right) => (isValue(left) && isValue(right) ? not(equal(left, right)) : true),
  '<': (left, right) => compare(left, right, (order) => order < 0),
  '<=': (left, right) => compare(left, right, (order) => order <= 0),
  '>': (left, right) => compare(left, right, (order) => order > 0),
  '>=': (left, right) => compare(left, right, (order) => order >= 0),
  '+': add,
  '-': (left, right) => arithmetic(left, right, EXACT['-'], (a, b) => a - b),
  '*': (left, right) => arithmetic(left, right, EXACT['*'], (a, b) => a * b),
  '/': (left, right) => arithmetic(left, right, divideIntegers, (a, b) => (b === 0 ? undefined : a / b)),
  '|': (left, right) => bits(left, right, (a, b) => a | b),
  '^': (left, right) => bits(left, right, (a, b) => a ^ b),
  '&': (left, right) => bits(left, right, (a, b) => a & b),
};

export const BIT_FUNCTIONS: Partial<Record<FunctionName, BinaryFunction>> = {
  bitor: BINARY['|'],
  bitxor: BINARY['^'],
  bitand: BINARY['&'],
};

const EXACT = {
  '+': (a: bigint, b: bigint) => integer(a + b),
  '-': (a: bigint, b: bigint) => integer(a - b),
  '*': (a: bigint, b: bigint) => integer(a * b),
};

/** Truncates toward zero (spec: questions Q-DIV); division by zero has no result. */
function divideIntegers(a: bigint, b: bigint): Integer | undefined {
  return b === 0n ? undefined : integer(a / b);
}

export function not(operand: Outcome): Outcome {
  return typeof operand === 'boolean' ? !operand : undefined;
}

export function negate(operand: Outcome): Outcome {
  const number = asNumber(operand);
  if (number === undefined) return undefined;
  return isInteger(number) ? integer(-BigInt(number)) : decimal(-toDouble(number));
}

export function complement(operand: Outcome): Outcome {
  const number = asNumber(operand);
  return number !== undefined && isInteger(number) ? integer(~BigInt(number)) : undefined;
}

/** String with String, number with number, nothing else (spec: expressions 4.1). */
export function add(left: Outcome, right: Outcome): Outcome {
  if (typeof left === 'string' && typeof right === 'string') return left + right;
  return arithmetic(left, right, EXACT['+'], (a, b) => a + b);
}

/** Inside a substitution a String also takes the text of the other operand (spec: questions Q-PLUS). */
export function addInTemplate(left: Outcome, right: Outcome): Outcome {
  if (isValue(left) && isValue(right) && (typeof left === 'string' || typeof right === 'string')) {
    return renderText(left) + renderText(right);
  }
  return add(left, right);
}

function arithmetic(
  left: Outcome,
  right: Outcome,
  exact: (a: bigint, b: bigint) => Integer | undefined,
  double: (a: number, b: number) => number | undefined,
): Outcome {
  const a = asNumber(left);
  const b = asNumber(right);
  if (a === undefined || b === undefined) return undefined;
  if (isInteger(a) && isInteger(b)) return exact(BigInt(a), BigInt(b));
  const result = double(toDouble(a), toDouble(b));
  return result === undefined ? undefined : decimal(result);
}

function bits(left: Outcome, right: Outcome, operate: (a: bigint, b: bigint) => bigint): Outcome {
  const a = asNumber(left);
  const b = asNumber(right);
  if (a === undefined || b === undefined || !isInteger(a) || !isInteger(b)) return undefined;
  return integer(operate(BigInt(a), BigInt(b)));
}

function equal(left: Outcome, right: Outcome): boolean | undefined {
  const a = asNumber(left);
  const b = asNumber(right);
  if (a !== undefined && b !== undefined) return order(a, b) === 0;
  const type = typeOf(left);
  return type !== undefined && type === typeOf(right) ? left === right : undefined;
}

function compare(left: Outcome, right: Outcome, test: (order: number) => boolean): boolean | undefined {
  const a = asNumber(left);
  const b = asNumber(right);
  return a === undefined || b === undefined ? undefined : test(order(a, b));
}

/** Negative, zero or positive. Integers of any size and doubles compare by their exact values. */
function order(left: Integer | Decimal, right: Integer | Decimal): number {
  const a = left instanceof WholeDecimal ? left.value : left;
  const b = right instanceof WholeDecimal ? right.value : right;
  return a < b ? -1 : a > b ? 1 : 0;
}

function asNumber(outcome: Outcome): Integer | Decimal | undefined {
  return typeof outcome === 'number' || typeof outcome === 'bigint' || outcome instanceof WholeDecimal
    ? outcome
    : undefined;
}

function isInteger(number: Integer | Decimal): number is Integer {
  return typeof number === 'bigint' || (typeof number === 'number' && Number.isInteger(number));
}

function toDouble(number: Integer | Decimal): number {
  return number instanceof WholeDecimal ? number.value : Number(number);
}
