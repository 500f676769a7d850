import type { Payload } from '../core/detector/types.ts';
import { isArray, parseJson, renderJson } from '../core/expression/json.ts';
import { type Json, WholeDecimal } from '../core/expression/value.ts';

/** Parses a payload; returns a message if it is not a JSON object. */
export function parsePayload(text: string): Payload | string {
  const parsed = parseJson(text);
  if (!parsed.ok) return `The payload is not valid JSON: ${parsed.message}`;
  return isObject(parsed.value) ? { text, value: parsed.value } : 'The payload is not a JSON object';
}

/** Wraps a value as a payload. Its text is rendered only on demand. */
export function payloadOf(value: JsonObject): Payload {
  return new ValuePayload(value);
}

class ValuePayload implements Payload {
  readonly value: JsonObject;
  #text: string | undefined = undefined;

  constructor(value: JsonObject) {
    this.value = value;
  }

  get text(): string {
    this.#text ??= renderJson(this.value);
    return this.#text;
  }
}

/** An upper bound of the payload's size in bytes, computed without rendering its text. */
export function mostBytes(payload: Payload): number {
  return payload instanceof ValuePayload ? mostOf(payload.value) : 3 * payload.text.length;
}

/**
 * Upper bounds: six characters for each escaped character; 25 for a number with 17 digits, sign, point and exponent.
 */
function mostOf(value: Json): number {
  switch (typeof value) {
    case 'string':
      return 6 * value.length + 2;
    case 'bigint':
      return String(value).length;
    case 'object': {
      if (value === null || value instanceof WholeDecimal) return 30;
      let most = 2;
      if (isArray(value)) for (const item of value) most += mostOf(item) + 1;
      else if (isObject(value))
        for (const name in value) most += 6 * name.length + 4 + mostOf(value[name] as Json);
      return most;
    }
    default:
      return 30;
  }
}

export interface JsonObject {
  readonly [name: string]: Json;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !isArray(value) && !(value instanceof WholeDecimal);
}
