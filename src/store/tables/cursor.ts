/** Reads LevelDB's encodings in sequence. Throws RangeError when a read goes past the end. */
export class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** A variable-length number, seven bits in each byte. */
  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      // Multiplied instead of shifted, since it may exceed 32 bits.
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new RangeError('the next byte is beyond the end');
    return byte;
  }

  take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError(`the next ${length} bytes go beyond the end`);
    const piece = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return piece;
  }
}
