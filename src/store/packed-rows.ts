import type { RowText, StoredRows } from '../stored-rows.ts';
import { uncountedMemory } from '../uncounted-memory.ts';
import { STATE } from './checkpoint.ts';
import { unsealedBytes } from './seal.ts';
import type { Row } from './store.ts';

/**
 * State rows on their way from one thread to another. Texts would be copied one by one, and then once more by the
 * garbage collector, for which they would be most of the heap.
 */
export interface PackedRows {
  /** Each row's key and value, without their checksums, in UTF-8. Shared memory, as below. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  /** For each row where its key and its value end. */
  readonly ends: Int32Array<SharedArrayBuffer>;
}

/** Bytes that a UTF-16 unit takes in UTF-8, at most. */
const WIDEST = 3;
const SMALLEST = 2 * 1024 * 1024;

/** Packs rows as they are in the database, one group after another. */
export class RowPacker {
  #bytes = Buffer.allocUnsafeSlow(SMALLEST);

  /** Throws StoreError when a row does not match its checksum. */
  pack(rows: readonly Row[]): PackedRows {
    const ends = new Int32Array(uncountedMemory(2 * rows.length * Int32Array.BYTES_PER_ELEMENT));
    let at = 0;
    let end = 0;
    for (const [key, sealed] of rows) {
      this.#makeRoom(at, (key.length + sealed.length) * WIDEST);
      const row = unsealedBytes(key, sealed, this.#bytes, at);
      ends[end++] = at + row.key;
      at += row.key + row.value;
      ends[end++] = at;
    }
    const bytes = new Uint8Array(uncountedMemory(at));
    bytes.set(this.#bytes.subarray(0, at));
    return { bytes, ends };
  }

  #makeRoom(used: number, bytes: number): void {
    if (this.#bytes.length - used >= bytes) return;
    const larger = Buffer.allocUnsafeSlow(2 * (used + bytes));
    this.#bytes.copy(larger, 0, 0, used);
    this.#bytes = larger;
  }
}

/** Packed rows that are read one by one. */
export class UnpackedRows implements StoredRows {
  readonly #bytes: Buffer;
  readonly #ends: Int32Array;

  constructor({ bytes, ends }: PackedRows) {
    this.#bytes = Buffer.from(bytes.buffer);
    this.#ends = ends;
  }

  get count(): number {
    return this.#ends.length / 2;
  }

  key(index: number): string {
    return this.#bytes.toString('utf8', this.#endOf(2 * index - 1) + STATE.length, this.#endOf(2 * index));
  }

  value(index: number): RowText {
    return new PackedText(this.#bytes, this.#endOf(2 * index), this.#endOf(2 * index + 1));
  }

  #endOf(place: number): number {
    return place < 0 ? 0 : (this.#ends[place] as number);
  }
}

class PackedText implements RowText {
  readonly #bytes: Buffer;
  readonly #from: number;
  readonly #to: number;

  constructor(bytes: Buffer, from: number, to: number) {
    this.#bytes = bytes;
    this.#from = from;
    this.#to = to;
  }

  get length(): number {
    return this.#to - this.#from;
  }

  charCodeAt(index: number): number {
    return this.#bytes[this.#from + index] as number;
  }

  toString(): string {
    return this.#bytes.toString('utf8', this.#from, this.#to);
  }
}
