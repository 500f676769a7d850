/**
 * The values of the expression language (reference: expressions 2).
 *
 * Integer and Decimal are distinct: `10` and `30.0` are rendered as they were written. Both are plain JavaScript
 * numbers wherever the number itself tells which it is, so that the common comparison is two loads and a compare.
 * The rare remaining values have their own types:
 *
 * | value                                    | represented as                  |
 * |------------------------------------------|---------------------------------|
 * | Integer, up to 2^53 in size              | `number` (a safe integer)       |
 * | Integer, larger                          | `bigint`                        |
 * | Decimal with a fraction (`10.01`)        | `number` (not an integer)       |
 * | Decimal that is whole (`30.0`, `1e21`)   | `WholeDecimal`                  |
 */
export class WholeDecimal {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export type Integer = number | bigint;
export type Decimal = number | WholeDecimal;
/** What a variable can hold and an expression can evaluate to. */
export type Value = number | bigint | WholeDecimal | string | boolean;
/** A message's payload: values, null, and the objects and arrays that references traverse. */
export type Json = Value | null | readonly Json[] | { readonly [name: string]: Json };
/**
 * The outcome of an evaluation. `undefined` represents an absent attribute, an unset variable and a type error alike
 * (reference: expressions 2); `null` and objects only occur as the outcome of a reference.
 */
export type Outcome = Json | undefined;

export type ValueType = 'Integer' | 'Decimal' | 'String' | 'Boolean';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** The type of a value; undefined for anything else (null, undefined, object, array). */
export function typeOf(outcome: Outcome): ValueType | undefined {
  switch (typeof outcome) {
    case 'number':
      return Number.isInteger(outcome) ? 'Integer' : 'Decimal';
    case 'bigint':
      return 'Integer';
    case 'string':
      return 'String';
    case 'boolean':
      return 'Boolean';
    default:
      return outcome instanceof WholeDecimal ? 'Decimal' : undefined;
  }
}

export function isValue(outcome: Outcome): outcome is Value {
  return typeOf(outcome) !== undefined;
}

/** A double as a Decimal; undefined when it is not finite. */
export function decimal(double: number): Decimal | undefined {
  if (!Number.isFinite(double)) return undefined;
  return Number.isInteger(double) ? new WholeDecimal(double) : double;
}

/** The result of integer arithmetic; undefined beyond 64 bits (reference: questions Q-NUM). */
export function integer(exact: bigint): Integer | undefined {
  if (exact < INT64_MIN || exact > INT64_MAX) return undefined;
  return shrink(exact);
}

/** Converts an integer to its canonical representation: a number if safe, else a bigint. */
export function shrink(exact: bigint): Integer {
  const near = Number(exact);
  return Number.isSafeInteger(near) ? near : exact;
}

/**
 * Renders a value as substitution templates and payloads show it (reference: expressions 4.4). A Decimal keeps at least
 * one fraction digit.
 */
export function renderText(value: Value): string {
  if (value instanceof WholeDecimal) return renderWhole(value.value);
  return typeof value === 'number' && !Number.isInteger(value) ? renderFraction(value) : String(value);
}

function renderWhole(double: number): string {
  if (Object.is(double, -0)) return '-0.0';
  const text = String(double);
  return text.includes('e') ? withPoint(text) : `${text}.0`;
}

function renderFraction(double: number): string {
  const text = String(double);
  return text.includes('e') ? withPoint(text) : text;
}

/** Turns `1e+21` into `1.0e21`, which is both a literal of the language and a JSON number. */
function withPoint(text: string): string {
  const [mantissa = '', exponent = ''] = text.split('e');
  const point = mantissa.includes('.') ? mantissa : `${mantissa}.0`;
  return `${point}e${exponent.replace('+', '')}`;
}
