import type { Value } from '../expression/value.ts';
import type { CompiledModel } from '../model/compiled.ts';
import { emptyDetector } from './detector.ts';
import type { Detector, MutableDetector, Timer } from './types.ts';
import { NO_VARIABLES, namedVariables } from './variables.ts';

/**
 * Converts a detector to another version of its model. Keeps the state, the variables, the attributes that both
 * versions read, and the timers that the new version mentions, with their deadlines. Runs no events. Returns undefined
 * when the new version lacks the detector's state.
 */
export function carryOver(
  from: CompiledModel,
  to: CompiledModel,
  detector: Detector,
): MutableDetector | undefined {
  const state = to.statePlaces.get(from.states[detector.state]?.name ?? '');
  if (state === undefined) return undefined;
  const timers = detector.timers.flatMap((timer): Timer[] => {
    const place = to.timers.places.get(timer.name);
    return place === undefined ? [] : [{ ...timer, place }];
  });
  const others = new Map<string, Value>();
  const named: [place: number, value: Value][] = [];
  for (const [name, value] of namedVariables(from, detector)) {
    const place = to.variables.get(name);
    if (place === undefined) others.set(name, value);
    else named.push([place, value]);
  }
  const otherVariables = others.size === 0 ? NO_VARIABLES : others;
  const { createdBy, creationTime, lastUpdateTime } = detector;
  const carried = emptyDetector(to, {
    state,
    timers,
    otherVariables,
    createdBy,
    creationTime,
    lastUpdateTime,
  });
  for (const [place, value] of named) carried.put(place, value);
  for (const [name, place] of to.attributePlaces) {
    const before = from.attributePlaces.get(name);
    if (before !== undefined) carried.put(place, detector.at(before));
  }
  return carried;
}

/**
 * The attributes that `to` reads from inputs of both versions and that detectors of `from` have not stored. They are
 * undefined until the next message on their input.
 */
export function attributesNotKept(from: CompiledModel, to: CompiledModel): string[] {
  return to.inputNames.flatMap((inputName, input) =>
    from.inputs.has(inputName)
      ? (to.attributes[input] ?? []).flatMap(({ name }) => (from.attributePlaces.has(name) ? [] : [name]))
      : [],
  );
}
