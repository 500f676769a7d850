import { randomInt } from 'node:crypto';
import { fnv1a, mix } from '../hash.ts';

/** Initial number of places. */
const SMALLEST = 1024;
/** A place has the hash of its key (0 when it is free), the position of the key's text, and the number. */
const WIDTH = 3;
/** UTF-16 units of a block of texts. */
const BLOCK = 64 * 1024;

/**
 * A number for each of many keys: a hash table with open addressing, wholly outside the heap. In a `Map` the texts of
 * some seconds of commits would become old, and be most of what full garbage collections have to remove.
 */
export class RowNumbers {
  #places = new Int32Array(SMALLEST * WIDTH);
  #size = 0;
  readonly #texts = new Texts();
  /** Random, so that colliding keys are hard to choose. */
  readonly #seed = randomInt(2 ** 32);

  /** `number` is a signed 32-bit integer. Returns the one before. */
  set(key: string, number: number): number | undefined {
    const hash = this.#hash(key);
    let at = this.#find(key, hash);
    const before = this.#places[at] === 0 ? undefined : this.#places[at + 2];
    if (before === undefined) {
      // A third of the places stays free, which keeps searches short.
      if (3 * WIDTH * ++this.#size > 2 * this.#places.length) {
        this.#grow();
        at = this.#find(key, hash);
      }
      this.#places[at] = hash;
      this.#places[at + 1] = this.#texts.add(key);
    }
    this.#places[at + 2] = number;
    return before;
  }

  /** Never 0, which marks a free place. */
  #hash(key: string): number {
    return mix(fnv1a(key, this.#seed)) || 1;
  }

  /** The place of the key, or the free place where it belongs. */
  #find(key: string, hash: number): number {
    const places = this.#places;
    const last = places.length / WIDTH - 1;
    for (let place = hash & last; ; place = (place + 1) & last) {
      const at = place * WIDTH;
      const each = places[at];
      if (each === 0 || (each === hash && this.#texts.isAt(places[at + 1] as number, key))) return at;
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

/** Texts as UTF-16 outside the heap: the length in two units, then the text. One that is longer than a block has its own. */
class Texts {
  readonly #blocks: Uint16Array[] = [new Uint16Array(BLOCK)];
  #block = 0;
  #end = 0;

  /** Returns the position of the text. */
  add(text: string): number {
    const length = text.length + 2;
    if (this.#end + length > (this.#blocks[this.#block] as Uint16Array).length) this.#next(length);
    const block = this.#blocks[this.#block] as Uint16Array;
    const position = this.#block * BLOCK + this.#end;
    block[this.#end++] = text.length >>> 16;
    block[this.#end++] = text.length;
    for (let at = 0; at < text.length; at++) block[this.#end++] = text.charCodeAt(at);
    return position;
  }

  isAt(position: number, text: string): boolean {
    const block = this.#blocks[Math.floor(position / BLOCK)] as Uint16Array;
    let from = position % BLOCK;
    if (((block[from++] as number) << 16) + (block[from++] as number) !== text.length) return false;
    for (let at = 0; at < text.length; at++) if (block[from++] !== text.charCodeAt(at)) return false;
    return true;
  }

  /** Continues with a block that has room for so many units. */
  #next(units: number): void {
    this.#block = this.#blocks.push(new Uint16Array(Math.max(BLOCK, units))) - 1;
    this.#end = 0;
  }
}
