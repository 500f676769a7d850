import { parseWithNumbers } from '../../core/expression/json.ts';
import { numberText, readNumber, type SqlVersion } from './numbers.ts';
import { Binary, Decimal, isArray, isNumber, type Outcome, type Value } from './value.ts';

/**
 * Numbers that `JSON.parse` would change: exponents, trailing zeros of a fraction, many digits, `-0`. The test may also
 * match digits inside strings, which only costs the slower exact parser.
 */
const INEXACT = /\d[eE]|\.\d*0(?!\d)|[\d.]{16}|-0(?![.\d])/;

/** Maximum nesting of arrays and objects in a JSON text, since reader and writer are recursive. */
const DEEPEST = 500;

/** The value of a JSON text; undefined when it is invalid or nested too deeply. */
export function parseJson(text: string, version: SqlVersion): Outcome {
  if (text.length > DEEPEST && isTooDeep(text)) return undefined;
  let plain: unknown;
  try {
    plain = JSON.parse(text);
  } catch {
    // Not JSON: undefined is the answer.
    return undefined;
  }
  if (!INEXACT.test(text)) return plain as Value;
  return parseWithNumbers(text, (literal) => readNumber(literal, version)) as Value;
}

/** `text` may not be JSON. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text[at];
    if (inString) {
      if (unit === '\\') at++;
      else if (unit === '"') inString = false;
    } else if (unit === '"') inString = true;
    else if (unit === '{' || unit === '[') {
      if (++depth > DEEPEST) return true;
    } else if (unit === '}' || unit === ']') depth--;
  }
  return false;
}

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
  if (typeof value === 'bigint' || value instanceof Decimal || value instanceof Binary || depth >= DEEPEST)
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
