import { LoadError } from '../load/load-error.ts';
import type { LoadOptions } from '../load/load-models.ts';
import { UsageError } from '../server/usage-error.ts';
import { type PreparedModels, prepareModels } from '../simulate/files/load-models.ts';
import type { SimulatedModel } from '../simulate/models.ts';

/** An option that may be given more than once, one value each time. */
export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** Parses an option `NAME=VALUE` that may be given more than once, with its default an empty map. */
export function pairs(flag: string) {
  return (text: string, before: ReadonlyMap<string, string>): ReadonlyMap<string, string> => {
    const [, key, value] = /^([^=]+)=([\s\S]*)$/.exec(text) ?? [];
    if (key === undefined || value === undefined) throw new UsageError(`${flag} ${text}: must be NAME=VALUE`);
    return new Map([...before, [key, value]]);
  };
}

/**
 * Throws UsageError when standard input, `-` among the paths, is to be read more than once; the second time it would be
 * empty. `isPrompt` if commands are typed there.
 */
export function checkStandardInput(paths: readonly string[], isPrompt = false): void {
  const uses = paths.filter((path) => path === '-').length;
  if (isPrompt && uses > 0)
    throw new UsageError('Commands are typed on standard input: nothing else can come from there (-)');
  if (uses > 1) throw new UsageError('Standard input can be read only once');
}

/** Loads models; undefined, with a message on standard error, when one cannot run. Throws UsageError. */
export function loadOrTell(
  paths: readonly string[],
  options: LoadOptions,
  names: readonly string[] = [],
): readonly SimulatedModel[] | undefined {
  let prepared: PreparedModels;
  try {
    prepared = prepareModels(paths, options, names);
  } catch (error) {
    if (error instanceof LoadError) throw new UsageError(error.message);
    throw error;
  }
  if (prepared.problems.length === 0) return prepared.models;
  for (const problem of prepared.problems) process.stderr.write(`tripline: ${problem}\n`);
  return undefined;
}
