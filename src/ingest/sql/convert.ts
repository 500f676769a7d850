import { renderJson } from './json.ts';
import { numberText, readNumber, type SqlVersion, toDouble, wholeIsInt } from './numbers.ts';
import { Binary, isNumber, type Num, type Outcome } from './value.ts';

/** Conversions of arguments and operands of the wrong type (docs/topic-rules.md: The SQL). */

const NUMBER_TEXT = /^-?\d+(\.\d+)?([eE]-?\d+)?$/;

/** Undefined for Null, Undefined and bytes. */
export function toText(value: Outcome): string | undefined {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null || value instanceof Binary) return undefined;
  if (isNumber(value)) return numberText(value);
  return typeof value === 'boolean' ? String(value) : renderJson(value);
}

/** A number, or a numeric text, which becomes a Decimal whatever its digits (docs/topic-rules.md: The SQL). */
export function toNumber(value: Outcome, version: SqlVersion): Num | undefined {
  if (isNumber(value)) return value;
  if (typeof value !== 'string' || !NUMBER_TEXT.test(value)) return undefined;
  return readNumber(wholeIsInt(version) || /[.eE]/.test(value) ? value : `${value}.0`, version);
}

/** Like `toNumber`, rounded down (docs/topic-rules.md: The SQL); may be infinite. */
export function toInteger(value: Outcome, version: SqlVersion): number | undefined {
  const number = toNumber(value, version);
  return number === undefined ? undefined : Math.floor(toDouble(number));
}

/** A Boolean, or a text that is one, ignoring case. */
export function toBoolean(value: Outcome): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string' || value.length > 5) return undefined;
  const text = value.toLowerCase();
  return text === 'true' ? true : text === 'false' ? false : undefined;
}
