import { isUtf8 } from 'node:buffer';
import type { Payload } from '../core/detector/types.ts';
import { isArray, parseJson } from '../core/expression/json.ts';
import { WholeDecimal } from '../core/expression/value.ts';

/** A message ready for evaluation: its payload is a JSON object. */
export interface IncomingMessage {
  readonly messageId: string;
  readonly inputName: string;
  readonly payload: Payload;
}

/** Parses the payload of a message; returns the reason as text when it is not valid. */
export function readPayload(bytes: Buffer): Payload | string {
  if (!isUtf8(bytes)) return 'The payload is not valid UTF-8';
  const text = bytes.toString('utf8');
  const parsed = parseJson(text);
  if (!parsed.ok) return `The payload is not valid JSON: ${parsed.message}`;
  const { value } = parsed;
  const isObject =
    typeof value === 'object' && value !== null && !isArray(value) && !(value instanceof WholeDecimal);
  return isObject ? { text, value } : 'The payload is not a JSON object';
}
