/** The effect of each byte on the checksum, alone and followed by one, two and three bytes. */
const ALONE = new Int32Array(256).map((_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0x82f6_3b78 : sum >>> 1;
  return sum;
});
const [BEFORE_ONE, BEFORE_TWO, BEFORE_THREE] = [
  behind(ALONE),
  behind(behind(ALONE)),
  behind(behind(behind(ALONE))),
];

/**
 * The checksum with the Castagnoli polynomial, which LevelDB uses, as a signed number. Node's `zlib.crc32` uses another
 * polynomial.
 */
export function crc32c(bytes: Uint8Array): number {
  const byte = (at: number) => bytes[at] as number;
  let sum = -1;
  let at = 0;
  // Four bytes at a time take half as long as one by one.
  for (const end = bytes.length - 3; at < end; at += 4) {
    sum ^= byte(at) | (byte(at + 1) << 8) | (byte(at + 2) << 16) | (byte(at + 3) << 24);
    sum =
      look(BEFORE_THREE, sum) ^
      look(BEFORE_TWO, sum >>> 8) ^
      look(BEFORE_ONE, sum >>> 16) ^
      look(ALONE, sum >>> 24);
  }
  for (; at < bytes.length; at++) sum = (sum >>> 8) ^ look(ALONE, sum ^ byte(at));
  return ~sum;
}

/** The checksum in the form that LevelDB stores. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const sum = crc32c(bytes);
  return (((sum >>> 15) | (sum << 17)) + 0xa282_ead8) >>> 0;
}

function behind(table: Int32Array): Int32Array {
  return table.map((sum) => (sum >>> 8) ^ look(ALONE, sum));
}

function look(table: Int32Array, index: number): number {
  return table[index & 0xff] as number;
}
