import { DEEPEST_JSON } from '../../limits.ts';
import { readJson, UNREAD } from './json-reader.ts';
import { decimal, type Json, renderText, shrink, WholeDecimal } from './value.ts';

/** The parsed value, or why the text is not JSON that the service can represent. */
export type JsonResult =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly message: string };

/** Matches one string or number literal. Strings are matched so that digits inside them are skipped. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Parses JSON with exact numbers, keeping Integer and Decimal apart by how they were written. */
export function parseJson(text: string): JsonResult {
  if (isTooDeep(text))
    return { ok: false, message: `The JSON is nested deeper than the limit ${DEEPEST_JSON}` };
  const value = readJson(text);
  return value === UNREAD ? { ok: false, message: whyUnread(text) } : { ok: true, value };
}

function whyUnread(text: string): string {
  let unfit = '';
  try {
    JSON.parse(text);
    parseWithNumbers(text, (literal) => {
      if (parseNumber(literal) === undefined) unfit = literal;
    });
    return `Number ${unfit} is outside the range of a Decimal`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * True when brackets are nested deeper than the limit. Code that walks the value recurses that deep. `text` need not be
 * JSON.
 */
export function isTooDeep(text: string): boolean {
  if (text.length <= DEEPEST_JSON) return false;
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
