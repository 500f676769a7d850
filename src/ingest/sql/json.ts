import { isTooDeep } from '../../core/expression/json.ts';
import { type NumberReader, readJsonWith, UNREAD } from '../../core/expression/json-reader.ts';
import { DEEPEST_JSON } from '../../limits.ts';
import { numberText, readNumber, SQL_VERSIONS, type SqlVersion } from './numbers.ts';
import { Binary, Decimal, isArray, isNumber, type Num, type Outcome, type Value } from './value.ts';

/** The value of a JSON text; undefined when it is invalid or nested too deeply. */
export function parseJson(text: string, version: SqlVersion): Outcome {
  if (isTooDeep(text)) return undefined;
  const value = readJsonWith(text, numberReaders[version]);
  return value === UNREAD ? undefined : value;
}

/** Decimals that are smaller are not written by a double as they were. */
const LEAST_PLAIN = 1e-6;
const ZERO = 0x30;

const numberReaders = Object.fromEntries(
  SQL_VERSIONS.map((version): [SqlVersion, NumberReader<Num>] => [
    version,
    (text, from, to, double, fraction) => {
      if (fraction < 0 && !Number.isNaN(double)) return double + 0;
      const isPlain = Math.abs(double) >= LEAST_PLAIN && text.charCodeAt(to - 1) !== ZERO;
      return isPlain ? double : readNumber(text.slice(from, to), version);
    },
  ]),
) as Record<SqlVersion, NumberReader<Num>>;

/** Writes without spaces, and numbers with their original digits. Bytes have no JSON form and become null. */
export function renderJson(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || value instanceof Binary) return 'null';
  if (isNumber(value)) return numberText(value);
  if (typeof value === 'boolean') return String(value);
  let text = '';
  if (isArray(value)) {
    for (const item of value) text += text === '' ? renderJson(item) : `,${renderJson(item)}`;
    return `[${text}]`;
  }
  for (const name of Object.keys(value)) {
    const member = prefixOf(name) + renderJson(value[name] ?? null);
    text += text === '' ? member : `,${member}`;
  }
  return `{${text}}`;
}

/** The text before a member's value. Cached, since messages use the same few names. */
function prefixOf(name: string): string {
  const known = prefixes.get(name);
  if (known !== undefined) return known;
  const prefix = `${JSON.stringify(name)}:`;
  if (prefixes.size >= REMEMBERED) prefixes.clear();
  if (name.length <= LONGEST_REMEMBERED) prefixes.set(name, prefix);
  return prefix;
}

const prefixes = new Map<string, string>();
const REMEMBERED = 1000;
const LONGEST_REMEMBERED = 100;

/** Whether `parseJson` of the expression language reads a value from its text as it is, without exact numbers. */
export function isPlain(value: Value, depth = 0): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true;
  if (typeof value === 'number') return isPlainNumber(value);
  if (
    typeof value === 'bigint' ||
    value instanceof Decimal ||
    value instanceof Binary ||
    depth >= DEEPEST_JSON
  )
    return false;
  if (isArray(value)) {
    for (const item of value) if (!isPlain(item, depth + 1)) return false;
    return true;
  }
  for (const name of Object.keys(value)) if (!isPlain(value[name] ?? null, depth + 1)) return false;
  return true;
}

/** Whether a number is written with fewer than 16 digits and without an exponent. */
function isPlainNumber(value: number): boolean {
  if (Number.isInteger(value)) return Math.abs(value) < 1e15 && !Object.is(value, -0);
  const size = Math.abs(value);
  return size >= 1e-6 && String(size).length < 16;
}
