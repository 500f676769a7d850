import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type ModelProblem, type ModelRequest, prepareModel, type SimulatedModel } from '../models.ts';

export interface LoadOptions {
  readonly parameters?: ReadonlyMap<string, string>;
  readonly resolve?: ReadonlyMap<string, string>;
  readonly region?: string;
  readonly accountId?: string;
  readonly stackName?: string;
  /** Only these; all when it is empty. */
  readonly names?: readonly string[];
}

export interface LoadedModels {
  readonly models: readonly SimulatedModel[];
  /** What keeps models from running, for people. */
  readonly problems: readonly string[];
}

/** The file cannot be read, or there is no such model: the command was used wrongly. */
export class LoadError extends Error {
  override readonly name = 'LoadError';
}

/** Loads the models that the paths hold, ready to run. Rejects with LoadError. */
export async function loadModels(paths: readonly string[], options: LoadOptions = {}): Promise<LoadedModels> {
  const requests = paths.flatMap(readRequests);
  const wanted = options.names ?? [];
  const names = requests.map(nameOf);
  const missing = wanted.find((name) => !names.includes(name));
  if (missing !== undefined)
    throw new LoadError(`There is no model ${missing}; there are ${names.join(', ')}`);
  const prepared = requests
    .filter((request) => wanted.length === 0 || wanted.includes(nameOf(request)))
    .map((request) => prepareModel(request));
  return {
    models: prepared.flatMap((result) => (result.ok ? [result.model] : [])),
    problems: prepared.flatMap((result) => (result.ok ? [] : result.problems.map(showProblem))),
  };
}

export function showProblem({ modelName, path, message }: ModelProblem): string {
  return `${modelName}${path === '' ? '' : `, ${path}`}: ${message}`;
}

function nameOf(request: ModelRequest): string {
  return 'alarmModelName' in request ? request.alarmModelName : request.detectorModelName;
}

function readRequests(path: string): ModelRequest[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new LoadError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const content = JSON.parse(text);
  if (Array.isArray(content.detectorModels))
    return [...content.detectorModels, ...(content.alarmModels ?? [])];
  if (content.states !== undefined) {
    const detectorModelName = basename(path).split('.')[0] ?? '';
    return [{ detectorModelName, detectorModelDefinition: content }];
  }
  return [content];
}
