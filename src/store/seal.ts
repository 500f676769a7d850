import { crc32 } from 'node:zlib';
import { StoreError } from './store.ts';

const DIGITS = 8;

/** A value with a checksum of itself and its key in front: LevelDB does not look at its own when it reads. */
export function seal(key: string, value: string): string {
  return checksum(key, value) + value;
}

/** The value back. Throws StoreError when it is not what was sealed under that key. */
export function unseal(key: string, sealed: string): string {
  const value = sealed.slice(DIGITS);
  if (sealed.slice(0, DIGITS) === checksum(key, value)) return value;
  throw new StoreError('CORRUPT', `Row ${key} does not match its checksum. Restore a backup.`);
}

function checksum(key: string, value: string): string {
  return crc32(value, crc32(key)).toString(16).padStart(DIGITS, '0');
}
