/**
 * The remaining work of one evaluation. A short statement can ask for the product of a payload's arrays; when the
 * budget is exhausted everything is Undefined, and the evaluation fails as a whole.
 */
export class Budget {
  #left: number;

  constructor(steps: number) {
    this.#left = steps;
  }

  /** False when the budget is exhausted; the caller must not do the work then. */
  spend(steps: number): boolean {
    this.#left -= steps;
    return this.#left >= 0;
  }

  get isSpent(): boolean {
    return this.#left < 0;
  }
}
