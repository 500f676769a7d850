import { maskedCrc32c } from './crc32c.ts';
import { Cursor } from './cursor.ts';
import { uncompress } from './snappy.ts';

/*
 * A table of LevelDB is a file that is written once:
 *
 *     data blocks | filter block | metaindex block | index block | footer
 *
 * A block is followed by a byte that says how it is compressed, and a checksum of both. The index has the places of the
 * data blocks, the metaindex that of the filter; the footer has the places of these two and ends with a magic number.
 */
const FOOTER = 48;
const MAGIC = Buffer.from('57fb808b247547db', 'hex');
/** The byte and the checksum behind a block. */
const TRAILER = 5;
const PLAIN = 0;
const SNAPPY = 1;

/** Bytes of a file, from the first to the one behind the last. */
export interface Part {
  readonly from: number;
  readonly to: number;
}

/** The first part of a table that is not as it was written. */
export function findDamage(table: Buffer): Part | undefined {
  const footer = { from: Math.max(0, table.length - FOOTER), to: table.length };
  const indexes = readFooter(table, footer);
  if (indexes === undefined) return footer;
  for (const index of indexes) {
    if (!isWhole(table, index)) return index;
    const damaged = partsIn(table, index).find((part) => !isWhole(table, part));
    if (damaged !== undefined) return damaged;
  }
  return undefined;
}

/** The index and the metaindex; undefined when the footer is not as it was written. */
function readFooter(table: Buffer, footer: Part): readonly Part[] | undefined {
  const bytes = table.subarray(footer.from);
  if (!bytes.subarray(-MAGIC.length).equals(MAGIC)) return undefined;
  try {
    const cursor = new Cursor(bytes);
    const [metaindex, index] = [readPart(cursor), readPart(cursor)];
    // It has no checksum, but there is nothing between the three.
    return metaindex.to === index.from && index.to === footer.from ? [index, metaindex] : undefined;
  } catch {
    // Not even numbers.
    return undefined;
  }
}

/** A block with its trailer; a place is noted as an offset and a length without that. */
function readPart(cursor: Cursor): Part {
  const from = cursor.varint();
  return { from, to: from + cursor.varint() + TRAILER };
}

function isWhole(table: Buffer, { from, to }: Part): boolean {
  return to <= table.length && maskedCrc32c(table.subarray(from, to - 4)) === table.readUInt32LE(to - 4);
}

/** The blocks that an index with the right checksum names. */
function partsIn(table: Buffer, { from, to }: Part): Part[] {
  const kind = table[to - TRAILER];
  // A compression that this version does not know is no damage.
  if (kind !== PLAIN && kind !== SNAPPY) return [];
  const stored = table.subarray(from, to - TRAILER);
  const block = kind === SNAPPY ? uncompress(stored) : stored;
  // At the end are places where a search may begin, and how many.
  const restarts = block.readUInt32LE(block.length - 4);
  const entries = new Cursor(block.subarray(0, block.length - 4 - 4 * restarts));
  const parts: Part[] = [];
  while (!entries.isAtEnd) {
    // The first bytes of a key are those of the one before.
    entries.varint();
    const keyLength = entries.varint();
    const valueLength = entries.varint();
    entries.take(keyLength);
    parts.push(readPart(new Cursor(entries.take(valueLength))));
  }
  return parts;
}
