import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { maskedCrc32c } from './crc32c.ts';
import { Cursor } from './cursor.ts';

/** A manifest, like every LevelDB log, consists of blocks that no header crosses. */
const BLOCK = 32 * 1024;
/** Checksum of the rest, length of the fragment in two bytes, kind of the fragment. */
const HEADER = 7;
const WHOLE = 1;
const LAST = 4;

/**
 * The tables that make up the database in a directory, with their sizes in bytes. Other table files may exist, left
 * incomplete by a kill; LevelDB removes them. Rejects when the manifest is missing or has unknown fields.
 */
export async function readTables(directory: string): Promise<ReadonlyMap<number, number>> {
  const name = await readFile(join(directory, 'CURRENT'), 'utf8');
  const tables = new Map<number, number>();
  for (const edit of readRecords(await readFile(join(directory, name.trimEnd())))) apply(edit, tables);
  return tables;
}

/** They end where the last write was cut off. Damage in the middle is refused by LevelDB itself. */
function* readRecords(log: Buffer): Generator<Buffer> {
  let fragments: Buffer[] = [];
  for (let at = 0; at + HEADER <= log.length; ) {
    const left = BLOCK - (at % BLOCK);
    if (left < HEADER) {
      at += left;
      continue;
    }
    const end = at + HEADER + log.readUInt16LE(at + 4);
    const checked = log.subarray(at + 6, end);
    if (end > log.length || maskedCrc32c(checked) !== log.readUInt32LE(at)) return;
    const kind = checked[0];
    fragments.push(checked.subarray(1));
    if (kind === WHOLE || kind === LAST) {
      yield Buffer.concat(fragments);
      fragments = [];
    }
    at = end;
  }
}

/** One change to the set of tables, as a list of numbered fields. */
function apply(edit: Buffer, tables: Map<number, number>): void {
  const cursor = new Cursor(edit);
  const skipText = () => cursor.take(cursor.varint());
  while (!cursor.isAtEnd) {
    const field = cursor.varint();
    switch (field) {
      case 1: // name of the key order
        skipText();
        break;
      case 2: // number of the log
      case 3: // number of the next file
      case 4: // number of the last write
      case 9: // number of the previous log
        cursor.varint();
        break;
      case 5: // level and key where the next compaction begins
        cursor.varint();
        skipText();
        break;
      case 6: // level and number of a removed table
        cursor.varint();
        tables.delete(cursor.varint());
        break;
      case 7: // level, number, size, first and last key of a table
        cursor.varint();
        tables.set(cursor.varint(), cursor.varint());
        skipText();
        skipText();
        break;
      default:
        throw new RangeError(`field ${field} of a manifest is not known`);
    }
  }
}
