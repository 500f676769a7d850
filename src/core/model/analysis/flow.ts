import type { DetectorModelDefinition } from '../definition.ts';
import type { Subject } from './subject.ts';

/** A set of names, of variables that are set or timers that run. */
export type Names = ReadonlySet<string>;

/** The names that one diagnostic tracks along paths through the model. */
export interface Facts {
  /** The names after a transition's actions and onExit, given those on entering the state. */
  readonly leave: (stateIndex: number, transition: number, entering: Names) => Names;
  /** Whether to follow a transition; by default all are followed. */
  readonly follows?: (from: number, to: number) => boolean;
}

/**
 * For each reachable state, the names that may hold on entering it: the union over all paths to it. A state is
 * revisited when names are added to it; names are never removed, so this terminates.
 */
export function entering(
  { definition }: Subject,
  { leave, follows = () => true }: Facts,
): ReadonlyMap<number, Names> {
  const places = placesOf(definition);
  const initial = places.get(definition.initialStateName);
  const known = new Map<number, Set<string>>();
  if (initial === undefined) return known;
  known.set(initial, new Set());
  const waiting = new Set([initial]);
  for (const from of waiting) {
    waiting.delete(from);
    const entered = known.get(from) ?? new Set();
    for (const [n, { nextState }] of transitionsOf(definition, from).entries()) {
      const to = places.get(nextState);
      if (to === undefined || !follows(from, to)) continue;
      const before = known.get(to);
      const after = before ?? new Set<string>();
      const { size } = after;
      for (const name of leave(from, n, entered)) after.add(name);
      known.set(to, after);
      if (before === undefined || after.size > size) waiting.add(to);
    }
  }
  return known;
}

/** The length of the shortest path to each state, in transitions; unreachable states are absent. */
export function distances({ definition }: Subject): ReadonlyMap<number, number> {
  const places = placesOf(definition);
  const initial = places.get(definition.initialStateName);
  const found = new Map<number, number>(initial === undefined ? [] : [[initial, 0]]);
  for (const [from, distance] of found)
    for (const { nextState } of transitionsOf(definition, from)) {
      const to = places.get(nextState);
      if (to !== undefined && !found.has(to)) found.set(to, distance + 1);
    }
  return found;
}

function transitionsOf({ states }: DetectorModelDefinition, index: number) {
  return states[index]?.onInput?.transitionEvents ?? [];
}

/** Maps names to indexes. When states share a name, the first one counts. */
function placesOf({ states }: DetectorModelDefinition): Map<string, number> {
  const places = new Map<string, number>();
  for (const [index, { stateName }] of states.entries())
    if (!places.has(stateName)) places.set(stateName, index);
  return places;
}
