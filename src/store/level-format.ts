import type { ClassicLevel } from 'classic-level';
import { takeOverJournal } from './former-journal.ts';
import { FIRST_WRITE, type Operation } from './numbered-writes.ts';
import { seal, unseal } from './seal.ts';
import { StoreError } from './store.ts';

type Database = ClassicLevel<string, string>;

export const FORMAT_KEY = 'm/format';
/** 1: values without checksums. 2: sealed values, the journal in rows of the database. 3: the journal in its own files. */
const FORMAT = '3';
/** What the directory says while it is taken over: no version but one that can go on opens it. */
const ON_THE_WAY = '1>2';
/** Rows of one write. */
const CHUNK = 500;

/** Sees to it that the database has the format of this version. Throws StoreError when it cannot have. */
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

/** Gives every value its checksum. What has one keeps it: a kill may have cut this off before. */
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
  // The last write is synced, and so makes all before it durable too.
  await db.batch([...operations, { type: 'put', key: FORMAT_KEY, value: '2' }], { sync: true });
}

function isSealed(key: string, value: string): boolean {
  try {
    unseal(key, value);
    return true;
  } catch {
    // A value of format 1, which had no checksum.
    return false;
  }
}
