import type { EvaluationContext, Slot } from '../../core/engine/slot.ts';
import { type Mark, Turn } from '../../core/engine/turn.ts';
import type { Change } from '../../store/store.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Defined } from '../catalog/definition.ts';
import type { Chunk, DedupeWindow, MessageId } from '../dedupe.ts';
import { SEQUENCE, under } from '../rows.ts';

/** What turns of one host share. */
export interface HostState {
  readonly slots: readonly Slot[];
  readonly dedupe: DedupeWindow;
  /** What is defined, the turns that are not durable yet included. */
  catalog: Catalog;
  /** The number of the last evaluation. */
  readonly sequence: { readonly last: number };
}

/** Where a turn stood, to go back to. */
interface HostMark {
  readonly instances: Mark;
  readonly rows: number;
  readonly accepted: number;
}

/** One turn of the embedded host until it is durable: what it does to instances, definitions and accepted ids. */
export class HostTurn {
  /** What it does to instances. Steps that take back a definition are among those of the instances. */
  readonly instances: Turn;
  readonly #state: HostState;
  readonly #rows: Change[] = [];
  /** The ids of the messages accepted; there is none before the first. */
  #chunk: Chunk | undefined;

  constructor(context: EvaluationContext, state: HostState) {
    this.instances = new Turn(context);
    this.#state = state;
  }

  get now(): number {
    return this.instances.now;
  }

  /** Keeps a definition. Returns the answer to it. */
  define<R>({ catalog, rows, instances, result }: Defined<R>): R {
    const { slots, catalog: before } = this.#state;
    if (instances?.type === 'Drop') this.instances.drop(slots, instances.model);
    else if (instances?.type === 'Adopt') this.instances.adopt(slots, instances.model);
    this.addRows(rows);
    this.#state.catalog = catalog;
    this.instances.undo.push(() => {
      this.#state.catalog = before;
    });
    return result;
  }

  /** Rows that are to be durable together with the turn. */
  addRows(rows: readonly Change[]): void {
    this.#rows.push(...rows);
  }

  /** Remembers the id of a message. */
  accept(id: MessageId): void {
    this.#chunk ??= this.#state.dedupe.open(this.now);
    this.#state.dedupe.add(this.#chunk, id);
  }

  mark(): HostMark {
    return { instances: this.instances.mark(), rows: this.#rows.length, accepted: this.accepted };
  }

  /** Takes back everything since the mark; without one, everything. */
  rollBack(to?: HostMark): void {
    this.instances.rollBack(to?.instances);
    this.#rows.length = to?.rows ?? 0;
    for (let left = this.accepted - (to?.accepted ?? 0); left > 0; left--)
      this.#state.dedupe.forgetLast(this.#chunk as Chunk);
  }

  /** Messages accepted. */
  get accepted(): number {
    return this.#chunk?.size ?? 0;
  }

  /** The ids of the messages accepted. */
  get chunk(): Chunk | undefined {
    return this.accepted > 0 ? this.#chunk : undefined;
  }

  get isEmpty(): boolean {
    return this.instances.touched === 0 && this.#rows.length === 0 && this.accepted === 0;
  }

  get rows(): readonly Change[] {
    return this.#rows;
  }

  /** The rows of instances that were dropped with their model. */
  get dropped(): { readonly from: string; readonly to: string }[] {
    return this.instances.dropped.map(under);
  }

  /** Rows of the instances touched, as they are now, and the number of the last evaluation. */
  stateRows(): Change[] {
    const state: Change[] = this.instances.rows();
    if (state.length > 0) state.push([SEQUENCE, String(this.#state.sequence.last)]);
    return state;
  }
}
