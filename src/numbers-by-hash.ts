import { uncountedMemory } from './uncounted-memory.ts';

/** Initial number of places. */
const SMALLEST = 16;
/** Number of entries from which on V8 would keep an array outside the heap anyway, and count it. */
const LARGE = 1024;
/** A place has a hash, 0 when it is free, and a number: side by side, since one wait for memory then brings both. */
const WIDTH = 2;

/**
 * A multimap from hashes to numbers, both signed 32-bit integers in a typed array, which the garbage collector does not
 * look into. 0 is not a valid hash. Open addressing.
 */
export class NumbersByHash {
  #places = integers(SMALLEST * WIDTH);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(hash: number, number: number): void {
    // At least half of the places stay free, which keeps searches short.
    if (2 * WIDTH * (this.#size + 1) > this.#places.length) this.#resize(2 * this.#places.length);
    this.#put(hash, number);
    this.#size++;
  }

  /** Removes an entry, which must exist. */
  delete(hash: number, number: number): void {
    const places = this.#places;
    const last = places.length - WIDTH;
    let gap = Math.imul(WIDTH, hash) & last;
    while (places[gap] !== hash || places[gap + 1] !== number) {
      if (places[gap] === 0) throw new RangeError('There is no such entry');
      gap = (gap + WIDTH) & last;
    }
    // Later entries of the cluster move up, so that a search can still stop at the first free place.
    for (let at = (gap + WIDTH) & last; places[at] !== 0; at = (at + WIDTH) & last) {
      const each = places[at] as number;
      const first = Math.imul(WIDTH, each) & last;
      if (((at - first) & last) < ((at - gap) & last)) continue;
      places[gap] = each;
      places[gap + 1] = places[at + 1] as number;
      gap = at;
    }
    places[gap] = 0;
    this.#size--;
    if (places.length > SMALLEST * WIDTH && 8 * WIDTH * this.#size < places.length)
      this.#resize(places.length / 2);
  }

  has(hash: number): boolean {
    const places = this.#places;
    const last = places.length - WIDTH;
    for (let at = Math.imul(WIDTH, hash) & last; places[at] !== 0; at = (at + WIDTH) & last)
      if (places[at] === hash) return true;
    return false;
  }

  /** What is at the place where a search for the hash begins: reading it brings that place into the cache. */
  touch(hash: number): number {
    const places = this.#places;
    return places[Math.imul(WIDTH, hash) & (places.length - WIDTH)] as number;
  }

  numbersOf(hash: number): number[] {
    const found: number[] = [];
    const places = this.#places;
    const last = places.length - WIDTH;
    for (let at = Math.imul(WIDTH, hash) & last; places[at] !== 0; at = (at + WIDTH) & last)
      if (places[at] === hash) found.push(places[at + 1] as number);
    return found;
  }

  /** All numbers, in no particular order. */
  all(): number[] {
    const found: number[] = [];
    const places = this.#places;
    for (let at = 0; at < places.length; at += WIDTH)
      if (places[at] !== 0) found.push(places[at + 1] as number);
    return found;
  }

  #put(hash: number, number: number): void {
    const places = this.#places;
    const last = places.length - WIDTH;
    let at = Math.imul(WIDTH, hash) & last;
    while (places[at] !== 0) at = (at + WIDTH) & last;
    places[at] = hash;
    places[at + 1] = number;
  }

  #resize(length: number): void {
    const before = this.#places;
    this.#places = integers(length);
    for (let at = 0; at < before.length; at += WIDTH)
      if (before[at] !== 0) this.#put(before[at] as number, before[at + 1] as number);
  }
}

function integers(length: number): Int32Array {
  return length < LARGE
    ? new Int32Array(length)
    : new Int32Array(uncountedMemory(length * Int32Array.BYTES_PER_ELEMENT));
}
