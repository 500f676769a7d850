import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Creates a directory and its missing parents. Rejects with the system's error. Node's own `recursive` option hangs
 * where an existing directory cannot have subdirectories, as in /proc.
 */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    const above = dirname(resolve(path));
    if (code !== 'ENOENT' || (await isThere(above))) throw error;
    await makeDirectory(above);
    await makeDirectory(path);
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    // If it cannot be read it cannot be used either; creating it reports the reason.
    return false;
  }
}
