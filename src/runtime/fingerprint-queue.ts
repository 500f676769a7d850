/** Entries of a block. */
const BLOCK = 16 * 1024;

/**
 * 32-bit fingerprints in order of arrival, in typed arrays: nothing is moved as it grows, and the garbage collector does
 * not see the entries.
 */
export class FingerprintQueue {
  readonly #blocks: Int32Array[] = [];
  /** The place of the oldest in the first block, and the one after the newest in the last block. */
  #first = 0;
  #end = BLOCK;

  push(fingerprint: number): void {
    if (this.#end === BLOCK) {
      this.#blocks.push(new Int32Array(BLOCK));
      this.#end = 0;
    }
    (this.#blocks.at(-1) as Int32Array)[this.#end++] = fingerprint;
  }

  /** Removes and returns the newest; there must be one. */
  pop(): number {
    const fingerprint = this.#blocks.at(-1)?.[--this.#end] as number;
    if (this.#end === 0) {
      this.#blocks.pop();
      this.#end = BLOCK;
    }

    return fingerprint;
  }

  /** Removes and returns the oldest; there must be one. */
  shift(): number {
    const fingerprint = this.#blocks[0]?.[this.#first++] as number;
    if (this.#first === BLOCK) {
      this.#blocks.shift();
      this.#first = 0;
    }
    return fingerprint;
  }
}
