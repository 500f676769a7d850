import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type Imported, type ImportFile, importTexts } from '../migrate/import.ts';
import type { ImportOptions } from '../migrate/options.ts';
import { attempt } from './attempt.ts';
import { LoadError } from './load-error.ts';

export type { Imported };

export interface LoadOptions extends ImportOptions {
  /** Inputs to create from example messages, each with the path of a JSON file. */
  readonly samples?: readonly { readonly inputName: string; readonly path: string }[];
}

/**
 * Reads models, inputs, alarm models and topic rules in any format that `tripline import` accepts. A path is a file, a
 * folder (searched recursively), or `-` for standard input. Returns the create requests together with the report.
 * Throws LoadError when a path cannot be read, or when a parameter is passed that no file declares.
 */
export function loadModels(paths: readonly string[], options: LoadOptions = {}): Imported {
  const found = paths.flatMap(filesOf);
  const given = found.filter(({ isContext }) => !isContext);
  // Files that were given take precedence over files that only provide context.
  const files = [
    ...new Map([...given, ...found].toReversed().map((file) => [file.path, file])).values(),
  ].toReversed();
  const samples = (options.samples ?? []).map(({ inputName, path }) => ({
    inputName,
    file: { path, text: read(path) },
  }));
  const imported = importTexts({ files, samples, read: readBeside }, options);
  const [undeclared] = imported.undeclared;
  if (undeclared === undefined) return imported;
  throw new LoadError(`--parameter ${undeclared}: no template or module has a parameter of that name`);
}

/** Reads create requests as `loadModels` reads a file that contains them. */
export function loadRequests(requests: readonly object[]): Imported {
  const files = requests.map((request, index) => {
    return { path: `models[${index}]`, text: JSON.stringify(request), isNamed: true };
  });
  return importTexts({ files });
}

/** Folders with generated or third-party files. */
const NOT_ENTERED = /^(node_modules|\.git|\.terraform|asset\..*)$/;
const OF_INTEREST = /\.(json|ya?ml|template|tf)$/;

function filesOf(path: string): ImportFile[] {
  if (path === '-') return [{ path: '-', text: read(0), isNamed: true }];
  const isFolder = attempt(path, () => statSync(path).isDirectory());
  if (isFolder) return [...walk(path)];
  return [{ path: slashed(path), text: read(path), isNamed: true }, ...moduleOf(path)];
}

/** A Terraform file may refer to the other files in its folder. */
function moduleOf(path: string): ImportFile[] {
  if (!/\.tf(\.json)?$/.test(path)) return [];
  const folder = dirname(path);
  return readdirSync(folder)
    .filter((name) => /\.tf(\.json)?$/.test(name) && name !== basename(path))
    .toSorted()
    .flatMap((name) => {
      const beside = folder === '.' && !path.startsWith('.') ? name : `${folder}/${name}`;
      const text = readBeside(beside);
      return text === undefined ? [] : [{ path: slashed(beside), text, isNamed: false, isContext: true }];
    });
}

function* walk(folder: string): Generator<ImportFile> {
  const entries = attempt(folder, () => readdirSync(folder, { withFileTypes: true }));
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = `${folder.replace(/[/\\]$/, '')}/${entry.name}`;
    const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && isFolderBehind(path));
    if (isFolder && !NOT_ENTERED.test(entry.name) && !entry.isSymbolicLink()) yield* walk(path);
    if (!isFolder && OF_INTEREST.test(entry.name))
      yield { path: slashed(path), text: read(path), isNamed: false };
  }
}

/** Links to folders are not followed, because they may form a cycle. */
function isFolderBehind(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? true;
}

function read(path: string | number): string {
  return attempt(path === 0 ? 'standard input' : String(path), () => readFileSync(path, 'utf8'));
}

function readBeside(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The file is optional.
    return undefined;
  }
}

function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}
