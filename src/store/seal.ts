import { crc32 } from 'node:zlib';
import { StoreError } from './store.ts';

const DIGITS = 8;

/**
 * Prefixes a value with a checksum of itself and its key, since LevelDB does not verify its own checksums when reading.
 */
export function seal(key: string, value: string): string {
  return checksum(key, value) + value;
}

/** Returns the original value. Throws StoreError when it was not sealed under that key or has changed. */
export function unseal(key: string, sealed: string): string {
  const value = sealed.slice(DIGITS);
  if (sealed.slice(0, DIGITS) === checksum(key, value)) return value;
  throw new StoreError('CORRUPT', `Row ${key} does not match its checksum. Restore a backup.`);
}

function checksum(key: string, value: string): string {
  return crc32(value, crc32(key)).toString(16).padStart(DIGITS, '0');
}
