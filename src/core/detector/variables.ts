import type { Value } from '../expression/value.ts';
import type { CompiledModel } from '../model/compiled.ts';
import type { Detector } from './types.ts';

/** Shared, because most detectors only have variables of the model. */
export const NO_VARIABLES: ReadonlyMap<string, Value> = new Map();

/** The variables that are set, by name: those of the model in its order, then any others. */
export function namedVariables(model: CompiledModel, detector: Detector): [name: string, value: Value][] {
  const named: [string, Value][] = [];
  for (const [name, place] of model.variables) {
    const value = detector.at(place) as Value | undefined;
    if (value !== undefined) named.push([name, value]);
  }
  named.push(...detector.otherVariables);
  return named;
}
