import type { Detector } from '../../core/detector/types.ts';
import { namedVariables } from '../../core/detector/variables.ts';
import { isValue, renderText, type Value } from '../../core/expression/value.ts';
import type { CompiledModel } from '../../core/model/compiled.ts';
import type { Attributes } from './attributes.ts';
import { nodesOf, parsed } from './expressions.ts';
import type { Move } from './moves.ts';

const MOST_SEEDS = 40;
/** The duration in seconds of a timer that the condition tests. */
const TIMER = 60;

/**
 * Artificial states from which a transition may be taken: the transition's state, with variables from a detector seen
 * there or elsewhere (`samples`, by state), and with values for the variables in its condition that are close to where
 * its result changes.
 */
export function seedsFor(
  model: CompiledModel,
  place: string,
  attributes: Attributes,
  samples: ReadonlyMap<number, Detector>,
): Move[] {
  const at = model.states.findIndex(({ transitions }) => transitions.some((each) => each.place === place));
  const state = model.states[at];
  if (state === undefined) return [];
  const text = state.transitions.find((each) => each.place === place)?.condition?.text ?? '';
  const node = parsed(text);
  const read = (node === undefined ? [] : nodesOf(node)).flatMap((each) =>
    each.kind === 'variable' ? [each.name] : [],
  );
  const [own, rich] = [samples.get(at), richest(model, samples)];
  const variablesOf = (detector: Detector | undefined) =>
    Object.fromEntries(detector === undefined ? [] : namedVariables(model, detector));
  // Variables that were never set in this state may have been set in a richer one.
  const base = { ...variablesOf(rich), ...variablesOf(own) };
  const candidates = [...new Set(read)].map((name) => {
    const values = attributes.candidatesOfVariable(name, rich).filter(isValue);
    return { name, values };
  });
  const timers = Object.fromEntries(timersIn(text).map((name) => [name, TIMER]));
  const seeds = new Map<string, Move>();
  const add = (variables: Readonly<Record<string, Value>>) => {
    const id = Object.entries(variables)
      .map(([name, value]) => `${name}=${renderText(value)}`)
      .join(' ');
    if (seeds.size < MOST_SEEDS && !seeds.has(id))
      seeds.set(id, { kind: 'set', wait: 0, stateName: state.name, variables, timers });
  };
  add(base);
  // Single changes first, because most conditions depend on one variable that nothing sets.
  for (const { name, values } of candidates) for (const value of values) add({ ...base, [name]: value });
  for (const [index, one] of candidates.entries())
    for (const other of candidates.slice(index + 1))
      for (const value of one.values)
        for (const otherValue of other.values) add({ ...base, [one.name]: value, [other.name]: otherValue });
  return [...seeds.values()];
}

/** The detector with the most variables. */
function richest(model: CompiledModel, samples: ReadonlyMap<number, Detector>): Detector | undefined {
  const count = (detector: Detector | undefined) =>
    detector === undefined ? -1 : namedVariables(model, detector).length;
  return [...samples.values()].reduce<Detector | undefined>(
    (most, each) => (count(each) > count(most) ? each : most),
    undefined,
  );
}

function timersIn(text: string): string[] {
  return [...text.matchAll(/timeout\(\s*["']([^"']+)["']\s*\)/g)].map(([, name = '']) => name);
}
