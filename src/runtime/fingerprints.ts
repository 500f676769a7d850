/** Places in a part at the least. */
const SMALLEST = 16;

/**
 * A number for each of many fingerprints, of which several may be alike: signed numbers of 32 bits, in typed arrays. No
 * fingerprint is 0. One that is not there costs one wait for memory among millions, and the collector sees none of them.
 */
export class Fingerprints {
  readonly #parts = Array.from({ length: PARTS }, () => new Part());

  add(fingerprint: number, value: number): void {
    this.#partOf(fingerprint).add(fingerprint, value);
  }

  /** Takes one away that is there. */
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
 * A table that grows moves all that it holds at once: with millions a good part of a second in which nothing is
 * answered. So there are many, and of different sizes, so that they do not all grow in one moment: the largest part is
 * twice the smallest one, those between are spread evenly over what lies between two growths.
 */
const PARTS = 64;
const PART_OF_HIGH_BITS = Uint8Array.from({ length: 256 }, (_, bits) =>
  Math.floor(PARTS * (2 ** (bits / 256) - 1)),
);

/**
 * Open addressing: the fingerprints, 0 where there is nothing, and apart from them the values, for most are only looked
 * for.
 */
class Part {
  #fingerprints = new Int32Array(SMALLEST);
  #values = new Int32Array(SMALLEST);
  #count = 0;

  add(fingerprint: number, value: number): void {
    // Half of it stays free, so that searches end soon.
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
    // Those behind it move up to where a search finds them, so that it still may end at the first place that is free.
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
    // The low bits say where, for the high ones say which part.
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
