import type { Execution } from '../runtime/delivery/execution.ts';

/** Names that are kept; what comes twice does so soon. */
const KEPT = 10_000;

/** The ends of executions that have been told to observers: Restate repeats invocations, and two workers may tell of one. */
export class Told {
  readonly #names = new Set<string>();

  /** Those among them that have not been told; from now on they count as told. */
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
