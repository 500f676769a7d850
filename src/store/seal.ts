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
  throw mismatch(key);
}

/**
 * Like `unseal`, but writes key and original value to `to` as UTF-8, from `at` on, where there must be room, and returns
 * the bytes of each. With many rows the checksum is cheaper of bytes that lie side by side.
 */
export function unsealedBytes(
  key: string,
  sealed: string,
  to: Buffer,
  at: number,
): { readonly key: number; readonly value: number } {
  const ofKey = to.write(key, at);
  const ofValue = to.write(sealed.slice(DIGITS), at + ofKey);
  if (!sealed.startsWith(render(crc32(to.subarray(at, at + ofKey + ofValue))))) throw mismatch(key);
  return { key: ofKey, value: ofValue };
}

function mismatch(key: string): StoreError {
  return new StoreError('CORRUPT', `Row ${key} does not match its checksum. Restore a backup.`);
}

/** Of key and value in one call, and by table: with millions of rows, half of the time of `toString` and `padStart`. */
function checksum(key: string, value: string): string {
  return render(crc32(key + value));
}

function render(sum: number): string {
  const digits = (shift: number) => BYTES[(sum >>> shift) & 0xff] as string;
  return digits(24) + digits(16) + digits(8) + digits(0);
}

const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
