import { compile, EMPTY_SCOPE, isConstant, NO_BINDINGS, parse } from '../expression/index.ts';
import { parseJson } from '../expression/json.ts';
import { isValue, type Value } from '../expression/value.ts';
import type { CompiledModel } from '../model/compiled.ts';
import { emptyDetector } from './detector.ts';
import type { Detector, MutableDetector, StepContext, Timer } from './types.ts';

/** The state that BatchUpdateDetector sets. It replaces the previous one completely (reference: models 9). */
export interface DetectorStateDefinition {
  readonly stateName: string;
  readonly variables: readonly { readonly name: string; readonly value: string }[];
  readonly timers: readonly { readonly name: string; readonly seconds: number }[];
}

export type UpdateResult =
  | { readonly ok: true; readonly detector: MutableDetector }
  | { readonly ok: false; readonly message: string };

/**
 * Returns a detector with the given state. Runs no events and keeps the stored attributes (reference: models 9,
 * questions Q-HVACRESET).
 */
export function updateDetector(
  model: CompiledModel,
  detector: Detector,
  wanted: DetectorStateDefinition,
  { now, wall = now, limits }: Pick<StepContext, 'now' | 'wall' | 'limits'>,
): UpdateResult {
  const state = model.statePlaces.get(wanted.stateName);
  if (state === undefined)
    return refused(`State ${wanted.stateName} does not exist in detector model ${model.name}`);
  const twice = duplicate(wanted.variables) ?? duplicate(wanted.timers);
  if (twice !== undefined) return refused(`The name ${twice} is given more than once`);
  const variables = new Map<number, Value>();
  const otherVariables = new Map<string, Value>();
  for (const { name, value: text } of wanted.variables) {
    const value = readLiteral(text);
    if (value === undefined) return refused(`The value of variable ${name} is not a literal: ${text}`);
    const place = model.variables.get(name);
    if (place === undefined) otherVariables.set(name, value);
    else variables.set(place, value);
  }
  const timers: Timer[] = [];
  for (const { name, seconds } of wanted.timers) {
    if (seconds < 1 || seconds > limits.maximumTimerSeconds) {
      return refused(`The seconds of timer ${name} must be between 1 and ${limits.maximumTimerSeconds}`);
    }
    const place = model.timers.places.get(name) ?? -1;
    timers.push({ name, place, expiresAt: now + seconds * 1000, duration: seconds, status: 'RUNNING' });
  }
  // Shares nothing with the old detector, to which its owner may return.
  const { createdBy, creationTime } = detector;
  const times = { createdBy, creationTime, lastUpdateTime: wall };
  const updated = emptyDetector(model, { state, otherVariables, timers, ...times });
  for (const place of model.attributePlaces.values()) updated.put(place, detector.at(place));
  for (const [place, value] of variables) updated.put(place, value);
  return { ok: true, detector: updated };
}

/**
 * The value of a constant expression: `22`, `-1.5`, `true`, `'on'`. A text as DescribeDetector prints it is JSON: it has
 * no substitutions, `"${x}"` is four characters, and its integers may be longer than those of expressions.
 */
function readLiteral(text: string): Value | undefined {
  const described = parseJson(text);
  if (described.ok && isValue(described.value)) return described.value;
  const parsed = parse(text);
  if (!parsed.ok || !isConstant(parsed.node)) return undefined;
  const evaluate = compile(parsed.node, NO_BINDINGS);
  const value = evaluate(EMPTY_SCOPE);
  return isValue(value) ? value : undefined;
}

function duplicate(named: readonly { readonly name: string }[]): string | undefined {
  const seen = new Set<string>();
  return named.find(({ name }) => seen.size === seen.add(name).size)?.name;
}

function refused(message: string): UpdateResult {
  return { ok: false, message };
}
