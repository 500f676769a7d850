import { DEEPEST_JSON } from '../../limits.ts';
import { decimal, type Json, renderText, shrink, WholeDecimal } from './value.ts';

/** A parsed text, or why it is no JSON that the service can hold. */
export type JsonResult =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly message: string };

/**
 * Numbers that `JSON.parse` would change: whole decimals, exponents, and integers beyond 2^53. The test may also
 * hit digits inside strings; then the exact path runs in vain and gives the same result.
 */
const INEXACT = /\d\.0*(?!\d)|\d[eE]|[\d.]{16}|-0(?![.\d])/;

/** One string literal or one number literal; anything else of a valid JSON text passes between the matches. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * A JSON text with its numbers exact: Integer and Decimal kept apart by how they were written.
 * `JSON.parse` alone does it wherever no number needs more.
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

/** Whether `JSON.parse` reads the numbers of a JSON text as `parseJson` does. */
export function hasPlainNumbers(text: string): boolean {
  return !INEXACT.test(text);
}

/** Whether there are more open brackets anywhere than the limit: what walks the value goes as deep as it does. */
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
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * A text that is known to be JSON, with each number as `read` makes it of its literal. Each literal is replaced by its
 * place in a list, which is a number that JSON.parse reads as it is written: strings need no marks.
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

/** A JSON number literal as Integer or Decimal; undefined when no double holds it. */
export function parseNumber(literal: string): Json | undefined {
  if (/[.eE]/.test(literal)) return decimal(Number(literal));
  if (literal === '-0') return 0;
  return shrink(BigInt(literal));
}

/** The JSON text of a value, numbers as `renderText` shows them; undefined members are left out. */
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

/** `Array.isArray` that keeps the element type of a read-only array. */
export function isArray(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}
