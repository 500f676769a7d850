import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeTrouble } from '../load/file-trouble.ts';
import { CommandError } from '../server/usage-error.ts';

/**
 * Writes texts into a folder, which need not exist; of two with the same path the first is used. Throws CommandError.
 */
export function writeFiles(
  folder: string,
  files: readonly { readonly path: string; readonly text: string }[],
): void {
  const written = new Set<string>();
  for (const { path, text } of files) {
    if (written.has(path)) continue;
    written.add(path);
    const target = join(folder, path);
    try {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text);
    } catch (cause) {
      throw new CommandError(`${target} cannot be written: ${writeTrouble(cause)}`, { cause });
    }
  }
}
