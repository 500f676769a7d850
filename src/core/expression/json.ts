import { DEEPEST_JSON } from '../../limits.ts';
import { decimal, type Json, renderText, shrink, WholeDecimal } from './value.ts';

/** The parsed value, or why the text is not JSON that the service can represent. */
export type JsonResult =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly message: string };

/** Matches one string or number literal. Strings are matched so that digits inside them are skipped. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * Parses JSON with exact numbers, keeping Integer and Decimal apart by how they were written. Uses plain `JSON.parse`
 * when no number needs more.
 */
export function parseJson(text: string): JsonResult {
  if (text.length > DEEPEST_JSON && isTooDeep(text))
    return { ok: false, message: `The JSON is nested deeper than the limit ${DEEPEST_JSON}` };
  let plain: unknown;
  try {
    plain = JSON.parse(text);
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
  if (hasPlainNumbers(text)) return { ok: true, value: plain as Json };
  let unfit: string | undefined;
  const value = parseWithNumbers(text, (literal) => {
    const number = parseNumber(literal);
    if (number === undefined) unfit = literal;
    return number;
  }) as Json;
  if (unfit !== undefined) return { ok: false, message: `Number ${unfit} is outside the range of a Decimal` };
  return { ok: true, value };
}

/**
 * True when `JSON.parse` reads all numbers of a valid JSON text as `parseJson` would; may be false for some more. By hand,
 * since strings, which are most of a message and full of digits (times, ids), are skipped as a whole.
 */
function hasPlainNumbers(text: string): boolean {
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === MINUS || (code >= ZERO && code <= NINE)) {
      const end = endOfPlainNumber(text, at);
      if (end === undefined) return false;
      at = end;
    } else at++;
  }
  return true;
}

/** Where a string of a valid JSON text ends that begins at `from`. */
function endOfString(text: string, from: number): number {
  for (let quote = text.indexOf('"', from + 1); ; quote = text.indexOf('"', quote + 1)) {
    let before = quote - 1;
    while (text.charCodeAt(before) === BACKSLASH) before--;
    // An even number of backslashes escape each other.
    if ((quote - before) % 2 === 1) return quote + 1;
  }
}

/**
 * Where a number that begins at `from` ends; undefined when `JSON.parse` would change it: a whole number written as a
 * decimal, one with an exponent, one of more than 15 digits, or -0.
 */
function endOfPlainNumber(text: string, from: number): number | undefined {
  let at = text.charCodeAt(from) === MINUS ? from + 1 : from;
  const digits = at;
  let point = -1;
  /** Whether there was a digit other than 0, since the point if there is one. */
  let isOther = false;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > ZERO && code <= NINE) isOther = true;
    else if (code === POINT) {
      point = at;
      isOther = false;
    } else if (code !== ZERO) {
      if (code === SMALL_E || code === LARGE_E) return undefined;
      break;
    }
  }
  if (at - digits > MOST_PLAIN) return undefined;
  return isOther || (point < 0 && digits === from) ? at : undefined;
}

/** Digits, with the point, of a number that is certainly exact as a double. */
const MOST_PLAIN = 15;

/** True when brackets are nested deeper than the limit. Code that walks the value recurses that deep. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      if (++depth > DEEPEST_JSON) return true;
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth--;
  }
  return false;
}

const QUOTE = 0x22;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const LARGE_E = 0x45;
const SMALL_E = 0x65;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Parses valid JSON, passing each number literal to `read`. Literals are first replaced by their index in a list: an
 * index is an integer that JSON.parse reads exactly, and strings need no marking.
 */
export function parseWithNumbers(text: string, read: (literal: string) => unknown): unknown {
  const literals: string[] = [];
  const numbered = text.replace(TOKEN, (token) =>
    token.startsWith('"') ? token : String(literals.push(token) - 1),
  );
  return JSON.parse(numbered, (_name, item: unknown) =>
    typeof item === 'number' ? read(literals[item] ?? '') : item,
  );
}

/** Converts a JSON number literal to Integer or Decimal; undefined when it exceeds the range of a double. */
export function parseNumber(literal: string): Json | undefined {
  if (/[.eE]/.test(literal)) return decimal(Number(literal));
  if (literal === '-0') return 0;
  return shrink(BigInt(literal));
}

/** Renders a value as JSON, with numbers as in `renderText`. Omits undefined members. */
export function renderJson(json: Json): string {
  if (json === null) return 'null';
  if (typeof json === 'string') return JSON.stringify(json);
  if (typeof json !== 'object' || json instanceof WholeDecimal) return renderText(json);
  if (isArray(json)) return `[${json.map((item) => renderJson(item ?? null)).join(',')}]`;
  const members: string[] = [];
  for (const name of Object.keys(json)) {
    const item = json[name];
    if (item !== undefined) members.push(`${JSON.stringify(name)}:${renderJson(item)}`);
  }
  return `{${members.join(',')}}`;
}

/** `Array.isArray`, but preserving the element type of a read-only array. */
export function isArray(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}
