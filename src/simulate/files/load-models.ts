import { LoadError } from '../../load/load-error.ts';
import { type LoadOptions, loadModels } from '../../load/load-models.ts';
import { type ModelProblem, type ModelRequest, prepareModel, type SimulatedModel } from '../models.ts';

export interface PreparedModels {
  readonly models: readonly SimulatedModel[];
  /** Why models cannot run, as messages to users. */
  readonly problems: readonly string[];
}

/**
 * Loads the models in files or folders, in any format that `tripline import` accepts, and compiles them: those in
 * `names`, or all if it is empty. Throws LoadError when a path cannot be read or a name is not found.
 */
export function prepareModels(
  paths: readonly string[],
  options: LoadOptions = {},
  names: readonly string[] = [],
): PreparedModels {
  const { detectorModels, alarmModels, findings } = loadModels(paths, options);
  const found = [...detectorModels, ...alarmModels];
  const missing = names.find((name) => !found.some((model) => model.name === name));
  if (missing !== undefined) {
    const there = found.map(({ name }) => name).join(', ');
    throw new LoadError(
      `There is no model ${missing}; there ${found.length === 1 ? 'is' : 'are'} ${there || 'none'}`,
    );
  }
  const wanted = found.filter(({ name }) => names.length === 0 || names.includes(name));
  // Findings of the analysis are repeated, in our own words, by `prepareModel`.
  const errors = findings.filter(
    ({ level, code }) => level === 'ERROR' && code !== 'analysis' && code !== 'nothing-found',
  );
  // The import has validated the request against the API.
  const prepared = wanted.map(({ request }) => prepareModel(request as unknown as ModelRequest));
  const problems = [
    ...errors.map(({ file, line, message }) =>
      [file, line, ` ${message}`]
        .filter((part) => part !== undefined)
        .join(':')
        .trimStart(),
    ),
    ...prepared.flatMap((result) => (result.ok ? [] : result.problems.map(showProblem))),
  ];
  if (problems.length === 0 && wanted.length === 0)
    problems.push(`There is no detector model and no alarm model in ${paths.join(', ')}`);
  return { models: prepared.flatMap((result) => (result.ok ? [result.model] : [])), problems };
}

export function showProblem({ modelName, path, message }: ModelProblem): string {
  return `${modelName}${path === '' ? '' : `, ${path}`}: ${message}`;
}
