import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { attempt } from '../../load/attempt.ts';
import { LoadError } from '../../load/load-error.ts';
import type { SimulatedModel } from '../models.ts';
import { isObject } from '../payload.ts';
import { readScenarioFile, type ScenarioFile } from '../scenario/read.ts';
import { prepareModels } from './load-models.ts';
import { validateScenarioFile } from './scenario-schema.ts';
import { parseYaml } from './yaml.ts';

/** A scenario file together with its compiled models. */
export interface LoadedScenarios extends Pick<ScenarioFile, 'scenarios'> {
  readonly path: string;
  readonly models: readonly SimulatedModel[];
  /** The paths that the models were read from. */
  readonly modelPaths: readonly string[];
}

/** A scenario file that cannot be run, because of its grammar or its models. */
export class ScenarioFileError extends Error {
  override readonly name = 'ScenarioFileError';
}

const SCENARIO_FILE = /\.scenario\.(yaml|yml|json)$/;
const NOT_ENTERED = /^(node_modules|\.git|\.terraform)$/;

/** Finds scenario files: files are taken as given, folders are searched. Throws LoadError. */
export function findScenarioFiles(paths: readonly string[]): string[] {
  const found = paths.flatMap((path) => {
    const isFolder = attempt(path, () => statSync(path).isDirectory());
    return isFolder ? search(path) : [path];
  });
  return [...new Set(found)];
}

function search(folder: string): string[] {
  const entries = attempt(folder, () => readdirSync(folder, { withFileTypes: true }));
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_ENTERED.test(entry.name) ? [] : search(path);
    return SCENARIO_FILE.test(entry.name) ? [path] : [];
  });
}

/** Loads a scenario file and its models. Throws ScenarioFileError or LoadError. */
export function loadScenarioFile(path: string): LoadedScenarios {
  const {
    models: names,
    parameters,
    scenarios,
  } = parseScenarioFile(
    path,
    attempt(path, () => readFileSync(path, 'utf8')),
  );
  const modelPaths = names.map((name) => (isAbsolute(name) ? name : join(dirname(path), name)));
  const { models, problems } = prepareOf(path, modelPaths, parameters);
  if (problems.length > 0)
    throw new ScenarioFileError(problems.map((problem) => `${path}: ${problem}`).join('\n'));
  return { path, scenarios, models, modelPaths };
}

/** Throws a ScenarioFileError that names the scenario file when a model's file cannot be read. */
function prepareOf(path: string, modelPaths: readonly string[], parameters: ReadonlyMap<string, string>) {
  try {
    return prepareModels(modelPaths, { parameters });
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    throw new ScenarioFileError(`${path}: ${error.message}`, { cause: error });
  }
}

/** Parses a scenario file. Throws a ScenarioFileError that lists all faults with their lines. */
export function parseScenarioFile(path: string, text: string): ScenarioFile {
  const parsed = parseYaml(text);
  if (!parsed.ok) throw new ScenarioFileError(`${path}:${parsed.line}: ${parsed.message}`);
  const { value, lineOf } = parsed;
  const faults = validateScenarioFile(value).map((fault) => ({ ...fault, shown: showPath(fault.path) }));
  if (faults.length === 0 && isObject(value)) {
    const { file, faults: others } = readScenarioFile(value);
    if (others.length === 0) return file;
    for (const { path: shown, message } of others) faults.push({ path: splitPath(shown), shown, message });
  }
  const lines = faults.map(({ path: at, shown, message }) => {
    return `${path}:${lineOf(at)}: ${shown === '' ? '' : `${shown}: `}${message}`;
  });
  throw new ScenarioFileError([...new Set(lines)].join('\n'));
}

/** `scenarios[0].steps[2].expect` */
function showPath(path: readonly (string | number)[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}

function splitPath(path: string): (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, index, name]) =>
    index === undefined ? (name ?? '') : Number(index),
  );
}
