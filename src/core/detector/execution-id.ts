import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * A name-based UUID (RFC 9562, version 3: MD5). The same name gives the same id on every retry and after every restart
 * (reference: questions Q-EXECID).
 */
export function uuidFromName(name: string): string {
  const bytes = md5(utf8ToBytes(name)).slice();
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x30;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytesToHex(bytes);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return parts.join('-');
}
