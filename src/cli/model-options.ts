import type { Command } from 'commander';
import { UsageError } from '../server/usage-error.ts';
import { LoadError, type LoadedModels, type LoadOptions, loadModels } from '../simulate/files/load-models.ts';
import type { SimulatedModel } from '../simulate/models.ts';

/** The flags that say what the references of a template stand for. */
export interface ModelFlags {
  readonly parameter?: readonly string[];
  readonly resolve?: readonly string[];
  readonly region?: string;
  readonly accountId?: string;
  readonly stackName?: string;
}

/** An option that may be given more than once, one value each time. */
export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

export function withModelFlags(command: Command): Command {
  return command
    .option('--parameter <K=V>', 'value of a parameter of a template; may be repeated', collect)
    .option('--resolve <REF=VALUE>', 'value of a reference that cannot be resolved; may be repeated', collect)
    .option('--region <region>', 'region of the references')
    .option('--account-id <id>', 'account of the references')
    .option('--stack-name <name>', 'name of the stack');
}

export function loadOptionsOf(flags: ModelFlags): LoadOptions {
  return {
    parameters: pairs('--parameter', flags.parameter),
    resolve: pairs('--resolve', flags.resolve),
    ...(flags.region !== undefined && { region: flags.region }),
    ...(flags.accountId !== undefined && { accountId: flags.accountId }),
    ...(flags.stackName !== undefined && { stackName: flags.stackName }),
  };
}

function pairs(flag: string, given: readonly string[] = []): Map<string, string> {
  return new Map(
    given.map((text) => {
      const at = text.indexOf('=');
      if (at <= 0) throw new UsageError(`${flag} ${text} is not of the form K=V`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** Loads models; undefined when one cannot run, which is said on standard error. Throws UsageError. */
export async function loadOrTell(
  paths: readonly string[],
  options: LoadOptions,
): Promise<readonly SimulatedModel[] | undefined> {
  let loaded: LoadedModels;
  try {
    loaded = await loadModels(paths, options);
  } catch (error) {
    if (error instanceof LoadError) throw new UsageError(error.message);
    throw error;
  }
  if (loaded.problems.length === 0) return loaded.models;
  for (const problem of loaded.problems) process.stderr.write(`tripline: ${problem}\n`);
  return undefined;
}
