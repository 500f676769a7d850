import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { storeError } from '../level-errors.ts';
import { StoreError } from '../store.ts';
import { readTables } from './manifest.ts';
import { findDamage } from './table.ts';

/**
 * Reads all tables of the database in a directory, open or not, and verifies their checksums, which LevelDB does not.
 * Rejects with StoreError for the first damaged one.
 */
export async function checkTables(directory: string): Promise<void> {
  // Without a manifest LevelDB refuses the directory with its own error.
  const tables = await readTables(directory).catch(() => new Map<number, number>());
  for (const [number, size] of tables) {
    const name = `${String(number).padStart(6, '0')}.ldb`;
    const bytes = await readFile(join(directory, name)).catch((error: NodeJS.ErrnoException) => {
      // LevelDB reports a missing table itself, unless another process has just replaced it.
      if (error.code === 'ENOENT') return undefined;
      throw storeError(error, `The file ${name} in ${directory} cannot be read`);
    });
    if (bytes === undefined) continue;
    if (bytes.length < size) throw damaged(`${name} in ${directory} has ${bytes.length} of ${size} bytes`);
    const part = findDamage(bytes.subarray(0, size));
    if (part !== undefined)
      throw damaged(`${name} in ${directory} is damaged between bytes ${part.from} and ${part.to}`);
  }
}

function damaged(what: string): StoreError {
  return new StoreError('CORRUPT', `The file ${what}. Restore a backup.`);
}
