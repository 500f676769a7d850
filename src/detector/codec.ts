import { isArray, parseJson, renderJson } from '../expression/json.ts';
import { isValue, type Json, type Value } from '../expression/value.ts';
import type { CompiledModel } from '../model/compiled.ts';
import { emptyDetector } from './detector.ts';
import type { Detector, Payload, Timer } from './types.ts';
import { NO_VARIABLES } from './variables.ts';

/** Between a detector's JSON and its messages: no JSON text has it in it, escaped as it must be in strings. */
const SEPARATOR = '\x1e';

/**
 * A detector as text and back. Everything goes by name, numbers keep their type by how they are written. The remembered
 * messages follow as they came, in the order of `inputs`: they are JSON already, and whoever reads a detector back
 * seldom wants to know what they say. The key is the row's own.
 *
 *     {"state":…,"variables":{…},"timers":[[name,expiresAt,duration,status]],"inputs":[name],
 *      "createdBy":…,"creationTime":…,"lastUpdateTime":…}␞message␞message
 */
export function encodeDetector(model: CompiledModel, detector: Detector): string {
  let text = `{"state":${model.states[detector.state]?.json},"variables":{`;
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
  text += '},"timers":[';
  comma = '';
  for (const { name, expiresAt, duration, status } of detector.timers) {
    text += `${comma}[${JSON.stringify(name)},${expiresAt},${duration},"${status}"]`;
    comma = ',';
  }
  text += '],"inputs":[';
  comma = '';
  let messages = '';
  for (const [name, place] of model.inputs) {
    const payload = detector.at(place) as Payload | undefined;
    if (payload === undefined) continue;
    text += `${comma}"${name}"`;
    messages += SEPARATOR + payload.text;
    comma = ',';
  }
  const { createdBy, creationTime, lastUpdateTime } = detector;
  text += `],"createdBy":${createdBy},"creationTime":${creationTime},"lastUpdateTime":${lastUpdateTime}}`;
  return inOnePiece(text + messages);
}

/**
 * The same text. One that was put together is a tree of its parts until somebody looks into it; a row is kept for a
 * while, and the collector would copy part after part.
 */
function inOnePiece(text: string): string {
  return Number.isNaN(text.charCodeAt(0)) ? '' : text;
}

/**
 * A message that was read back. What it says is made when it is first asked for: most detectors get another message
 * before that, or none for long.
 */
class RememberedPayload implements Payload {
  readonly text: string;
  #value: Json | undefined;

  constructor(text: string) {
    this.text = text;
  }

  get value(): Json {
    if (this.#value === undefined) {
      const parsed = parseJson(this.text);
      this.#value = parsed.ok ? parsed.value : null;
    }
    return this.#value;
  }
}

export type DecodeResult =
  | { readonly ok: true; readonly detector: Detector }
  | { readonly ok: false; readonly message: string };

/** The detector that `encodeDetector` wrote for the same model; says what does not fit when it is none. */
export function decodeDetector(model: CompiledModel, text: string): DecodeResult {
  const [head = '', ...messages] = text.split(SEPARATOR);
  const parsed = parseJson(head);
  if (!parsed.ok) return parsed;
  const row = parsed.value as unknown as Encoded;
  const state = model.statePlaces.get(row.state);
  if (state === undefined) return { ok: false, message: `state ${row.state} is not in the model` };
  const held: [place: number, Value | Payload][] = [];
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
  for (const [name, message] of messagesOf(row.inputs, messages)) {
    const place = model.inputs.get(name);
    if (place === undefined) return { ok: false, message: `input ${name} is not in the model` };
    if (message === undefined) return { ok: false, message: `the message of input ${name} is missing` };
    held.push([place, new RememberedPayload(message)]);
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

/** A row of an earlier version holds the messages themselves, as texts or as what they say. */
function messagesOf(
  inputs: Encoded['inputs'],
  messages: readonly string[],
): (readonly [name: string, message: string | undefined])[] {
  if (isArray(inputs)) return inputs.map((name, index) => [name, messages[index]]);
  return Object.entries(inputs).map(([name, message]) => [
    name,
    typeof message === 'string' ? message : renderJson(message),
  ]);
}

const TIMERS = '},"timers":[';
const RUNNING = ',"RUNNING"]';
const AFTER_TIMERS = '],"inputs":';

/**
 * When the first running timer of an encoded detector expires, Infinity when it has none, without a look at the rest;
 * undefined when that is not where it should be. Within texts quotes are escaped: the marks are found outside of them.
 */
export function firstExpiry(text: string): number | undefined {
  const begin = text.indexOf(TIMERS) + TIMERS.length;
  const end = text.indexOf(AFTER_TIMERS, begin);
  if (begin < TIMERS.length || end < 0) return undefined;
  let first = Number.POSITIVE_INFINITY;
  for (let at = begin; at < end; ) {
    const running = text.indexOf(RUNNING, at);
    if (running < 0 || running > end) break;
    const duration = text.lastIndexOf(',', running - 1);
    const expiresAt = Number(text.slice(text.lastIndexOf(',', duration - 1) + 1, duration));
    if (Number.isNaN(expiresAt)) return undefined;
    first = Math.min(first, expiresAt);
    at = running + RUNNING.length;
  }
  return first;
}

const STATUSES = { RUNNING: 'RUNNING', EXPIRED: 'EXPIRED', TESTED: 'TESTED' } as const;

interface Encoded {
  readonly state: string;
  readonly variables: Readonly<Record<string, Json>>;
  readonly timers: readonly (readonly [string, number, number, Timer['status']])[];
  readonly inputs: readonly string[] | Readonly<Record<string, Json>>;
  readonly createdBy: number;
  readonly creationTime: number;
  readonly lastUpdateTime: number;
}
