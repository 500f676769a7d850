import type { Detector, Timer } from '../../core/detector/types.ts';
import { renderJson } from '../../core/expression/json.ts';
import type { Value } from '../../core/expression/value.ts';
import type { CompiledModel } from '../../core/model/compiled.ts';
import type { JsonObject } from '../payload.ts';
import {
  type Attribute,
  type Attributes,
  type Candidate,
  type ReadCondition,
  withValue,
} from './attributes.ts';

/** Something that can happen to a detector. */
export type Move =
  | {
      readonly kind: 'message';
      readonly wait: number;
      readonly inputName: string;
      readonly payload: JsonObject;
    }
  /** The next timer expires, after `wait` milliseconds. */
  | { readonly kind: 'expiry'; readonly wait: number; readonly timerName: string }
  /** Sets the state as BatchUpdateDetector does. Used only for what messages cannot reach. */
  | {
      readonly kind: 'set';
      readonly wait: 0;
      readonly stateName: string;
      readonly variables: Readonly<Record<string, Value>>;
      /** In seconds. */
      readonly timers: Readonly<Record<string, number>>;
    };

/** The key value used for the detector under test. */
export const KEY = 'k1';
const MOST_OF_CONDITION = 30;
const MOST_OF_INPUT = 160;
/** The number of messages that combine values of all attributes. */
const MIXTURES = 12;
/** Milliseconds between messages while timers run, so that setting a timer again changes its deadline. */
const PAUSE = 1000;

/** Messages that might affect a detector, and the expiry of its next timer. */
export function movesOf(
  model: CompiledModel,
  attributes: Attributes,
  detector: Detector | undefined,
  now: number,
): Move[] {
  const next = nextTimer(detector);
  const expiry = next === undefined ? [] : [expiryOf(next, now)];
  const wait = next !== undefined && next.expiresAt > now + PAUSE ? PAUSE : 0;
  const values = new Map<string, readonly Candidate[]>();
  const candidates: CandidatesOf = (attribute) => {
    const known = values.get(attribute.id) ?? attributes.candidates(attribute, detector);
    values.set(attribute.id, known);
    return known;
  };
  const messages = [...model.inputs.keys()].flatMap((inputName) =>
    payloadsOf(model, attributes, candidates, inputName, detector).map((payload): Move => {
      return { kind: 'message', wait, inputName, payload };
    }),
  );
  // Expiries come last, because the search continues from the last move, and time often leads on where messages do not.
  return [...messages, ...expiry];
}

export function expiryOf({ name, expiresAt }: Timer, now: number): Move {
  return { kind: 'expiry', wait: expiresAt - now, timerName: name };
}

/** The running timer that expires first. */
export function nextTimer(detector: Detector | undefined): Timer | undefined {
  return detector?.timers
    .filter(({ status }) => status === 'RUNNING')
    .reduce<Timer | undefined>(
      (first, timer) => (timer.expiresAt < (first?.expiresAt ?? Infinity) ? timer : first),
      undefined,
    );
}

type CandidatesOf = (attribute: Attribute) => readonly Candidate[];

function payloadsOf(
  model: CompiledModel,
  attributes: Attributes,
  candidates: CandidatesOf,
  inputName: string,
  detector: Detector | undefined,
): JsonObject[] {
  const own = attributes.of(inputName);
  const neutral = own.reduce<JsonObject>(
    (payload, attribute) => withValue(payload, attribute.path, candidates(attribute)[0]),
    {},
  );
  const before = heldBy(model, detector, inputName) ?? neutral;
  const found = new Map<string, JsonObject>();
  const add = (payload: JsonObject) => {
    if (found.size >= MOST_OF_INPUT) return;
    const keyed = model.key === undefined ? payload : withValue(payload, model.key, KEY);
    found.set(renderJson(keyed), keyed);
  };
  add(before);
  add(neutral);
  add({});
  for (const attribute of own)
    for (const value of candidates(attribute)) add(withValue(before, attribute.path, value));
  for (let round = 0; round < MIXTURES; round++) {
    // Give each attribute a different one of its values, for models that keep a configuration in variables.
    add(
      own.reduce<JsonObject>((payload, attribute, at) => {
        const values = candidates(attribute);
        return withValue(payload, attribute.path, values[(at * (round + 1) + round) % values.length]);
      }, {}),
    );
  }
  const lists = attributes.conditions
    .map((condition) => variations(condition, candidates, inputName, before))
    .filter((list) => list.length > 0);
  // Take turns, so that every condition gets its share if there are too many.
  for (let at = 0; at < MOST_OF_CONDITION; at++)
    for (const list of lists) {
      const payload = list[at];
      if (payload !== undefined) add(payload);
    }
  return [...found.values()];
}

/** The stored attributes of an input as a message; undefined when none is stored. */
function heldBy(
  model: CompiledModel,
  detector: Detector | undefined,
  inputName: string,
): JsonObject | undefined {
  let held: JsonObject | undefined;
  for (const { place, path } of model.attributes[model.inputs.get(inputName) ?? -1] ?? []) {
    const value = detector?.at(place);
    if (value !== undefined) held = withValue(held ?? {}, path, value);
  }
  return held;
}

/** Messages with combinations of the values relevant to one condition, up to a limit. */
function variations(
  { attributes: read }: ReadCondition,
  candidates: CandidatesOf,
  inputName: string,
  base: JsonObject,
): JsonObject[] {
  const own = read.filter((attribute) => attribute.inputName === inputName);
  if (own.length === 0) return [];
  const most = Math.max(2, Math.floor(MOST_OF_CONDITION ** (1 / own.length)));
  let payloads: JsonObject[] = [base];
  for (const attribute of own) {
    const values = candidates(attribute).slice(0, most);
    payloads = payloads.flatMap((payload) => vary(payload, attribute, values));
  }
  return payloads.slice(0, MOST_OF_CONDITION);
}

function vary(payload: JsonObject, { path }: Attribute, values: readonly Candidate[]): JsonObject[] {
  return values.map((value) => withValue(payload, path, value));
}
