import type { AlarmTrigger } from '../../core/alarm/types.ts';
import type { Limits } from '../../limits.ts';
import type { Change } from '../../store/store.ts';
import type { Chunk, DedupeWindow, MessageId } from '../dedupe.ts';
import type { OutgoingEffect } from '../delivery/outbox.ts';
import type { CatalogChange } from '../models.ts';
import { instancesOf, SEQUENCE } from '../rows.ts';
import { type Evaluated, encode, type Instance, type RunningModel } from '../running.ts';
import type { Held, Sequence, Slot, Traces } from '../slot.ts';

export interface TurnOptions {
  readonly limits: Limits;
  readonly traces: Traces;
  /** Whether somebody will look at what each evaluation found, and left. */
  readonly keepsStates: () => boolean;
  readonly sequence: Sequence;
  readonly dedupe: DedupeWindow;
}

/** Where a turn stood, to go back to. */
export interface Mark {
  readonly undo: number;
  readonly rows: number;
  readonly effects: number;
  readonly evaluated: number;
  readonly accepted: number;
  readonly dropped: number;
}

/**
 * What one turn of the host does, until it is durable: changes in memory with the steps that take them back, and
 * the rows, effects and evaluations that leave with the commit.
 */
export class Turn {
  readonly now: number;
  readonly limits: Limits;
  readonly traces: Traces;
  readonly keepsStates: () => boolean;
  readonly effects: OutgoingEffect[] = [];
  readonly evaluated: Evaluated[] = [];
  readonly undo: (() => void)[] = [];
  readonly #rows: Change[] = [];
  readonly #dropped: { from: string; to: string }[] = [];
  readonly #touched = new Set<Held>();
  /** Whether something that was touched may have left its place since. */
  #hasRemoved = false;
  readonly #sequence: Sequence;
  readonly #dedupe: DedupeWindow;
  /** The ids of the messages accepted; there is none before the first. */
  #chunk: Chunk | undefined;

  constructor(now: number, { limits, traces, keepsStates, sequence, dedupe }: TurnOptions) {
    this.now = now;
    this.limits = limits;
    this.traces = traces;
    this.keepsStates = keepsStates;
    this.#sequence = sequence;
    this.#dedupe = dedupe;
  }

  /** Evaluates a trigger for a key, where `before` is held or nothing. */
  evaluate(
    slot: Slot,
    model: RunningModel,
    keyValue: string | undefined,
    before: Held | undefined,
    trigger: AlarmTrigger,
  ): void {
    const { held, evaluated } = slot.evaluate(model, keyValue, before, trigger, this, this.undo);
    this.#touch(held);
    const { roleArn } = model;
    for (const effect of evaluated.result.effects) this.effects.push({ effect, roleArn, chain: 0 });
    this.evaluated.push(evaluated);
  }

  /** Divides the number of messages that may still be caused among the iotEvents actions from that one on. */
  share(chain: number, from: number): void {
    if (from === this.effects.length) return;
    const causing = this.effects.slice(from).filter(({ effect }) => effect.type === 'iotEvents').length;
    if (causing === 0) return;
    const part = Math.floor(chain / causing);
    for (let at = from; at < this.effects.length; at++) {
      this.effects[at] = { ...(this.effects[at] as OutgoingEffect), chain: part };
    }
  }

  replace(held: Held, instance: Instance): void {
    held.slot.replace(held, instance, this.undo);
    this.#touch(held);
  }

  remove(held: Held): void {
    held.slot.remove(held, this.undo);
    this.#hasRemoved = true;
    this.#touch(held);
  }

  /** Forgets all detectors or alarms of a model. */
  drop(slots: readonly Slot[], model: RunningModel): void {
    for (const slot of slots) slot.drop(model.epoch, this.undo);
    this.#hasRemoved = true;
    this.#dropped.push(instancesOf(model));
  }

  /** A new version of a model takes over the instances of the one before. */
  adopt(slots: readonly Slot[], model: RunningModel): void {
    for (const slot of slots) slot.adopt(model, this.undo);
  }

  /** Keeps a change of the catalog. */
  define(change: CatalogChange): void {
    this.#rows.push(...change.rows);
    this.undo.push(change.undo);
  }

  mark(): Mark {
    return {
      undo: this.undo.length,
      rows: this.#rows.length,
      effects: this.effects.length,
      evaluated: this.evaluated.length,
      accepted: this.accepted,
      dropped: this.#dropped.length,
    };
  }

  /** Takes back everything since the mark; without one, everything. */
  rollBack(to?: Mark): void {
    const end = to?.undo ?? 0;
    while (this.undo.length > end) this.undo.pop()?.();
    this.#rows.length = to?.rows ?? 0;
    this.effects.length = to?.effects ?? 0;
    this.evaluated.length = to?.evaluated ?? 0;
    for (let left = this.accepted - (to?.accepted ?? 0); left > 0; left--)
      this.#dedupe.forgetLast(this.#chunk as Chunk);
    this.#dropped.length = to?.dropped ?? 0;
  }

  /** Remembers the id of a message. */
  accept(id: MessageId): void {
    this.#chunk ??= this.#dedupe.open(this.now);
    this.#dedupe.add(this.#chunk, id);
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
    return this.#touched.size === 0 && this.#rows.length === 0 && this.accepted === 0;
  }

  get rows(): readonly Change[] {
    return this.#rows;
  }

  get dropped(): readonly { readonly from: string; readonly to: string }[] {
    return this.#dropped;
  }

  /** Rows of the instances touched, as they are now, and the number of the last evaluation. */
  stateRows(): Change[] {
    const state: Change[] = [];
    for (const held of this.#touched) {
      const { slot, model, keyValue, rowKey } = held;
      // What is held under the key now, which may be another that came in its place.
      const now = this.#hasRemoved ? slot.find(model.epoch, keyValue) : held;
      const instance = now?.instance;
      state.push([rowKey, instance === undefined ? null : encode(model, instance)]);
    }
    if (state.length > 0) state.push([SEQUENCE, String(this.#sequence.last)]);
    return state;
  }

  #touch(held: Held): void {
    this.#touched.add(held);
  }
}
