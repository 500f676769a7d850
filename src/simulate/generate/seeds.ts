import type { Detector } from '../../core/detector/types.ts';
import { namedVariables } from '../../core/detector/variables.ts';
import { isValue, renderText, type Value } from '../../core/expression/value.ts';
import type { CompiledModel } from '../../core/model/compiled.ts';
import type { Attributes } from './attributes.ts';
import { nodesOf, parsed } from './expressions.ts';
import type { Move } from './moves.ts';

const MOST_SEEDS = 40;
/** Seconds for which a timer runs that a condition waits for. */
const TIMER = 60;

/**
 * Ways to put a detector where a transition may be taken: into its state, with the variables that a detector had there or
 * elsewhere (`samples`, by state), and those that its condition reads with values around which its outcome turns.
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
  // What was never set in this state may be set where more has happened.
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
  // One after the other first: most conditions wait for one variable that nothing sets.
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
