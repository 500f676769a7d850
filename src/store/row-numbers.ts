import { randomInt } from 'node:crypto';
import { fnv1aOfBytes, mix } from '../hash.ts';

/** Initial number of places. */
const SMALLEST = 1024;
/** A place has the hash of its key (0 when it is free), the position of the key, and the number. */
const WIDTH = 3;
/** Bytes of a block of keys. */
const BLOCK = 128 * 1024;
/** Bytes before a key, for its length. */
const LENGTH = 4;

/**
 * A number for each of many keys: a hash table with open addressing, wholly outside the heap. In a `Map` the texts of
 * some seconds of commits would become old, and be most of what full garbage collections have to remove.
 */
export class RowNumbers {
  #places = new Int32Array(SMALLEST * WIDTH);
  #size = 0;
  readonly #keys = new Keys();
  /** Random, so that colliding keys are hard to choose. */
  readonly #seed = randomInt(2 ** 32);

  /**
   * Sets the number, a signed 32-bit integer, of the key that is in `bytes` from `from` to `to`. Returns the number
   * before.
   */
  set(bytes: Uint8Array, from: number, to: number, number: number): number | undefined {
    const hash = this.#hash(bytes, from, to);
    let at = this.#find(bytes, from, to, hash);
    const before = this.#places[at] === 0 ? undefined : this.#places[at + 2];
    if (before === undefined) {
      // A third of the places stays free, which keeps searches short.
      if (3 * WIDTH * ++this.#size > 2 * this.#places.length) {
        this.#grow();
        at = this.#find(bytes, from, to, hash);
      }
      this.#places[at] = hash;
      this.#places[at + 1] = this.#keys.add(bytes, from, to);
    }
    this.#places[at + 2] = number;
    return before;
  }

  /** Never 0, which marks a free place. */
  #hash(bytes: Uint8Array, from: number, to: number): number {
    return mix(fnv1aOfBytes(bytes, from, to, this.#seed)) || 1;
  }

  /** The place of the key, or the free place where it belongs. */
  #find(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const places = this.#places;
    const last = places.length / WIDTH - 1;
    for (let place = hash & last; ; place = (place + 1) & last) {
      const at = place * WIDTH;
      const each = places[at];
      if (each === 0 || (each === hash && this.#keys.isAt(places[at + 1] as number, bytes, from, to)))
        return at;
    }
  }

  #grow(): void {
    const before = this.#places;
    const places = new Int32Array(2 * before.length);
    const last = places.length / WIDTH - 1;
    for (let from = 0; from < before.length; from += WIDTH) {
      const hash = before[from] as number;
      if (hash === 0) continue;
      let place = hash & last;
      while (places[place * WIDTH] !== 0) place = (place + 1) & last;
      places.set(before.subarray(from, from + WIDTH), place * WIDTH);
    }
    this.#places = places;
  }
}

/** Keys outside the heap: the length of each, then its bytes. One that is longer than a block has its own. */
class Keys {
  readonly #blocks: Uint8Array[] = [new Uint8Array(BLOCK)];
  #block = 0;
  #end = 0;

  /** Returns the position of the key. */
  add(bytes: Uint8Array, from: number, to: number): number {
    const length = to - from;
    if (this.#end + LENGTH + length > (this.#blocks[this.#block] as Uint8Array).length)
      this.#next(LENGTH + length);
    const block = this.#blocks[this.#block] as Uint8Array;
    const position = this.#block * BLOCK + this.#end;
    for (let shift = 0; shift < 8 * LENGTH; shift += 8) block[this.#end++] = length >>> shift;
    for (let at = from; at < to; at++) block[this.#end++] = bytes[at] as number;
    return position;
  }

  isAt(position: number, bytes: Uint8Array, from: number, to: number): boolean {
    const block = this.#blocks[Math.floor(position / BLOCK)] as Uint8Array;
    let place = position % BLOCK;
    let length = 0;
    for (let shift = 0; shift < 8 * LENGTH; shift += 8) length |= (block[place++] as number) << shift;
    if (length !== to - from) return false;
    for (let at = from; at < to; at++) if (block[place++] !== bytes[at]) return false;
    return true;
  }

  /** Continues with a block that has room for so many bytes. */
  #next(bytes: number): void {
    this.#block = this.#blocks.push(new Uint8Array(Math.max(BLOCK, bytes))) - 1;
    this.#end = 0;
  }
}
