import { fnv1a, mix } from './hash.ts';

interface Keyed {
  readonly keyValue: string | undefined;
}

const SMALLEST = 4;

/**
 * Items by their keys: a table with open addressing. Beside a million detectors a lookup waits for memory, not for the
 * processor, and this one waits less often than a `Map`: the item has the key, and the hash that stands in the table
 * tells nearly always that it is the right one.
 */
export class KeyTable<T extends Keyed> {
  #items = new Array<T | undefined>(SMALLEST).fill(undefined);
  #hashes = new Int32Array(SMALLEST);
  #size = 0;
  readonly #seed: number;

  /** `seed`: 32 bits, another one in each process, so that keys which collide are hard to choose. */
  constructor(seed: number) {
    this.#seed = seed;
  }

  get size(): number {
    return this.#size;
  }

  get(keyValue: string | undefined): T | undefined {
    const key = keyValue ?? '';
    return this.#items[this.#find(key, this.#hash(key))];
  }

  /** In no order. */
  values(): T[] {
    return this.#items.filter((item) => item !== undefined);
  }

  /** Takes the place of an item with the same key. */
  set(item: T): void {
    const key = item.keyValue ?? '';
    const hash = this.#hash(key);
    let at = this.#find(key, hash);
    if (this.#items[at] === undefined) {
      // A quarter stays free, so that searches end soon.
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
    let gap = this.#find(key, this.#hash(key));
    if (this.#items[gap] === undefined) return;
    const last = this.#items.length - 1;
    // Those behind it move up to where a search finds them, so that it still may end at the first place that is free.
    for (let at = (gap + 1) & last; this.#items[at] !== undefined; at = (at + 1) & last) {
      const hash = this.#hashes[at] as number;
      if (((at - hash) & last) < ((at - gap) & last)) continue;
      this.#items[gap] = this.#items[at];
      this.#hashes[gap] = hash;
      gap = at;
    }
    this.#items[gap] = undefined;
    this.#size--;
  }

  #hash(key: string): number {
    return mix(fnv1a(key, this.#seed));
  }

  /** Where the item is, or would be. */
  #find(key: string, hash: number): number {
    const items = this.#items;
    const hashes = this.#hashes;
    const last = items.length - 1;
    for (let at = hash & last; ; at = (at + 1) & last) {
      const item = items[at];
      if (item === undefined || (hashes[at] === hash && (item.keyValue ?? '') === key)) return at;
    }
  }

  #grow(): void {
    const items = this.#items;
    const hashes = this.#hashes;
    this.#items = new Array<T | undefined>(2 * items.length).fill(undefined);
    this.#hashes = new Int32Array(2 * items.length);
    const last = this.#items.length - 1;
    for (let from = 0; from < items.length; from++) {
      if (items[from] === undefined) continue;
      const hash = hashes[from] as number;
      let at = hash & last;
      while (this.#items[at] !== undefined) at = (at + 1) & last;
      this.#items[at] = items[from];
      this.#hashes[at] = hash;
    }
  }
}
