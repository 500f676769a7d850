import { FNV_BASIS, fnv1a, separate } from '../../hash.ts';
import type { Payload } from '../detector/types.ts';
import { isValue, renderText } from '../expression/value.ts';
import { readPath } from '../model/json-path.ts';
import { nameOf, type RunningModel } from './running.ts';

/** For each input, the models it feeds, in the order given (reference: models 3.7). */
export function routesOf(models: Iterable<RunningModel>): ReadonlyMap<string, readonly RunningModel[]> {
  const routes = new Map<string, RunningModel[]>();
  for (const model of models) {
    for (const inputName of model.compiled.inputs.keys()) {
      const routed = routes.get(inputName);
      if (routed === undefined) routes.set(inputName, [model]);
      else routed.push(model);
    }
  }
  return routes;
}

export type KeyResult =
  | { readonly ok: true; readonly keyValue: string | undefined }
  | { readonly ok: false; readonly message: string };

/** UTF-16 units of a key value. */
const LONGEST_KEY_VALUE = 128;
/** For each character of ASCII, 1 if a key value may have it. */
const MAY_BE_IN_KEY_VALUE = Uint8Array.from({ length: 128 }, (_, code) =>
  Number(/[a-zA-Z0-9\-_:]/.test(String.fromCharCode(code))),
);

/** Extracts a message's key value for a model (reference: models 3.6, questions Q-KEYBAD and Q-KEYTYPE). */
export function keyOf(model: Pick<RunningModel, 'kind' | 'compiled'>, payload: Payload): KeyResult {
  const { key } = model.compiled;
  if (key === undefined) return { ok: true, keyValue: undefined };
  const found = readPath(payload.value, key);
  if (isValue(found)) {
    const keyValue = renderText(found);
    // The text of the refusal is not made before it is needed: this runs for each message.
    if (isKeyValue(keyValue)) return { ok: true, keyValue };
    return { ok: false, message: keyViolation(keyValue, `the key ${key.join('.')} of ${nameOf(model)}`) };
  }
  const path = key.join('.');
  const message =
    found === undefined || found === null
      ? `The payload has no value at the key ${path} of ${nameOf(model)}`
      : `The key ${path} of ${nameOf(model)} is not a string, number or Boolean`;
  return { ok: false, message };
}

/** Why a text is not a valid key value; undefined when it is. `where` is the place of the text, for the message. */
export function keyProblem(keyValue: string, where: string): string | undefined {
  return isKeyValue(keyValue) ? undefined : keyViolation(keyValue, where);
}

/** Whether `[a-zA-Z0-9\-_:]{1,128}` matches all of the text. */
function isKeyValue(text: string): boolean {
  const { length } = text;
  if (length === 0 || length > LONGEST_KEY_VALUE) return false;
  for (let at = 0; at < length; at++) if (MAY_BE_IN_KEY_VALUE[text.charCodeAt(at)] !== 1) return false;
  return true;
}

function keyViolation(keyValue: string, where: string): string {
  return (
    `Value '${keyValue.slice(0, 128)}' at ${where} failed to satisfy constraint: ` +
    'Member must satisfy regular expression pattern: ^[a-zA-Z0-9\\-_:]+$ and have length between 1 and 128'
  );
}

/** Recognises a message of `keyOf`: the payload has no usable key. */
export function isKeyProblem(message: string): boolean {
  return /\bthe key [\w\-. ]+ of (?:detector|alarm) model /i.test(message);
}

/** The slot of a key, identical on every host. The function never changes, because stored rows depend on it. */
export function slotOf(modelName: string, keyValue: string | undefined, slots: number): number {
  return slotUnder(slotHashOf(modelName), keyValue, slots);
}

/** The part of a slot's hash that a model's name determines. */
export function slotHashOf(modelName: string): number {
  return separate(fnv1a(modelName, FNV_BASIS));
}

/** `slotOf`, given what `slotHashOf` returns for the model. */
export function slotUnder(slotHash: number, keyValue: string | undefined, slots: number): number {
  return (fnv1a(keyValue ?? '', slotHash) >>> 0) % slots;
}
