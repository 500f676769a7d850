import type { Value } from '../expression/value.ts';
import type { CompiledModel } from '../model/compiled.ts';

/** One for all detectors: most have no variables but those of the model. */
export const NO_VARIABLES: ReadonlyMap<string, Value> = new Map();

/** The variables that are set, by name: those of the model in its order, then any others. */
export function namedVariables(
  model: CompiledModel,
  held: {
    readonly variables: readonly (Value | undefined)[];
    readonly otherVariables: ReadonlyMap<string, Value>;
  },
): [name: string, value: Value][] {
  const named: [string, Value][] = [];
  for (const [place, name] of model.variables.names.entries()) {
    const value = held.variables[place];
    if (value !== undefined) named.push([name, value]);
  }
  named.push(...held.otherVariables);
  return named;
}
