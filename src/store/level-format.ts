import type { ClassicLevel } from 'classic-level';
import { takeOverJournal } from './former-journal.ts';
import { FIRST_WRITE, type Operation } from './numbered-writes.ts';
import { seal, unseal } from './seal.ts';
import { StoreError } from './store.ts';

type Database = ClassicLevel<string, string>;

export const FORMAT_KEY = 'm/format';
/** 1: values without checksums. 2: sealed values, the journal in rows of the database. 3: the journal in its own files. */
const FORMAT = '3';
/** The format of a directory during the migration: only versions that can continue the migration open it. */
const ON_THE_WAY = '1>2';
/** Rows in one write. */
const CHUNK = 500;

/** Migrates the database to this version's format if necessary. Throws StoreError when that is not possible. */
export async function checkFormat(db: Database, directory: string): Promise<void> {
  const format = await db.get(FORMAT_KEY);
  if (format === FORMAT) return;
  if (format === '1' || format === ON_THE_WAY) await sealAll(db);
  if (format === '1' || format === ON_THE_WAY || format === '2') {
    await takeOverJournal(db, directory);
    return begin(db);
  }
  if (format !== undefined) {
    const message = `The data directory ${directory} has format ${format}; this version reads formats 1 to ${FORMAT}`;
    const advice =
      'Install the version that wrote it or a later one, or restore a backup that this version made';
    throw new StoreError('VERSION', `${message}. ${advice}.`);
  }
  for await (const key of db.keys({ limit: 1 })) {
    throw new StoreError(
      'CORRUPT',
      `The data directory ${directory} contains ${key} but no format; restore a backup`,
    );
  }
  await begin(db);
}

async function begin(db: Database): Promise<void> {
  await db.batch([FIRST_WRITE, { type: 'put', key: FORMAT_KEY, value: FORMAT }], { sync: true });
}

/** Adds a checksum to every value. Values that have one are kept, since a kill may have interrupted an earlier run. */
async function sealAll(db: Database): Promise<void> {
  await db.put(FORMAT_KEY, ON_THE_WAY, { sync: true });
  let operations: Operation[] = [];
  const checkpoint = { gte: 'm/checkpoint', lte: 'm/checkpoint' };
  for (const range of [{ gte: 'r/', lt: 'r0' }, { gte: 's/', lt: 's0' }, checkpoint]) {
    for await (const [key, value] of db.iterator(range)) {
      if (isSealed(key, value)) continue;
      operations.push({ type: 'put', key, value: seal(key, value) });
      if (operations.length < CHUNK) continue;
      await db.batch(operations);
      operations = [];
    }
  }
  // This write is synced, which makes all earlier ones durable too.
  await db.batch([...operations, { type: 'put', key: FORMAT_KEY, value: '2' }], { sync: true });
}

function isSealed(key: string, value: string): boolean {
  try {
    unseal(key, value);
    return true;
  } catch {
    // A value of format 1, without a checksum.
    return false;
  }
}
