import { Decimal, type Num, type Outcome } from './value.ts';

/** Maximum digits of an Int (docs/topic-rules.md: The SQL). */
const INT_DIGITS = 34;
const INT_BOUND = 10n ** BigInt(INT_DIGITS);

/** `beta` is treated as 2016-03-23. */
export type SqlVersion = '2015-10-08' | '2016-03-23' | 'beta';

export const SQL_VERSIONS: readonly SqlVersion[] = ['2015-10-08', '2016-03-23', 'beta'];

/** Whether whole Decimals become Ints (docs/topic-rules.md: The SQL). */
export function wholeIsInt(version: SqlVersion): boolean {
  return version !== '2015-10-08';
}

/** Converts the result of arithmetic to a number of the language; one function for each version. */
export type ToDecimal = (double: number) => Num | undefined;

export function decimals(version: SqlVersion): ToDecimal {
  return wholeIsInt(version) ? wholeAsInt : keptDecimal;
}

function wholeAsInt(double: number): Num | undefined {
  if (!Number.isFinite(double)) return undefined;
  return Number.isInteger(double) ? (intOf(double) ?? new Decimal(doubleText(double), double)) : double;
}

function keptDecimal(double: number): Num | undefined {
  if (!Number.isFinite(double)) return undefined;
  if (!Number.isInteger(double)) return double;
  const text = doubleText(double);
  return new Decimal(text.includes('E') ? text : `${text}.0`, double);
}

/** A double without a fraction as an Int; undefined when it has too many digits or is not finite. */
export function intOf(double: number): number | bigint | undefined {
  if (Number.isSafeInteger(double)) return double === 0 ? 0 : double;
  return Number.isFinite(double) ? bigInt(BigInt(double)) : undefined;
}

/** A number without a fraction as an Int, with all its digits; undefined for any other. */
export function wholeOf(number: Num): number | bigint | undefined {
  if (!(number instanceof Decimal)) return isWhole(number) ? number : undefined;
  const whole = wholeDigits(number.text);
  return whole === undefined ? undefined : bigInt(BigInt(whole));
}

/** A number rounded down to an Int; undefined beyond 34 digits. */
export function floorOf(number: Num): number | bigint | undefined {
  return wholeOf(number) ?? intOf(Math.floor(toDouble(number)));
}

/** `0 - number`; a Decimal keeps its digits. */
export function negative(number: Num, toDecimal: ToDecimal): Outcome {
  if (!(number instanceof Decimal) || number.double === 0) return calculate('-', 0, number, toDecimal);
  const text = number.text.startsWith('-') ? number.text.slice(1) : `-${number.text}`;
  return new Decimal(text, -number.double);
}

/** The canonical form of an Int; undefined beyond 34 digits. */
export function bigInt(exact: bigint): number | bigint | undefined {
  const near = Number(exact);
  if (Number.isSafeInteger(near)) return near;
  return exact > -INT_BOUND && exact < INT_BOUND ? exact : undefined;
}

/**
 * A double as JSON and as text: never with a plus sign, so that it can be parsed again (docs/topic-rules.md: The SQL).
 */
export function doubleText(double: number): string {
  const text = String(double);
  return text.includes('e') ? text.replace('e', 'E').replace('+', '') : text;
}

export function numberText(number: Num): string {
  if (number instanceof Decimal) return number.text;
  return typeof number === 'number' ? doubleText(number) : String(number);
}

/** The nearest double. */
export function toDouble(number: Num): number {
  return number instanceof Decimal ? number.double : Number(number);
}

/** A value that JavaScript compares correctly, including large Ints with doubles. */
export function comparable(number: Num): number | bigint {
  return number instanceof Decimal ? number.double : number;
}

/** Parses a number literal of JSON, or of the language without leading zeros. */
export function readNumber(literal: string, version: SqlVersion): Num {
  const text = literal.replace(/^(-?)0+(?=\d)/, '$1');
  const double = Number(text);
  if (!/[.eE]/.test(text)) {
    if (Number.isSafeInteger(double)) return double === 0 ? 0 : double;
    return text.length <= INT_DIGITS + 1
      ? (bigInt(BigInt(text)) ?? new Decimal(text, double))
      : new Decimal(text, double);
  }
  if (wholeIsInt(version)) {
    const whole = wholeDigits(text);
    if (whole !== undefined) return bigInt(BigInt(whole)) ?? new Decimal(text, double);
  }
  return !Number.isInteger(double) && doubleText(double) === text ? double : new Decimal(text, double);
}

/** The digits of a whole number in any notation, `1500` for `1.50E3`; undefined for a fraction and beyond 34 digits. */
function wholeDigits(text: string): string | undefined {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [before = '', after = ''] = mantissa.split('.');
  const fraction = after.replace(/0+$/, '');
  const shift = Number(exponent) - fraction.length;
  const digits = `${before}${fraction}`;
  if (/^-?0*$/.test(digits)) return '0';
  if (shift >= 0) return digits.length + shift > INT_DIGITS + 1 ? undefined : digits + '0'.repeat(shift);
  const cut = digits.length + shift;
  return cut > 0 && /^0+$/.test(digits.slice(cut)) && cut <= INT_DIGITS + 1
    ? digits.slice(0, cut)
    : undefined;
}

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';

/** Ints give an Int when the result is whole; anything else is a Decimal (docs/topic-rules.md: The SQL). */
export function calculate(
  operator: ArithmeticOperator,
  left: Num,
  right: Num,
  toDecimal: ToDecimal,
): Outcome {
  if (left instanceof Decimal || right instanceof Decimal || !isWhole(left) || !isWhole(right))
    return toDecimal(onDoubles(operator, toDouble(left), toDouble(right)));
  if (typeof left === 'number' && typeof right === 'number') {
    const result = onDoubles(operator, left, right);
    if (Number.isSafeInteger(result)) return result === 0 ? 0 : result;
    if (operator === '/' && Math.abs(result) < Number.MAX_SAFE_INTEGER) return toDecimal(result);
  }
  return onBigInts(operator, BigInt(left), BigInt(right), toDecimal);
}

function isWhole(number: number | bigint): boolean {
  return typeof number === 'bigint' || Number.isInteger(number);
}

function onDoubles(operator: ArithmeticOperator, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0 ? Number.NaN : left / right;
    case '%':
      return left % right;
  }
}

function onBigInts(operator: ArithmeticOperator, left: bigint, right: bigint, toDecimal: ToDecimal): Outcome {
  if (operator === '+') return bigInt(left + right);
  if (operator === '-') return bigInt(left - right);
  if (operator === '*') return bigInt(left * right);
  if (right === 0n) return undefined;
  if (operator === '%') return bigInt(left % right);
  return left % right === 0n ? bigInt(left / right) : toDecimal(Number(left) / Number(right));
}
