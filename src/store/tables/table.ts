import { maskedCrc32c } from './crc32c.ts';
import { Cursor } from './cursor.ts';
import { uncompress } from './snappy.ts';

/*
 * A LevelDB table is a file that is written once:
 *
 *     data blocks | filter block | metaindex block | index block | footer
 *
 * Each block is followed by a byte for its compression and a checksum of both. The index has the locations of the data
 * blocks, the metaindex that of the filter; the footer has the locations of these two and ends with a magic number.
 */
const FOOTER = 48;
const MAGIC = Buffer.from('57fb808b247547db', 'hex');
/** Size of the compression byte and the checksum after a block. */
const TRAILER = 5;
const PLAIN = 0;
const SNAPPY = 1;

/** A range of bytes in a file; `to` is exclusive. */
export interface Part {
  readonly from: number;
  readonly to: number;
}

/** The first damaged part of a table; undefined when there is none. */
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

/** The index and the metaindex; undefined when the footer is damaged. */
function readFooter(table: Buffer, footer: Part): readonly Part[] | undefined {
  const bytes = table.subarray(footer.from);
  if (!bytes.subarray(-MAGIC.length).equals(MAGIC)) return undefined;
  try {
    const cursor = new Cursor(bytes);
    const [metaindex, index] = [readPart(cursor), readPart(cursor)];
    // The footer has no checksum, but the three parts must be adjacent.
    return metaindex.to === index.from && index.to === footer.from ? [index, metaindex] : undefined;
  } catch {
    // The locations are not even numbers.
    return undefined;
  }
}

/** A block with its trailer; a location stores offset and length without the trailer. */
function readPart(cursor: Cursor): Part {
  const from = cursor.varint();
  return { from, to: from + cursor.varint() + TRAILER };
}

function isWhole(table: Buffer, { from, to }: Part): boolean {
  return to <= table.length && maskedCrc32c(table.subarray(from, to - 4)) === table.readUInt32LE(to - 4);
}

/** The blocks named by an index whose checksum is right. */
function partsIn(table: Buffer, { from, to }: Part): Part[] {
  const kind = table[to - TRAILER];
  // An unknown compression is not damage.
  if (kind !== PLAIN && kind !== SNAPPY) return [];
  const stored = table.subarray(from, to - TRAILER);
  const block = kind === SNAPPY ? uncompress(stored) : stored;
  // A block ends with its restart points and their number.
  const restarts = block.readUInt32LE(block.length - 4);
  const entries = new Cursor(block.subarray(0, block.length - 4 - 4 * restarts));
  const parts: Part[] = [];
  while (!entries.isAtEnd) {
    // A key shares its first bytes with the previous key.
    entries.varint();
    const keyLength = entries.varint();
    const valueLength = entries.varint();
    entries.take(keyLength);
    parts.push(readPart(new Cursor(entries.take(valueLength))));
  }
  return parts;
}
