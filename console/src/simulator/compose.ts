import { parseJson, renderJson } from '../../../src/core/expression/json.ts';
import type { Json } from '../../../src/core/expression/value.ts';
import { parseJsonPath } from '../../../src/core/model/json-path.ts';
import { put, readCell } from '../../../src/simulate/messages/csv.ts';

/** What was typed for each attribute, by its JSON path. */
export type Typed = Readonly<Record<string, string>>;

/**
 * The message with what was typed: a number, true, false and null are those, a text in double quotes is a text, and
 * all else is a text as it stands. Attributes without anything are absent.
 */
export function messageOf(jsonPaths: readonly string[], typed: Typed): string {
  const message: Record<string, Json> = {};
  for (const jsonPath of jsonPaths) {
    const text = typed[jsonPath] ?? '';
    if (text !== '') put(message, parseJsonPath(jsonPath), typedJson(text));
  }
  return renderJson(message);
}

function typedJson(typed: string): Json {
  const parsed = typed.startsWith('"') ? parseJson(typed) : undefined;
  return parsed?.ok === true ? parsed.value : readCell(typed);
}

/** What has to be typed for a message that was sent, to send it again. */
export function typedOf(jsonPaths: readonly string[], message: string): Typed {
  const parsed = parseJson(message);
  if (!parsed.ok) return {};
  return Object.fromEntries(
    jsonPaths.map((jsonPath) => [jsonPath, typedValue(valueAt(parsed.value, parseJsonPath(jsonPath)))]),
  );
}

function valueAt(value: Json | undefined, path: readonly string[]): Json | undefined {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null || Array.isArray(found)) return undefined;
    found = Object.hasOwn(found, name) ? (found as { readonly [name: string]: Json })[name] : undefined;
  }
  return found;
}

function typedValue(value: Json | undefined): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') return renderJson(value);
  const isAmbiguous = value === '' || /^("|-?\d|true$|false$|null$)/.test(value);
  return isAmbiguous ? renderJson(value) : value;
}

/** The first value for each attribute: something for the key, and zero for the rest, to be changed. */
export function firstTyped(jsonPaths: readonly string[], key: string | undefined): Typed {
  return Object.fromEntries(jsonPaths.map((jsonPath) => [jsonPath, jsonPath === key ? 'device-1' : '0']));
}
