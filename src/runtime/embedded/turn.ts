import { wallOf } from '../../core/detector/instant.ts';
import type { Refusal } from '../../core/engine/refusal.ts';
import type { Deadline, EvaluationContext, Slot } from '../../core/engine/slot.ts';
import { type KeptInstances, type Mark, previewKeep, Turn } from '../../core/engine/turn.ts';
import type { Change } from '../../store/store.ts';
import type { WrittenRows } from '../../store/written-rows.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Defined, InstanceChange } from '../catalog/definition.ts';
import type { Chunk, DedupeWindow, MessageId } from '../dedupe.ts';
import { Fault } from '../fault.ts';
import type { AcceptedMessage } from '../message-history.ts';
import { SEQUENCE, under } from '../rows.ts';

/** Shared by all turns of one host. */
export interface HostState {
  readonly slots: readonly Slot[];
  /** Of all slots. */
  readonly deadline: Deadline;
  readonly dedupe: DedupeWindow;
  /** The definitions, including those of turns that are not durable yet. */
  catalog: Catalog;
  /** The number of the last evaluation. */
  readonly sequence: { readonly last: number };
}

/** A point in a turn to roll back to. */
interface HostMark {
  readonly instances: Mark;
  readonly rows: number;
  readonly accepted: number;
}

/** One turn of the embedded host until it is durable: its changes to instances, definitions and accepted ids. */
export class HostTurn {
  /** Its changes to instances. The steps that undo a definition are kept among them. */
  readonly instances: Turn;
  readonly #state: HostState;
  /** The accepted messages, one for each id. */
  readonly messages: AcceptedMessage[] = [];
  readonly #rows: Change[] = [];
  /** The ids of the accepted messages; undefined before the first. */
  #chunk: Chunk | undefined;

  constructor(context: EvaluationContext, state: HostState) {
    this.instances = new Turn(context);
    this.#state = state;
  }

  get now(): number {
    return this.instances.now;
  }

  /** The machine's clock; milliseconds since the epoch. */
  get wall(): number {
    return wallOf(this.instances.context);
  }

  /** Applies a definition and returns its result. Throws Fault when an instance's row cannot be read. */
  define<R>({ catalog, rows, instances, result, withKept }: Defined<R>): R {
    const before = this.#state.catalog;
    const kept = instances && this.#change(instances);
    this.addRows(rows);
    this.#state.catalog = catalog;
    this.instances.undo.push(() => {
      this.#state.catalog = before;
    });
    return kept !== undefined && withKept !== undefined ? withKept(kept) : result;
  }

  #change(change: InstanceChange): KeptInstances | undefined {
    const { slots } = this.#state;
    switch (change.type) {
      case 'Drop':
        this.instances.drop(slots, change.model);
        return undefined;
      case 'Adopt':
        this.instances.adopt(slots, change.model);
        return undefined;
      case 'Keep':
        return orThrow(this.instances.keep(slots, change.from, change.to));
      case 'Preview':
        return orThrow(previewKeep(slots, change.from, change.to));
    }
  }

  /** Adds rows that must become durable together with the turn. */
  addRows(rows: readonly Change[]): void {
    this.#rows.push(...rows);
  }

  /** Records the id of a message, and the message itself for the history. */
  accept(id: MessageId, message: AcceptedMessage): void {
    this.#chunk ??= this.#state.dedupe.open(this.now);
    this.#state.dedupe.add(this.#chunk, id);
    this.messages.push(message);
  }

  mark(): HostMark {
    return { instances: this.instances.mark(), rows: this.#rows.length, accepted: this.accepted };
  }

  /** Rolls back to the mark; without one, the whole turn. */
  rollBack(to?: HostMark): void {
    this.instances.rollBack(to?.instances);
    this.#rows.length = to?.rows ?? 0;
    for (let left = this.accepted - (to?.accepted ?? 0); left > 0; left--)
      this.#state.dedupe.forgetLast(this.#chunk as Chunk);
    this.messages.length = this.accepted;
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

  /** Key ranges of the instances that were dropped with their model. */
  get dropped(): { readonly from: string; readonly to: string }[] {
    return this.instances.dropped.map(under);
  }

  /** Writes the current rows of the instances touched, and the number of the last evaluation. */
  writeState(out: WrittenRows): void {
    this.instances.writeRows(out);
    if (out.length > 0) out.row(SEQUENCE, String(this.#state.sequence.last));
  }
}

function orThrow(kept: KeptInstances | Refusal): KeptInstances {
  if ('code' in kept) throw new Fault(kept.code, kept.message);
  return kept;
}
