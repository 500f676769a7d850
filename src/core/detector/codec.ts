import type { RowWriter } from '../../row-writer.ts';
import type { RowText } from '../../stored-rows.ts';
import { isArray, parseJson, renderJson } from '../expression/json.ts';
import { isValue, type Json, type Outcome, type Value } from '../expression/value.ts';
import type { CompiledModel } from '../model/compiled.ts';
import type { RowLayout, RowMember } from '../model/row-layout.ts';
import { emptyDetector } from './detector.ts';
import { nextTimer } from './next-timer.ts';
import type { Detector, MutableDetector, Timer } from './types.ts';
import { NO_VARIABLES } from './variables.ts';

/**
 * Writes a detector as the value of a row. Everything is stored by name, and numbers keep their type by how they are
 * written. `next` is the time at which the first timer expires, or null. The key value is part of the row's key.
 *
 *     [next,state,createdBy,creationTime,lastUpdateTime,{variable:value},[[timer,expiresAt,duration,status]],
 *      {attribute:value}]
 */
export function writeDetector(model: CompiledModel, detector: Detector, out: RowWriter): void {
  const { heads, variables, attributes } = model.row;
  const head = heads[detector.state] as RowLayout['heads'][number];
  const next = nextTimer(detector.timers)?.expiresAt;
  if (next === undefined) out.constant(head.idle);
  else {
    out.text('[');
    out.number(next);
    out.constant(head.afterTime);
  }
  out.number(detector.createdBy);
  out.text(',');
  out.number(detector.creationTime);
  out.text(',');
  out.number(detector.lastUpdateTime);
  let isFirst = writeMembers(variables, detector, out);
  for (const [name, value] of detector.otherVariables) {
    out.text(`${isFirst ? ',{' : ','}"${name}":`);
    writeValue(value, out);
    isFirst = false;
  }
  out.text(isFirst ? ',{},[' : '},[');
  isFirst = true;
  for (const { name, expiresAt, duration, status } of detector.timers) {
    out.text(`${isFirst ? '[' : ',['}${JSON.stringify(name)},`);
    out.number(expiresAt);
    out.text(',');
    out.number(duration);
    out.text(`,"${status}"]`);
    isFirst = false;
  }
  out.text(writeMembers(attributes, detector, out) ? '],{}]' : '}]');
}

/** Returns whether none of them has a value. */
function writeMembers(members: readonly RowMember[], detector: Detector, out: RowWriter): boolean {
  let isFirst = true;
  for (const { place, first, next } of members) {
    const value = detector.at(place);
    if (value === undefined) continue;
    out.constant(isFirst ? first : next);
    writeValue(value, out);
    isFirst = false;
  }
  return isFirst;
}

/** Writes what `renderJson` returns. */
function writeValue(value: Json, out: RowWriter): void {
  if (typeof value === 'number' && Number.isInteger(value)) out.number(value);
  else if (typeof value === 'string') out.json(value);
  else out.text(renderJson(value));
}

/**
 * Reads only when the first running timer of an encoded detector expires: Infinity if none is running, undefined if the
 * row does not say, as in earlier formats.
 */
export function firstExpiry(row: RowText): number | undefined {
  if (row.charCodeAt(0) !== BRACKET) return undefined;
  if (row.charCodeAt(1) === LETTER_N) return Number.POSITIVE_INFINITY;
  // Digit by digit, since a row need not be a string yet.
  let next = 0;
  let at = 1;
  for (let code = row.charCodeAt(at); code >= ZERO && code < ZERO + 10; code = row.charCodeAt(++at))
    next = 10 * next + code - ZERO;
  return at > 1 && row.charCodeAt(at) === COMMA ? next : undefined;
}

const BRACKET = 0x5b;
const LETTER_N = 0x6e;
const ZERO = 0x30;
const COMMA = 0x2c;

export type DecodeResult =
  | { readonly ok: true; readonly detector: MutableDetector }
  | { readonly ok: false; readonly message: string };

/** Decodes what `writeDetector` writes for the same model; for any other text returns what is wrong with it. */
export function decodeDetector(model: CompiledModel, text: string): DecodeResult {
  const [head = '', ...messages] = text.split(SEPARATOR);
  const parsed = parseJson(head);
  if (!parsed.ok) return parsed;
  const row = isArray(parsed.value) ? read(parsed.value, messages) : readEarliestFormat(parsed.value);
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
    // Share the model's string instead of keeping one per detector.
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

/** The contents of a row. */
interface Read {
  readonly state: string;
  readonly variables: Readonly<Record<string, Json>>;
  readonly timers: readonly (readonly [string, number, number, Timer['status']])[];
  readonly attributes: Readonly<Record<string, Json>>;
  /** Earlier formats had whole messages instead of attributes. */
  readonly messages: readonly (readonly [inputName: string, text: string | undefined])[];
  readonly createdBy: number;
  readonly creationTime: number;
  readonly lastUpdateTime: number;
}

/**
 * Precedes each message in an earlier format. It never occurs in JSON, which requires control characters to be escaped.
 */
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

/** Reads the earliest format: an object with named members, in which messages are JSON or strings of JSON. */
function readEarliestFormat(json: Json): Read {
  const row = json as unknown as Read & { readonly inputs: Readonly<Record<string, Json>> };
  const messages = Object.entries(row.inputs).map(
    ([name, message]) => [name, typeof message === 'string' ? message : renderJson(message)] as const,
  );
  return { ...row, attributes: {}, messages };
}
