import { accessSync, constants, statSync } from 'node:fs';
import { fileTrouble } from './file-trouble.ts';
import { LoadError } from './load-error.ts';

/** Runs `action` on a path. Throws a LoadError with a readable reason when it fails. */
export function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new LoadError(`${path} cannot be read: ${fileTrouble(error)}`, { cause: error });
  }
}

/** Throws LoadError unless the path is a file, or something like it, that may be read. */
export function checkReadable(path: string): void {
  attempt(path, () => {
    if (statSync(path).isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    accessSync(path, constants.R_OK);
  });
}
