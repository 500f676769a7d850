import { LoadError } from '../../load/load-error.ts';
import { type Imported, type LoadOptions, loadModels, loadRequests } from '../../load/load-models.ts';
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
  const prepared = prepareImported(loadModels(paths, options), names);
  if (prepared.problems.length > 0 || prepared.models.length > 0) return prepared;
  const none = `There is no detector model and no alarm model in ${paths.join(', ')}`;
  return { models: [], problems: [none] };
}

/** The same for requests that create models. */
export function prepareRequests(requests: readonly object[]): PreparedModels {
  return prepareImported(loadRequests(requests), []);
}

function prepareImported(
  { detectorModels, alarmModels, findings }: Imported,
  names: readonly string[],
): PreparedModels {
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
  // A model with an unresolved reference in place of a list or an object cannot run, though it is no ERROR so far.
  const unresolved = wanted
    .filter((model) => !model.isWellFormed && !errors.some((error) => isAbout(error, model)))
    .flatMap((model) => findings.filter((each) => isAbout(each, model) && each.code === 'unresolved'));
  const prepared = wanted
    .filter(({ isWellFormed }) => isWellFormed)
    .map(({ request }) => prepareModel(request as unknown as ModelRequest));
  const problems = [
    ...[...errors, ...unresolved].map(showFinding),
    ...prepared.flatMap((result) => (result.ok ? [] : result.problems.map(showProblem))),
  ];
  return { models: prepared.flatMap((result) => (result.ok ? [result.model] : [])), problems };
}

type Finding = Imported['findings'][number];

function isAbout({ kind, name }: Finding, model: Imported['detectorModels'][number]): boolean {
  return kind === model.kind && name === model.name;
}

function showFinding({ file, line, message }: Finding): string {
  const place = [file, line].filter((part) => part !== undefined).join(':');
  return place === '' ? message : `${place}: ${message}`;
}

function showProblem({ modelName, path, message }: ModelProblem): string {
  return `${modelName}${path === '' ? '' : `, ${path}`}: ${message}`;
}
