import { crc32 } from 'node:zlib';
import { type Change, type Changes, StoreError } from './store.ts';

/**
 * The state changes of one commit as one binary record:
 *
 *     crc32 of the rest | number of dropped ranges | number of changes
 *     | per range: from, to | per change: key, value
 *
 * Numbers are 32-bit little-endian, texts UTF-8 after their length; a deleted key has the length 2^32-1.
 */
const HEADER = 12;
const DELETED = 0xffff_ffff;

export type StateChanges = Required<Pick<Changes, 'state' | 'dropState'>>;

export function encodeRecord({ state, dropState }: StateChanges): Buffer {
  let size = HEADER;
  for (const { from, to } of dropState) size += 8 + Buffer.byteLength(from) + Buffer.byteLength(to);
  for (const [key, value] of state) {
    size += 8 + Buffer.byteLength(key) + (value === null ? 0 : Buffer.byteLength(value));
  }
  const record = Buffer.allocUnsafe(size);
  let at = record.writeUInt32LE(dropState.length, 4);
  at = record.writeUInt32LE(state.length, at);
  const put = (text: string) => {
    const length = record.write(text, at + 4);
    record.writeUInt32LE(length, at);
    at += 4 + length;
  };
  for (const { from, to } of dropState) {
    put(from);
    put(to);
  }
  for (const [key, value] of state) {
    put(key);
    if (value === null) at = record.writeUInt32LE(DELETED, at);
    else put(value);
  }
  record.writeUInt32LE(crc32(record.subarray(4)), 0);
  return record;
}

/** Reads a record back; `name` is how an error calls it. */
export function decodeRecord(record: Buffer, name: string): StateChanges {
  if (record.length < HEADER || crc32(record.subarray(4)) !== record.readUInt32LE(0)) {
    throw new StoreError('CORRUPT', `${name} does not match its checksum`);
  }
  let at = HEADER;
  const take = () => {
    const length = record.readUInt32LE(at);
    at += 4;
    if (length === DELETED) return null;
    at += length;
    return record.toString('utf8', at - length, at);
  };
  const drops = Array.from({ length: record.readUInt32LE(4) }, () => ({
    from: take() ?? '',
    to: take() ?? '',
  }));
  const changes = Array.from({ length: record.readUInt32LE(8) }, (): Change => [take() ?? '', take()]);
  return { dropState: drops, state: changes };
}
