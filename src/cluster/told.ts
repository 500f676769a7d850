import type { Execution } from '../runtime/delivery/execution.ts';

/** Names that are remembered; repetitions follow soon. */
const KEPT = 10_000;

/**
 * The finished executions already reported to observers: Restate repeats invocations, and two workers may report the
 * same one.
 */
export class Told {
  readonly #names = new Set<string>();

  /** Those that have not been reported yet; they count as reported from now on. */
  newOf(executions: readonly Execution[]): readonly Execution[] {
    const news = executions.filter(({ actionExecutionId, status, attempts }) => {
      const before = this.#names.size;
      return this.#names.add(`${actionExecutionId}/${status}/${attempts}`).size > before;
    });
    for (const oldest of this.#names) {
      if (this.#names.size <= KEPT) break;
      this.#names.delete(oldest);
    }
    return news;
  }
}
