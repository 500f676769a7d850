import { fnv1a, mix } from '../../hash.ts';

interface Keyed {
  readonly keyValue: string | undefined;
}

const SMALLEST = 4;

/** A hash of a key value, never 0. `seed` is 32 bits, different in each process, so that colliding keys are hard to find. */
export function hashOfKey(keyValue: string | undefined, seed: number): number {
  return mix(fnv1a(keyValue ?? '', seed)) || 1;
}

/**
 * A hash table of items by key, with open addressing. With a million detectors a lookup is bound by memory latency, and
 * this one touches less memory than a `Map`: the item itself has the key, and comparing the stored hash, which is 0 for
 * a free place, nearly always suffices.
 */
export class KeyTable<T extends Keyed> {
  #items = new Array<T | undefined>(SMALLEST).fill(undefined);
  #hashes = new Int32Array(SMALLEST);
  #size = 0;
  readonly #seed: number;

  /** `seed`: see `hashOfKey`. */
  constructor(seed: number) {
    this.#seed = seed;
  }

  get size(): number {
    return this.#size;
  }

  get(keyValue: string | undefined): T | undefined {
    const key = keyValue ?? '';
    return this.#items[this.#find(key, hashOfKey(key, this.#seed))];
  }

  /** All items, in no particular order. */
  values(): T[] {
    return this.#items.filter((item) => item !== undefined);
  }

  /** Adds an item, replacing the one with the same key. */
  set(item: T): void {
    const key = item.keyValue ?? '';
    const hash = hashOfKey(key, this.#seed);
    let at = this.#find(key, hash);
    if (this.#hashes[at] === 0) {
      // Keep a quarter free, so that probe sequences stay short.
      if (4 * (this.#size + 1) > 3 * this.#items.length) {
        this.#grow();
        at = this.#find(key, hash);
      }
      this.#size++;
    }
    this.#items[at] = item;
    this.#hashes[at] = hash;
  }

  delete(keyValue: string | undefined): void {
    const key = keyValue ?? '';
    let gap = this.#find(key, hashOfKey(key, this.#seed));
    if (this.#hashes[gap] === 0) return;
    const last = this.#items.length - 1;
    // Move up later items of the probe sequence, so that a search may still stop at the first free place.
    for (let at = (gap + 1) & last; this.#hashes[at] !== 0; at = (at + 1) & last) {
      const hash = this.#hashes[at] as number;
      if (((at - hash) & last) < ((at - gap) & last)) continue;
      this.#items[gap] = this.#items[at];
      this.#hashes[gap] = hash;
      gap = at;
    }
    this.#items[gap] = undefined;
    this.#hashes[gap] = 0;
    this.#size--;
  }

  /** The position of the item, or the free position where it belongs. */
  #find(key: string, hash: number): number {
    const items = this.#items;
    const hashes = this.#hashes;
    const last = items.length - 1;
    for (let at = hash & last; ; at = (at + 1) & last) {
      const each = hashes[at];
      if (each === 0 || (each === hash && (items[at]?.keyValue ?? '') === key)) return at;
    }
  }

  #grow(): void {
    const items = this.#items;
    const hashes = this.#hashes;
    this.#items = new Array<T | undefined>(2 * items.length).fill(undefined);
    this.#hashes = new Int32Array(2 * items.length);
    const last = this.#items.length - 1;
    for (let from = 0; from < items.length; from++) {
      const hash = hashes[from] as number;
      if (hash === 0) continue;
      let at = hash & last;
      while (this.#hashes[at] !== 0) at = (at + 1) & last;
      this.#items[at] = items[from];
      this.#hashes[at] = hash;
    }
  }
}
