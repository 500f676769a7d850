import { Fault } from '../runtime/fault.ts';
import type { Change, Row } from '../store/store.ts';
import { asFault, type Ingress } from './ingress.ts';

/** Where the topic rules are; their rows are those of a data directory. */
export const TOPIC_RULES = 'topic-rules';

/** Rows that the fronts of a cluster keep together, by version. All reject with Fault. */
export class ClusterRows {
  readonly #ingress: Ingress;
  /** What they are the rows of. */
  readonly #name: string;

  constructor(ingress: Ingress, name: string) {
    this.#ingress = ingress;
    this.#name = name;
  }

  /** Resolves with all rows, or with undefined while they are those of the version that is known. */
  async read(
    known?: number,
  ): Promise<{ readonly version: number; readonly rows: readonly Row[] } | undefined> {
    const request = known === undefined ? {} : { known };
    const { version, rows } = await asFault(() => this.#ingress.readRows(this.#name, request));
    return rows && { version, rows };
  }

  /** Resolves with the version that the changes make of the known one; undefined where there is another one by now. */
  async commit(changes: readonly Change[], known: number): Promise<number | undefined> {
    const request = { known, changes };
    const answer = await asFault(() => this.#ingress.commitRows(this.#name, request, crypto.randomUUID()));
    if ('refusal' in answer) throw new Fault(answer.refusal.code, answer.refusal.message);
    return 'version' in answer ? answer.version : undefined;
  }
}
