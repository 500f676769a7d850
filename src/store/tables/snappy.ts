import { Cursor } from './cursor.ts';

/**
 * What Snappy has compressed: the length of the text, then pieces of it. The two low bits of a piece's first byte tell
 * its kind: 0 for bytes that follow, otherwise a copy of what came before, with so many bytes of distance. Throws
 * RangeError for what Snappy cannot have written.
 */
export function uncompress(compressed: Buffer): Buffer {
  const input = new Cursor(compressed);
  const output = Buffer.alloc(input.varint());
  let at = 0;
  while (!input.isAtEnd) {
    const tag = input.byte();
    const [kind, high] = [tag & 3, tag >> 2];
    if (kind === 0) {
      // From 60 on it says how many bytes the length has.
      const length = high < 60 ? high : input.take(high - 59).readUIntLE(0, high - 59);
      const text = input.take(length + 1);
      text.copy(output, at);
      at += text.length;
      continue;
    }
    const [length, distance] =
      kind === 1
        ? [(high & 7) + 4, ((high >> 3) << 8) | input.byte()]
        : kind === 2
          ? [high + 1, input.take(2).readUInt16LE()]
          : [high + 1, input.take(4).readUInt32LE()];
    if (distance === 0 || distance > at)
      throw new RangeError(`a copy of what is ${distance} bytes before ${at}`);
    // Byte by byte: a copy may go on into what it copies.
    for (const end = at + length; at < end; at++) output[at] = output[at - distance] as number;
  }
  if (at !== output.length) throw new RangeError(`${at} bytes in place of ${output.length}`);
  return output;
}
