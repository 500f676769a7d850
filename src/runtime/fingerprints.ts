/** Places of a part at the least. */
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

/** Open addressing: fingerprint and value side by side, 0 where there is nothing. */
class Part {
  #pairs = new Int32Array(2 * SMALLEST);
  #count = 0;

  add(fingerprint: number, value: number): void {
    // Half of it stays free, so that searches end soon.
    if (4 * (this.#count + 1) > this.#pairs.length) this.#resize(2 * this.#pairs.length);
    put(this.#pairs, fingerprint, value);
    this.#count++;
  }

  delete(fingerprint: number, value: number): void {
    const pairs = this.#pairs;
    const last = pairs.length - 1;
    let gap = placeOf(fingerprint, last);
    while (pairs[gap] !== fingerprint || pairs[gap + 1] !== value) gap = (gap + 2) & last;
    // Those behind it move up to where a search finds them, so that it still may end at the first place that is free.
    for (let at = (gap + 2) & last; pairs[at] !== 0; at = (at + 2) & last) {
      if (((at - placeOf(pairs[at] as number, last)) & last) < ((at - gap) & last)) continue;
      pairs[gap] = pairs[at] as number;
      pairs[gap + 1] = pairs[at + 1] as number;
      gap = at;
    }
    pairs[gap] = 0;
    this.#count--;
    if (pairs.length > 2 * SMALLEST && 16 * this.#count < pairs.length) this.#resize(pairs.length / 2);
  }

  has(fingerprint: number): boolean {
    const pairs = this.#pairs;
    const last = pairs.length - 1;
    for (let at = placeOf(fingerprint, last); pairs[at] !== 0; at = (at + 2) & last)
      if (pairs[at] === fingerprint) return true;
    return false;
  }

  valuesOf(fingerprint: number): number[] {
    const values: number[] = [];
    const pairs = this.#pairs;
    const last = pairs.length - 1;
    for (let at = placeOf(fingerprint, last); pairs[at] !== 0; at = (at + 2) & last)
      if (pairs[at] === fingerprint) values.push(pairs[at + 1] as number);
    return values;
  }

  #resize(length: number): void {
    const pairs = this.#pairs;
    this.#pairs = new Int32Array(length);
    for (let at = 0; at < pairs.length; at += 2)
      if (pairs[at] !== 0) put(this.#pairs, pairs[at] as number, pairs[at + 1] as number);
  }
}

function put(pairs: Int32Array, fingerprint: number, value: number): void {
  const last = pairs.length - 1;
  let at = placeOf(fingerprint, last);
  while (pairs[at] !== 0) at = (at + 2) & last;
  pairs[at] = fingerprint;
  pairs[at + 1] = value;
}

/** The low bits, for the high ones say which part; always even. */
function placeOf(fingerprint: number, last: number): number {
  return (fingerprint << 1) & last;
}
