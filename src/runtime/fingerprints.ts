/** Initial number of places in a part. */
const SMALLEST = 16;

/**
 * A multimap from fingerprints to numbers, both signed 32-bit integers in typed arrays. 0 is not a valid fingerprint. A
 * lookup of an absent one costs about one cache miss among millions, and the garbage collector does not see the
 * entries.
 */
export class Fingerprints {
  readonly #parts = Array.from({ length: PARTS }, () => new Part());

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

  valuesOf(fingerprint: number): number[] {
    return this.#partOf(fingerprint).valuesOf(fingerprint);
  }

  #partOf(fingerprint: number): Part {
    return this.#parts[PART_OF_HIGH_BITS[fingerprint >>> 24] as number] as Part;
  }
}

/**
 * A growing table moves all its entries at once; with millions that would block the server for a good part of a second.
 * So there are many parts of different capacities, which do not all grow at the same time: the largest is twice the
 * smallest, the others are spread evenly between.
 */
const PARTS = 64;
const PART_OF_HIGH_BITS = Uint8Array.from({ length: 256 }, (_, bits) =>
  Math.floor(PARTS * (2 ** (bits / 256) - 1)),
);

/**
 * Open addressing: fingerprints, 0 for a free place; the values are in a separate array, since most lookups need only
 * the fingerprints.
 */
class Part {
  #fingerprints = new Int32Array(SMALLEST);
  #values = new Int32Array(SMALLEST);
  #count = 0;

  add(fingerprint: number, value: number): void {
    // At least half of the places stay free, which keeps searches short.
    if (2 * (this.#count + 1) > this.#fingerprints.length) this.#resize(2 * this.#fingerprints.length);
    this.#put(fingerprint, value);
    this.#count++;
  }

  delete(fingerprint: number, value: number): void {
    const fingerprints = this.#fingerprints;
    const values = this.#values;
    const last = fingerprints.length - 1;
    let gap = fingerprint & last;
    while (fingerprints[gap] !== fingerprint || values[gap] !== value) {
      if (fingerprints[gap] === 0) throw new RangeError('There is no such fingerprint');
      gap = (gap + 1) & last;
    }
    // Later entries of the cluster move up, so that a search can still stop at the first free place.
    for (let at = (gap + 1) & last; fingerprints[at] !== 0; at = (at + 1) & last) {
      const each = fingerprints[at] as number;
      if (((at - each) & last) < ((at - gap) & last)) continue;
      fingerprints[gap] = each;
      values[gap] = values[at] as number;
      gap = at;
    }
    fingerprints[gap] = 0;
    this.#count--;
    if (last >= SMALLEST && 8 * this.#count < last) this.#resize((last + 1) / 2);
  }

  has(fingerprint: number): boolean {
    const fingerprints = this.#fingerprints;
    const last = fingerprints.length - 1;
    // The low bits select the place, since the high bits have selected the part.
    for (let at = fingerprint & last; fingerprints[at] !== 0; at = (at + 1) & last)
      if (fingerprints[at] === fingerprint) return true;
    return false;
  }

  valuesOf(fingerprint: number): number[] {
    const found: number[] = [];
    const fingerprints = this.#fingerprints;
    const last = fingerprints.length - 1;
    for (let at = fingerprint & last; fingerprints[at] !== 0; at = (at + 1) & last)
      if (fingerprints[at] === fingerprint) found.push(this.#values[at] as number);
    return found;
  }

  #put(fingerprint: number, value: number): void {
    const fingerprints = this.#fingerprints;
    const last = fingerprints.length - 1;
    let at = fingerprint & last;
    while (fingerprints[at] !== 0) at = (at + 1) & last;
    fingerprints[at] = fingerprint;
    this.#values[at] = value;
  }

  #resize(length: number): void {
    const [fingerprints, values] = [this.#fingerprints, this.#values];
    this.#fingerprints = new Int32Array(length);
    this.#values = new Int32Array(length);
    for (let at = 0; at < fingerprints.length; at++)
      if (fingerprints[at] !== 0) this.#put(fingerprints[at] as number, values[at] as number);
  }
}
