import { isArray, parseJson, renderJson } from '../expression/json.ts';
import { isValue, type Json, type Outcome, type Value } from '../expression/value.ts';
import type { CompiledModel } from '../model/compiled.ts';
import { emptyDetector } from './detector.ts';
import type { Detector, MutableDetector, Timer } from './types.ts';
import { NO_VARIABLES } from './variables.ts';

/**
 * A detector as text and back. Everything goes by name, numbers keep their type by how they are written. `next` is when
 * its first timer expires, null when none runs. The key is the row's own.
 *
 *     [next,state,createdBy,creationTime,lastUpdateTime,{variable:value},[[timer,expiresAt,duration,status]],
 *      {attribute:value}]
 */
export function encodeDetector(model: CompiledModel, detector: Detector): string {
  const { createdBy, creationTime, lastUpdateTime } = detector;
  let text = `[${nextExpiry(detector)},${model.states[detector.state]?.nameAsJson},`;
  text += `${createdBy},${creationTime},${lastUpdateTime},{`;
  let comma = '';
  for (const [name, place] of model.variables) {
    const value = detector.at(place) as Value | undefined;
    if (value === undefined) continue;
    text += `${comma}"${name}":${renderJson(value)}`;
    comma = ',';
  }
  for (const [name, value] of detector.otherVariables) {
    text += `${comma}"${name}":${renderJson(value)}`;
    comma = ',';
  }
  text += '},[';
  comma = '';
  for (const { name, expiresAt, duration, status } of detector.timers) {
    text += `${comma}[${JSON.stringify(name)},${expiresAt},${duration},"${status}"]`;
    comma = ',';
  }
  text += '],{';
  comma = '';
  for (const attributes of model.attributes) {
    for (const { nameAsJson, place } of attributes) {
      const value = detector.at(place);
      if (value === undefined) continue;
      text += `${comma}${nameAsJson}:${renderJson(value)}`;
      comma = ',';
    }
  }
  return inOnePiece(`${text}}]`);
}

function nextExpiry({ timers }: Detector): number | null {
  let next: number | null = null;
  for (const { expiresAt, status } of timers)
    if (status === 'RUNNING' && (next === null || expiresAt < next)) next = expiresAt;
  return next;
}

/**
 * When the first running timer of an encoded detector expires, Infinity when it has none, without a look at the rest;
 * undefined when the text does not say, as those of former versions.
 */
export function firstExpiry(text: string): number | undefined {
  if (text.startsWith('[null,')) return Number.POSITIVE_INFINITY;
  const next = text.startsWith('[') ? Number.parseInt(text.slice(1), 10) : Number.NaN;
  return Number.isNaN(next) ? undefined : next;
}

/**
 * The same text. One that was put together is a tree of its parts until somebody looks into it; a row is kept for a
 * while, and the collector would copy part after part.
 */
function inOnePiece(text: string): string {
  return Number.isNaN(text.charCodeAt(0)) ? '' : text;
}

export type DecodeResult =
  | { readonly ok: true; readonly detector: MutableDetector }
  | { readonly ok: false; readonly message: string };

/** The detector that `encodeDetector` wrote for the same model; says what does not fit when it is none. */
export function decodeDetector(model: CompiledModel, text: string): DecodeResult {
  const [head = '', ...messages] = text.split(SEPARATOR);
  const parsed = parseJson(head);
  if (!parsed.ok) return parsed;
  const row = isArray(parsed.value) ? read(parsed.value, messages) : readFormer(parsed.value);
  const state = model.statePlaces.get(row.state);
  if (state === undefined) return { ok: false, message: `state ${row.state} is not in the model` };
  const held: [place: number, value: Outcome][] = [];
  let otherVariables: Map<string, Value> | undefined;
  for (const name of Object.keys(row.variables)) {
    const value = row.variables[name] as Json;
    if (!isValue(value)) return { ok: false, message: `variable ${name} has no value` };
    const place = model.variables.get(name);
    if (place !== undefined) held.push([place, value]);
    else {
      otherVariables ??= new Map();
      otherVariables.set(name, value);
    }
  }
  for (const name of Object.keys(row.attributes)) {
    const place = model.attributePlaces.get(name);
    if (place === undefined) return { ok: false, message: `attribute ${name} is not in the model` };
    held.push([place, row.attributes[name]]);
  }
  for (const [name, message] of row.messages) {
    const input = model.inputs.get(name);
    if (input === undefined) return { ok: false, message: `input ${name} is not in the model` };
    if (message === undefined) return { ok: false, message: `the message of input ${name} is missing` };
    const payload = parseJson(message);
    if (!payload.ok)
      return { ok: false, message: `the message of input ${name} is not JSON: ${payload.message}` };
    for (const { place, read } of model.attributes[input] ?? []) held.push([place, read(payload.value)]);
  }
  const timers = row.timers.map(([name, expiresAt, duration, status]): Timer => {
    const place = model.timers.places.get(name) ?? -1;
    // The model's own text, and not one more for each detector.
    return { name: model.timers.names[place] ?? name, place, expiresAt, duration, status: STATUSES[status] };
  });
  const { createdBy, creationTime, lastUpdateTime } = row;
  const times = { createdBy, creationTime, lastUpdateTime };
  const fields = { state, timers, otherVariables: otherVariables ?? NO_VARIABLES, ...times };
  const detector = emptyDetector(model, fields);
  for (const [place, each] of held) detector.put(place, each);
  return { ok: true, detector };
}

const STATUSES = { RUNNING: 'RUNNING', EXPIRED: 'EXPIRED', TESTED: 'TESTED' } as const;

/** What a row says. */
interface Read {
  readonly state: string;
  readonly variables: Readonly<Record<string, Json>>;
  readonly timers: readonly (readonly [string, number, number, Timer['status']])[];
  readonly attributes: Readonly<Record<string, Json>>;
  /** Former rows had whole messages in place of attributes. */
  readonly messages: readonly (readonly [inputName: string, text: string | undefined])[];
  readonly createdBy: number;
  readonly creationTime: number;
  readonly lastUpdateTime: number;
}

/** Before a message of a former row: no JSON text has it in it, escaped as it must be in strings. */
const SEPARATOR = '\x1e';

function read(json: readonly Json[], messages: readonly string[]): Read {
  const [, state, createdBy, creationTime, lastUpdateTime, variables, timers, held] =
    json as unknown as readonly [
      ...[
        next: number | null,
        state: string,
        createdBy: number,
        creationTime: number,
        lastUpdateTime: number,
      ],
      ...[variables: Read['variables'], timers: Read['timers'], held: Read['attributes'] | readonly string[]],
    ];
  const row = { state, variables, timers, createdBy, creationTime, lastUpdateTime };
  if (!isInputs(held)) return { ...row, attributes: held, messages: [] };
  return { ...row, attributes: {}, messages: held.map((name, index) => [name, messages[index]]) };
}

function isInputs(held: Read['attributes'] | readonly string[]): held is readonly string[] {
  return Array.isArray(held);
}

/** A row of former versions has names for everything, and the messages in it: as texts, or as what they say. */
function readFormer(json: Json): Read {
  const row = json as unknown as Read & { readonly inputs: Readonly<Record<string, Json>> };
  const messages = Object.entries(row.inputs).map(
    ([name, message]) => [name, typeof message === 'string' ? message : renderJson(message)] as const,
  );
  return { ...row, attributes: {}, messages };
}
