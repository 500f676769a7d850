import { uncountedMemory } from '../uncounted-memory.ts';

/** Entries, or bytes, of a block. */
const BLOCK = 16 * 1024;
/**
 * Blocks to keep for what comes next when the oldest are gone, since only a full garbage collection would free their memory:
 * where as much leaves as arrives, nothing is allocated.
 */
const MOST_SPARE = 64;

type Column = Int32Array | Float64Array;

interface ColumnType {
  readonly BYTES_PER_ELEMENT: number;
  new (memory: SharedArrayBuffer): Column;
}

/**
 * Numbers in order of arrival, in typed arrays: nothing is moved as it grows, and the garbage collector does not see
 * the entries.
 */
export class NumberQueue {
  readonly #Type: ColumnType;
  readonly #blocks: Column[] = [];
  #spare: Column | undefined;
  /** The place of the oldest in the first block, and the one after the newest in the last block. */
  #first = 0;
  #end = BLOCK;

  constructor(Type: ColumnType) {
    this.#Type = Type;
  }

  get length(): number {
    return (this.#blocks.length - 1) * BLOCK + this.#end - this.#first;
  }

  /** The entry after the `index` oldest ones; undefined when there is none. */
  at(index: number): number | undefined {
    if (index >= this.length) return undefined;
    const place = this.#first + index;
    return this.#blocks[Math.floor(place / BLOCK)]?.[place % BLOCK];
  }

  push(entry: number): void {
    if (this.#end === BLOCK) {
      this.#blocks.push(this.#spare ?? new this.#Type(uncountedMemory(BLOCK * this.#Type.BYTES_PER_ELEMENT)));
      this.#spare = undefined;
      this.#end = 0;
    }
    (this.#blocks.at(-1) as Column)[this.#end++] = entry;
  }

  /** Removes and returns the newest; there must be one. */
  pop(): number {
    const entry = this.#blocks.at(-1)?.[--this.#end] as number;
    if (this.#end === 0) {
      this.#blocks.pop();
      this.#end = BLOCK;
    }
    return entry;
  }

  /** Removes and returns the oldest; there must be one. */
  shift(): number {
    const entry = this.#blocks[0]?.[this.#first++] as number;
    if (this.#first === BLOCK) {
      this.#spare = this.#blocks.shift();
      this.#first = 0;
    }
    return entry;
  }
}

/** Texts in order of arrival as UTF-8 outside the heap, each at a position that never changes. */
export class TextQueue {
  readonly #blocks: Buffer[] = [];
  readonly #spare: Buffer[] = [];
  /** The position at which the first block begins. */
  #begin = 0;
  #end = 0;

  /** The position after the newest text. */
  get end(): number {
    return this.#end;
  }

  /** Copies a text in UTF-8. */
  push(text: Uint8Array): void {
    for (let done = 0; done < text.length; ) {
      const used = (this.#end - this.#begin) % BLOCK;
      if (used === 0) this.#blocks.push(this.#spare.pop() ?? Buffer.from(uncountedMemory(BLOCK)));
      const part = text.subarray(done, done + BLOCK - used);
      (this.#blocks.at(-1) as Buffer).set(part, used);
      done += part.length;
      this.#end += part.length;
    }
  }

  /** The bytes between two positions. */
  read(from: number, to: number): Buffer {
    const first = Math.floor((from - this.#begin) / BLOCK);
    const blocks = this.#blocks.slice(first, Math.ceil((to - this.#begin) / BLOCK));
    const begin = this.#begin + first * BLOCK;
    return Buffer.concat(blocks).subarray(from - begin, to - begin);
  }

  /** Frees what is before a position. */
  dropBefore(position: number): void {
    for (; this.#begin + BLOCK <= position; this.#begin += BLOCK) {
      const block = this.#blocks.shift() as Buffer;
      if (this.#spare.length < MOST_SPARE) this.#spare.push(block);
    }
  }
}
