import { expect, test } from 'vitest';
import { crc32c } from './crc32c.ts';

// RFC 3720, appendix B.4, and the usual check value.
test.each([
  [Buffer.from('123456789'), 0xe306_9283],
  [Buffer.alloc(32), 0x8a91_36aa],
  [Buffer.alloc(32, 0xff), 0x62a8_ab43],
  [Buffer.from(Array.from({ length: 32 }, (_, n) => n)), 0x46dd_794e],
  [Buffer.alloc(0), 0],
])('CRC-32C of %j', (bytes, sum) => {
  expect(crc32c(bytes) >>> 0).toBe(sum);
});
