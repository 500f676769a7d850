import { readFileSync } from 'node:fs';
import { fileTrouble } from '../load/file-trouble.ts';
import { UsageError } from './usage-error.ts';

/** The content of a file that a flag names. Throws UsageError when it cannot be read. */
export function readSettingFile(flag: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`${flag} ${path} cannot be used: ${fileTrouble(error)}`, { cause: error });
  }
}
