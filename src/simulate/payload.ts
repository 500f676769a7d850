import type { Payload } from '../core/detector/types.ts';
import { isArray, parseJson, renderJson } from '../core/expression/json.ts';
import { type Json, WholeDecimal } from '../core/expression/value.ts';

/** The payload that a text holds, or why it is none. */
export function parsePayload(text: string): Payload | string {
  const parsed = parseJson(text);
  if (!parsed.ok) return `The payload is not valid JSON: ${parsed.message}`;
  return isObject(parsed.value) ? { text, value: parsed.value } : 'The payload is not a JSON object';
}

/** The payload of a value; its text is only made when somebody asks for it. */
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

export interface JsonObject {
  readonly [name: string]: Json;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !isArray(value) && !(value instanceof WholeDecimal);
}
