import { isArray, renderJson } from '../../core/expression/json.ts';
import { isValue, type Json, renderText } from '../../core/expression/value.ts';
import { isObject, type JsonObject } from '../payload.ts';

/** `{{column}}`, optionally with blanks inside. */
const PLACEHOLDER = /\{\{\s*([^{}]+?)\s*\}\}/g;
const ONLY_PLACEHOLDER = /^\{\{\s*([^{}]+?)\s*\}\}$/;

/**
 * Replaces placeholders by the values of a row. A string that consists of a single placeholder becomes the value with
 * its type; elsewhere the value's text is inserted. Calls `unknown` for columns that the row does not have.
 */
export function fillIn(value: Json, row: JsonObject, unknown: (column: string) => void): Json {
  if (typeof value === 'string') return fillText(value, row, unknown);
  if (isArray(value)) return value.map((item) => fillIn(item, row, unknown));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      textOf(fillText(name, row, unknown)),
      fillIn(member, row, unknown),
    ]),
  );
}

function fillText(text: string, row: JsonObject, unknown: (column: string) => void): Json {
  const only = ONLY_PLACEHOLDER.exec(text)?.[1];
  if (only !== undefined) return valueIn(row, only, unknown);
  return text.replaceAll(PLACEHOLDER, (_all, column: string) => textOf(valueIn(row, column, unknown)));
}

function valueIn(row: JsonObject, column: string, unknown: (column: string) => void): Json {
  if (Object.hasOwn(row, column)) return row[column] ?? null;
  unknown(column);
  return '';
}

function textOf(value: Json): string {
  return isValue(value) ? renderText(value) : renderJson(value);
}

/** Appends ` #1`, ` #2` and so on to equal names. */
export function numbered(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const seen = new Map<string, number>();
  return names.map((name) => {
    if (counts.get(name) === 1) return name;
    const number = (seen.get(name) ?? 0) + 1;
    seen.set(name, number);
    return `${name} #${number}`;
  });
}
