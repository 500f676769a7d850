import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes a directory and those above it that are missing. Rejects with the system's error. Node's own `recursive` never
 * ends where a folder cannot have another one although it is there, as in /proc.
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
    // Whatever keeps it from being looked at keeps it from being used; making it says what that is.
    return false;
  }
}
