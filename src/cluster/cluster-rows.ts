import { Fault } from '../runtime/fault.ts';
import type { Change, Row } from '../store/store.ts';
import { asFault, type Ingress } from './ingress.ts';

/** The name of the topic rules' object; its rows are those of a data directory. */
export const TOPIC_RULES = 'topic-rules';

/** Versioned rows shared by the fronts of a cluster. All methods reject with Fault. */
export class ClusterRows {
  readonly #ingress: Ingress;
  /** The name of the rows' object. */
  readonly #name: string;

  constructor(ingress: Ingress, name: string) {
    this.#ingress = ingress;
    this.#name = name;
  }

  /** Resolves with all rows, or with undefined when the known version is current. */
  async read(
    known?: number,
  ): Promise<{ readonly version: number; readonly rows: readonly Row[] } | undefined> {
    const request = known === undefined ? {} : { known };
    const { version, rows } = await asFault(() => this.#ingress.readRows(this.#name, request));
    return rows && { version, rows };
  }

  /** Resolves with the new version; undefined when the known version is no longer current. */
  async commit(changes: readonly Change[], known: number): Promise<number | undefined> {
    const request = { known, changes };
    const answer = await asFault(() => this.#ingress.commitRows(this.#name, request, crypto.randomUUID()));
    if ('refusal' in answer) throw new Fault(answer.refusal.code, answer.refusal.message);
    return 'version' in answer ? answer.version : undefined;
  }
}
