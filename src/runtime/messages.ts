import { isUtf8 } from 'node:buffer';
import type { Payload } from '../core/detector/types.ts';
import { isArray, parseJson } from '../core/expression/json.ts';
import { isValue, renderText, type Value, WholeDecimal } from '../core/expression/value.ts';
import { readPath } from '../core/model/json-path.ts';
import { nameOf, type RunningModel } from './running.ts';

/** A message that may be evaluated: its payload is a JSON object. */
export interface IncomingMessage {
  readonly messageId: string;
  readonly inputName: string;
  readonly payload: Payload;
}

/** The payload of a message from its bytes, or why it is none. */
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

export type KeyResult =
  | { readonly ok: true; readonly keyValue: string | undefined }
  | { readonly ok: false; readonly message: string };

const KEY_VALUE = /^[a-zA-Z0-9\-_:]{1,128}$/;

/** The key value that a message has for a model (spec: model 3.6, questions Q-KEYBAD and Q-KEYTYPE). */
export function keyOf(model: Pick<RunningModel, 'kind' | 'compiled'>, payload: Payload): KeyResult {
  const { key } = model.compiled;
  if (key === undefined) return { ok: true, keyValue: undefined };
  const found = readPath(payload.value, key);
  const path = key.join('.');
  if (found === undefined || found === null) {
    return { ok: false, message: `The payload has no value at the key ${path} of ${nameOf(model)}` };
  }
  if (!isValue(found)) {
    return {
      ok: false,
      message: `The key ${path} of ${nameOf(model)} is not a string, number or Boolean`,
    };
  }
  const keyValue = renderText(found satisfies Value);
  if (KEY_VALUE.test(keyValue)) return { ok: true, keyValue };
  return {
    ok: false,
    message:
      `Value '${keyValue.slice(0, 128)}' at the key ${path} of ${nameOf(model)} failed to satisfy constraint: ` +
      'Member must satisfy regular expression pattern: ^[a-zA-Z0-9\\-_:]+$ and have length between 1 and 128',
  };
}
