import { parseWithNumbers } from '../../core/expression/json.ts';
import { numberText, readNumber, type SqlVersion } from './numbers.ts';
import { Binary, isArray, isNumber, type Outcome, type Value } from './value.ts';

/**
 * Numbers that `JSON.parse` would change: exponents, zeros at the end of a fraction, many digits, `-0`. The test may
 * also hit digits inside strings; then the exact way is taken in vain.
 */
const INEXACT = /\d[eE]|\.\d*0(?!\d)|[\d.]{16}|-0(?![.\d])/;

/** Levels of arrays and objects in one JSON text; what reads and writes them calls itself for each. */
const DEEPEST = 500;

/** The value of a JSON text; undefined when it is none or nested too deeply. */
export function parseJson(text: string, version: SqlVersion): Outcome {
  if (text.length > DEEPEST && isTooDeep(text)) return undefined;
  let plain: unknown;
  try {
    plain = JSON.parse(text);
  } catch {
    // Not JSON: that is the answer.
    return undefined;
  }
  if (!INEXACT.test(text)) return plain as Value;
  return parseWithNumbers(text, (literal) => readNumber(literal, version)) as Value;
}

/** `text` may be no JSON at all. */
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

/** Without spaces, numbers with their digits. Bytes have no JSON: they are null. */
export function renderJson(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || value instanceof Binary) return 'null';
  if (isNumber(value)) return numberText(value);
  if (typeof value === 'boolean') return String(value);
  if (isArray(value)) return `[${value.map(renderJson).join(',')}]`;
  const members = Object.keys(value).map(
    (name) => `${JSON.stringify(name)}:${renderJson(value[name] ?? null)}`,
  );
  return `{${members.join(',')}}`;
}
