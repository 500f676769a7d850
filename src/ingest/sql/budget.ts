/**
 * What one evaluation may still do. A statement of a few words can ask for the product of a payload's arrays; past its
 * budget everything is Undefined, and the evaluation fails as a whole.
 */
export class Budget {
  #left: number;

  constructor(steps: number) {
    this.#left = steps;
  }

  /** False when there is not that much left; nothing should be done then. */
  spend(steps: number): boolean {
    this.#left -= steps;
    return this.#left >= 0;
  }

  get isSpent(): boolean {
    return this.#left < 0;
  }
}
