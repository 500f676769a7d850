/**
 * The values of AWS IoT SQL (docs/topic-rules.md: The SQL). Undefined is JavaScript's `undefined`, Null its `null`.
 *
 * | value                                                     | held as                                |
 * |-----------------------------------------------------------|----------------------------------------|
 * | Int, up to 2^53 in size                                   | `number` (a safe integer)              |
 * | Int, larger, up to 34 digits                              | `bigint`                               |
 * | Decimal that a double writes as it was written (`22.5`)   | `number` (not an integer)              |
 * | every other Decimal (`5.0` of 2015-10-08, `1.10`, `1E400`) | `Decimal`: its digits and its double  |
 */
export class Decimal {
  /** A JSON number. */
  readonly text: string;
  /** The nearest double; may be infinite. */
  readonly double: number;
  constructor(text: string, double: number) {
    this.text = text;
    this.double = double;
  }
}

/** The value of `*` for a payload that is not a JSON object or array. */
export class Binary {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

export type Num = number | bigint | Decimal;
export type Obj = { readonly [name: string]: Value };
export type Value = null | boolean | string | Num | readonly Value[] | Obj | Binary;
/** The result of an evaluation. */
export type Outcome = Value | undefined;

export type TypeName =
  | 'Undefined'
  | 'Null'
  | 'Boolean'
  | 'String'
  | 'Int'
  | 'Decimal'
  | 'Array'
  | 'Object'
  | 'Binary';

export function typeOf(value: Outcome): TypeName {
  switch (typeof value) {
    case 'undefined':
      return 'Undefined';
    case 'boolean':
      return 'Boolean';
    case 'string':
      return 'String';
    case 'bigint':
      return 'Int';
    case 'number':
      return Number.isInteger(value) ? 'Int' : 'Decimal';
    default:
      if (value === null) return 'Null';
      if (value instanceof Decimal) return 'Decimal';
      if (value instanceof Binary) return 'Binary';
      return Array.isArray(value) ? 'Array' : 'Object';
  }
}

export function isNumber(value: Outcome): value is Num {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Decimal;
}

export function isArray(value: Outcome): value is readonly Value[] {
  return Array.isArray(value);
}

export function isObject(value: Outcome): value is Obj {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Decimal) &&
    !(value instanceof Binary)
  );
}

/** A member of an object; Undefined when it is absent or the value is not an object. */
export function member(value: Outcome, name: string): Outcome {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/**
 * Objects without a prototype, so that any member name is safe; unlike those of `Object.create(null)` they are fast.
 */
const Bare = function Bare() {} as unknown as new () => Record<string, Value>;
Bare.prototype = Object.create(null);

/** An empty object. */
export function newObject(): Record<string, Value> {
  return new Bare();
}

export function copyOf(object: Obj): Record<string, Value> {
  return Object.assign(newObject(), object);
}
