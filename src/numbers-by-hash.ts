import { uncountedMemory } from './uncounted-memory.ts';

/** Initial number of places. */
const SMALLEST = 16;
/** Number of places from which on V8 would keep an array outside the heap anyway, and count it. */
const LARGE = 1024;

/**
 * A multimap from hashes to numbers, both signed 32-bit integers in typed arrays, which the garbage collector does not
 * look into. 0 is not a valid hash. Open addressing: hashes, 0 for a free place; the numbers are in a separate array, since
 * most lookups need only the hashes.
 */
export class NumbersByHash {
  #hashes = integers(SMALLEST);
  #numbers = integers(SMALLEST);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(hash: number, number: number): void {
    // At least half of the places stay free, which keeps searches short.
    if (2 * (this.#size + 1) > this.#hashes.length) this.#resize(2 * this.#hashes.length);
    this.#put(hash, number);
    this.#size++;
  }

  /** Removes an entry, which must exist. */
  delete(hash: number, number: number): void {
    const hashes = this.#hashes;
    const numbers = this.#numbers;
    const last = hashes.length - 1;
    let gap = hash & last;
    while (hashes[gap] !== hash || numbers[gap] !== number) {
      if (hashes[gap] === 0) throw new RangeError('There is no such entry');
      gap = (gap + 1) & last;
    }
    // Later entries of the cluster move up, so that a search can still stop at the first free place.
    for (let at = (gap + 1) & last; hashes[at] !== 0; at = (at + 1) & last) {
      const each = hashes[at] as number;
      if (((at - each) & last) < ((at - gap) & last)) continue;
      hashes[gap] = each;
      numbers[gap] = numbers[at] as number;
      gap = at;
    }
    hashes[gap] = 0;
    this.#size--;
    if (last >= SMALLEST && 8 * this.#size < last) this.#resize((last + 1) / 2);
  }

  has(hash: number): boolean {
    const hashes = this.#hashes;
    const last = hashes.length - 1;
    for (let at = hash & last; hashes[at] !== 0; at = (at + 1) & last) if (hashes[at] === hash) return true;
    return false;
  }

  numbersOf(hash: number): number[] {
    const found: number[] = [];
    const hashes = this.#hashes;
    const last = hashes.length - 1;
    for (let at = hash & last; hashes[at] !== 0; at = (at + 1) & last)
      if (hashes[at] === hash) found.push(this.#numbers[at] as number);
    return found;
  }

  /** All numbers, in no particular order. */
  all(): number[] {
    const found: number[] = [];
    for (let at = 0; at < this.#hashes.length; at++)
      if (this.#hashes[at] !== 0) found.push(this.#numbers[at] as number);
    return found;
  }

  #put(hash: number, number: number): void {
    const hashes = this.#hashes;
    const last = hashes.length - 1;
    let at = hash & last;
    while (hashes[at] !== 0) at = (at + 1) & last;
    hashes[at] = hash;
    this.#numbers[at] = number;
  }

  #resize(length: number): void {
    const [hashes, numbers] = [this.#hashes, this.#numbers];
    this.#hashes = integers(length);
    this.#numbers = integers(length);
    for (let at = 0; at < hashes.length; at++)
      if (hashes[at] !== 0) this.#put(hashes[at] as number, numbers[at] as number);
  }
}

function integers(length: number): Int32Array {
  return length < LARGE
    ? new Int32Array(length)
    : new Int32Array(uncountedMemory(length * Int32Array.BYTES_PER_ELEMENT));
}
