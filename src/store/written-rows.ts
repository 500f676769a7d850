import { constants } from 'node:buffer';
import type { RowConstant, RowWriter } from '../row-writer.ts';
import type { Change } from './store.ts';

const SMALLEST = 64 * 1024;
/** Bytes beyond which the memory is not kept for the next rows. */
const MOST_KEPT = 4 * 1024 * 1024;
/** UTF-16 units up to which characters are written one by one: less than what a call of the library costs. */
const SHORT = 48;
/** Bytes that a UTF-16 unit takes in UTF-8, at most. */
const WIDEST = 3;
/** In place of the length of a value that is deleted. */
export const DELETED = 0xffff_ffff;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
/** For each character of ASCII, 1 if it is the same in JSON. */
const IS_PLAIN = Uint8Array.from({ length: 0x80 }, (_, code) =>
  Number(code >= 0x20 && code !== QUOTE && code !== BACKSLASH),
);
/** Numbers are split there, so that their digits come from 32-bit integers. */
const SPLIT = 100_000_000;
const SPLIT_DIGITS = 8;

/**
 * Changes of rows as a frame of the journal has them (frame.ts): thousands of rows a second would be most of the strings
 * that a server makes. Can be used again after `clear`.
 */
export class WrittenRows implements RowWriter, Iterable<Change> {
  #bytes = Buffer.allocUnsafeSlow(SMALLEST);
  #size = 0;
  /** Of each key and value in turn, in UTF-16 units; DELETED for none. */
  #lengths = new Uint32Array(1024);
  #texts = 0;
  /** UTF-16 units since the last end of a text. */
  #units = 0;

  get size(): number {
    return this.#size;
  }

  /** Number of changes. */
  get length(): number {
    return this.#texts / 2;
  }

  /** All texts in UTF-8, one after the other; valid until the next change. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#size);
  }

  /** Two for each change; valid until the next one. */
  get lengths(): Uint32Array {
    return this.#lengths.subarray(0, this.#texts);
  }

  clear(): void {
    if (this.#bytes.length > MOST_KEPT) this.#bytes = Buffer.allocUnsafeSlow(SMALLEST);
    this.#size = 0;
    this.#texts = 0;
    this.#units = 0;
  }

  text(text: string): void {
    const { length } = text;
    if (length > SHORT) {
      this.#write(text);
      return;
    }
    this.#makeRoom(length);
    const bytes = this.#bytes;
    const size = this.#size;
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code >= 0x80) {
        this.#write(text);
        return;
      }
      bytes[size + at] = code;
    }
    this.#size = size + length;
    this.#units += length;
  }

  constant({ text, ascii }: RowConstant): void {
    const { length } = ascii;
    if (length === 0) {
      this.text(text);
      return;
    }
    this.#makeRoom(length);
    const bytes = this.#bytes;
    const size = this.#size;
    for (let at = 0; at < length; at++) bytes[size + at] = ascii[at] as number;
    this.#size = size + length;
    this.#units += length;
  }

  json(text: string): void {
    const { length } = text;
    if (length > SHORT) {
      this.text(JSON.stringify(text));
      return;
    }
    this.#makeRoom(length + 2);
    const bytes = this.#bytes;
    const begin = this.#size + 1;
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at);
      if (IS_PLAIN[code] !== 1) {
        this.text(JSON.stringify(text));
        return;
      }
      bytes[begin + at] = code;
    }
    bytes[begin - 1] = QUOTE;
    bytes[begin + length] = QUOTE;
    this.#size = begin + length + 1;
    this.#units += length + 2;
  }

  number(number: number): void {
    if (!Number.isSafeInteger(number) || number < 0) {
      this.text(String(number));
      return;
    }
    this.#makeRoom(2 * SPLIT_DIGITS);
    const before = this.#size;
    if (number < SPLIT) this.#digits(number, digitsOf(number));
    else {
      const high = Math.floor(number / SPLIT);
      this.#digits(high, digitsOf(high));
      this.#digits(number - high * SPLIT, SPLIT_DIGITS);
    }
    this.#units += this.#size - before;
  }

  end(): void {
    this.#addLength(this.#units);
    this.#units = 0;
  }

  deleted(): void {
    this.#addLength(DELETED);
  }

  row(key: string, value: string | null): void {
    this.text(key);
    this.end();
    if (value === null) this.deleted();
    else {
      this.text(value);
      this.end();
    }
  }

  *[Symbol.iterator](): Iterator<Change> {
    const text = this.bytes.toString();
    let from = 0;
    for (let index = 0; index < this.#texts; index += 2) {
      const middle = from + (this.#lengths[index] as number);
      const length = this.#lengths[index + 1] as number;
      const isDeleted = length === DELETED;
      const end = isDeleted ? middle : middle + length;
      yield [text.slice(from, middle), isDeleted ? null : text.slice(middle, end)];
      from = end;
    }
  }

  /** Writes a text that is long or not ASCII. */
  #write(text: string): void {
    this.#makeRoom(text.length * WIDEST);
    this.#size += this.#bytes.write(text, this.#size);
    this.#units += text.length;
  }

  /** Writes the last `count` digits of an integer. */
  #digits(integer: number, count: number): void {
    const bytes = this.#bytes;
    let left = integer | 0;
    for (let at = this.#size + count - 1; at >= this.#size; at--) {
      const rest = (left / 10) | 0;
      bytes[at] = ZERO + left - 10 * rest;
      left = rest;
    }
    this.#size += count;
  }

  #addLength(length: number): void {
    if (this.#texts === this.#lengths.length) {
      const longer = new Uint32Array(2 * this.#texts);
      longer.set(this.#lengths);
      this.#lengths = longer;
    }
    this.#lengths[this.#texts++] = length;
  }

  /** Throws RangeError for more than could be read as one text again. */
  #makeRoom(bytes: number): void {
    const needed = this.#size + bytes;
    if (needed <= this.#bytes.length) return;
    if (needed > constants.MAX_STRING_LENGTH) throw new RangeError('Invalid string length');
    const larger = Buffer.allocUnsafeSlow(Math.min(2 * needed, constants.MAX_STRING_LENGTH));
    this.#bytes.copy(larger, 0, 0, this.#size);
    this.#bytes = larger;
  }
}

/** How many digits an integer below 2^31 has. */
function digitsOf(integer: number): number {
  let count = 1;
  for (let bound = 10; bound <= integer; bound *= 10) count++;
  return count;
}
