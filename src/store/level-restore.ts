import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BatchOperation, ClassicLevel } from 'classic-level';
import type { RawRow } from './backup.ts';
import { storeError } from './level-errors.ts';
import { FORMAT_KEY } from './level-format.ts';
import { makeDirectory } from './make-directory.ts';
import { StoreError } from './store.ts';

/** Rows in one write. */
const CHUNK = 500;

/**
 * Creates a database from the rows returned by `dump`, in a directory that does not exist or is empty, such as a mount
 * point. The format number is written last: until then no server opens the directory. Everything is removed on failure.
 * Resolves with the number of rows; rejects with StoreError.
 */
export async function restoreLevelStore(directory: string, rows: AsyncIterable<RawRow>): Promise<number> {
  const entries = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw storeError(error, `The data directory ${directory} cannot be read`);
  });
  // A newly made file system contains this directory.
  if (entries?.some((name) => name !== 'lost+found')) {
    const message = `The data directory ${directory} is not empty; name one that does not exist yet`;
    throw new StoreError('IN_USE', message);
  }
  try {
    await makeDirectory(directory);
    return await build(directory, rows);
  } catch (error) {
    for (const name of await readdir(directory).catch(() => []))
      if (name !== 'lost+found') await rm(join(directory, name), { recursive: true, force: true });
    if (entries === undefined) await rm(directory, { recursive: true, force: true });
    throw error instanceof StoreError
      ? error
      : storeError(error, `The data directory ${directory} cannot be created`);
  }
}

async function build(directory: string, rows: AsyncIterable<RawRow>): Promise<number> {
  const db = new ClassicLevel<string, Buffer>(directory, { keyEncoding: 'utf8', valueEncoding: 'buffer' });
  await db.open();
  try {
    let count = 0;
    let format: Buffer | undefined;
    let batch: BatchOperation<typeof db, string, Buffer>[] = [];
    for await (const [key, value] of rows) {
      count++;
      if (key === FORMAT_KEY) format = value;
      else batch.push({ type: 'put', key, value });
      if (batch.length < CHUNK) continue;
      await db.batch(batch);
      batch = [];
    }
    if (format === undefined) throw new StoreError('CORRUPT', 'The backup cannot be used: it has no format');
    // This write is synced, which makes all earlier ones durable too.
    await db.batch([...batch, { type: 'put', key: FORMAT_KEY, value: format }], { sync: true });
    return count;
  } finally {
    await db.close();
  }
}
