import { Cursor } from './cursor.ts';

/**
 * Decompresses Snappy data: the length of the result, then elements. The two low bits of an element's first byte give
 * its kind: 0 for literal bytes, otherwise a copy of earlier output, with a distance of so many bytes. Throws
 * RangeError for anything that Snappy cannot have written.
 */
export function uncompress(compressed: Buffer): Buffer {
  const input = new Cursor(compressed);
  const output = Buffer.alloc(input.varint());
  let at = 0;
  while (!input.isAtEnd) {
    const tag = input.byte();
    const [kind, high] = [tag & 3, tag >> 2];
    if (kind === 0) {
      // From 60 on it is the number of bytes that hold the length.
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
    if (distance === 0 || distance > at) throw new RangeError(`a copy from ${distance} bytes before ${at}`);
    // Byte by byte, since a copy may overlap its own output.
    for (const end = at + length; at < end; at++) output[at] = output[at - distance] as number;
  }
  if (at !== output.length) throw new RangeError(`${at} bytes in place of ${output.length}`);
  return output;
}
