import { NumbersByHash } from '../numbers-by-hash.ts';

/**
 * A multimap from fingerprints to numbers, both signed 32-bit integers in typed arrays. 0 is not a valid fingerprint. A
 * lookup of an absent one costs about one cache miss among millions, and the garbage collector does not see the
 * entries.
 */
export class Fingerprints {
  readonly #parts = Array.from({ length: PARTS }, () => new NumbersByHash());
  /** What `prefetch` has read: public, because reads without a use are optimized away. */
  prefetched = 0;

  add(fingerprint: number, value: number): void {
    this.#partOf(fingerprint).add(fingerprint, value);
  }

  /** Removes an entry, which must exist. */
  delete(fingerprint: number, value: number): void {
    this.#partOf(fingerprint).delete(fingerprint, value);
  }

  has(fingerprint: number): boolean {
    return this.#partOf(fingerprint).has(fingerprint);
  }

  /**
   * Reads the places of fingerprints that are about to be looked up. Among millions each is a wait for memory; here they
   * overlap.
   */
  prefetch(ids: readonly { readonly fingerprint: number }[]): void {
    let read = 0;
    for (const { fingerprint } of ids) read ^= this.#partOf(fingerprint).touch(fingerprint);
    this.prefetched = read;
  }

  valuesOf(fingerprint: number): number[] {
    return this.#partOf(fingerprint).numbersOf(fingerprint);
  }

  #partOf(fingerprint: number): NumbersByHash {
    return this.#parts[PART_OF_HIGH_BITS[fingerprint >>> (32 - HIGH_BITS)] as number] as NumbersByHash;
  }
}

/**
 * A growing table moves all its entries at once; with twenty million that would stop the server for seconds, and in 64
 * parts still for 10 ms each. So there are many parts of different capacities, which do not all grow at the same time: the
 * largest is twice the smallest, the others are spread evenly between.
 */
const PARTS = 1024;
const HIGH_BITS = 13;
const PART_OF_HIGH_BITS = Uint16Array.from({ length: 2 ** HIGH_BITS }, (_, bits) =>
  Math.floor(PARTS * (2 ** (bits / 2 ** HIGH_BITS) - 1)),
);
