import { crc32 } from 'node:zlib';
import type { BatchOperation, ClassicLevel } from 'classic-level';
import { seal, unseal } from './seal.ts';
import { StoreError } from './store.ts';

type Database = ClassicLevel<string, string>;

const CHECKPOINT_KEY = 'm/checkpoint';
const DIGITS = 16;
const HEADER = 12;
const DELETED = 0xffff_ffff;

/**
 * Formats 1 and 2 kept the journal in rows of the database, `j/<number>`, with the state changes of one commit each:
 *
 *     crc32 of the rest | dropped ranges | changes | per range: from, to | per change: key, value
 *
 * with a 32-bit length before each text. Writes them into the state rows and removes them. An interrupted run is simply
 * repeated, since the journal exists until the last write. Throws StoreError when a record is missing or changed.
 */
export async function takeOverJournal(db: Database, directory: string): Promise<void> {
  const noted = await db.get(CHECKPOINT_KEY);
  const checkpoint = noted === undefined ? 0 : Number(unseal(CHECKPOINT_KEY, noted));
  let last = checkpoint;
  const range = { gt: journalKey(checkpoint), lt: 'j0' };
  for await (const [key, record] of db.iterator<string, Buffer>({ ...range, valueEncoding: 'buffer' })) {
    last++;
    if (key !== journalKey(last)) {
      const missing = `Journal record ${last} is missing in ${directory}, the next one is ${key}`;
      throw new StoreError('CORRUPT', `${missing}. Restore a backup.`);
    }
    const { dropped, changes } = decode(record, `Journal record ${last} in ${directory}`);
    for (const [from, to] of dropped) await db.clear({ gte: `s/${from}`, lt: `s/${to}` });
    await db.batch(changes.map(([key, value]) => operation(`s/${key}`, value)));
  }
  await db.batch([operation(CHECKPOINT_KEY, String(last))], { sync: true });
  await db.clear({ gte: 'j/', lt: 'j0' });
}

function journalKey(number: number): string {
  return `j/${String(number).padStart(DIGITS, '0')}`;
}

function operation(key: string, value: string | null): BatchOperation<Database, string, string> {
  return value === null ? { type: 'del', key } : { type: 'put', key, value: seal(key, value) };
}

type Pair<Second> = readonly [first: string, second: Second];

function decode(record: Buffer, name: string): { dropped: Pair<string>[]; changes: Pair<string | null>[] } {
  if (record.length < HEADER || crc32(record.subarray(4)) !== record.readUInt32LE(0)) {
    throw new StoreError('CORRUPT', `${name} does not match its checksum. Restore a backup.`);
  }
  let at = HEADER;
  const take = () => {
    const length = record.readUInt32LE(at);
    at += 4;
    if (length === DELETED) return null;
    at += length;
    return record.toString('utf8', at - length, at);
  };
  const dropped = Array.from(
    { length: record.readUInt32LE(4) },
    (): Pair<string> => [take() ?? '', take() ?? ''],
  );
  const changes = Array.from(
    { length: record.readUInt32LE(8) },
    (): Pair<string | null> => [take() ?? '', take()],
  );
  return { dropped, changes };
}
