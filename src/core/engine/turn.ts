import type { RowWriter } from '../../row-writer.ts';
import { notificationSize } from '../alarm/notification.ts';
import type { AlarmTrigger, NotificationEffect } from '../alarm/types.ts';
import { type ActionEffect, sizeOf } from '../detector/effect.ts';
import type { Held } from './held.ts';
import { instancesOf } from './instance-key.ts';
import { type Refusal, unreadableRow } from './refusal.ts';
import type { Evaluated, Instance, RunningModel } from './running.ts';
import type { EvaluationContext, Slot, Undo } from './slot.ts';

/** An effect that a turn releases. */
export interface OutgoingEffect {
  readonly effect: ActionEffect | NotificationEffect;
  /** The role of the version of the model that acts. */
  readonly roleArn: string;
  /** How many messages an iotEvents action may still cause, including its own. */
  readonly chain: number;
}

/** How an update of a model treated its instances. */
export interface KeptInstances {
  readonly kept: number;
  readonly reset: number;
  /** Attributes that the new version reads and the kept instances have not stored; absent when there are none. */
  readonly attributesNotKept?: readonly string[];
  /** The first `MOST_NAMED` instances that were reset. */
  readonly resetInstances: readonly { readonly keyValue?: string; readonly stateName: string }[];
}

/** The maximum number of reset instances to name. */
export const MOST_NAMED = 100;

/** What `Turn.keep` would return. Changes nothing. */
export function previewKeep(
  slots: readonly Slot[],
  from: RunningModel,
  to: RunningModel,
): KeptInstances | Refusal {
  return carryAll(slots, from, to, () => {});
}

function carryAll(
  slots: readonly Slot[],
  from: RunningModel,
  to: RunningModel,
  onKept: (slot: Slot, keyValue: string | undefined, instance: Instance) => void,
): KeptInstances | Refusal {
  let kept = 0;
  let reset = 0;
  const resetInstances: { keyValue?: string; stateName: string }[] = [];
  for (const slot of slots) {
    for (const held of slot.instances(from.epoch)) {
      const { keyValue } = held;
      const unreadable = held.load();
      if (unreadable !== undefined) return unreadableRow(from, keyValue, unreadable);
      const { instance } = held;
      if (instance === undefined) continue;
      const carried = from.behaviour.carryOver(from, to, instance);
      if (carried !== undefined) {
        kept++;
        onKept(slot, keyValue, carried);
        continue;
      }
      reset++;
      const stateName = from.behaviour.stateOf(from, instance);
      if (reset <= MOST_NAMED)
        resetInstances.push({ ...(keyValue !== undefined && { keyValue }), stateName });
    }
  }
  const attributesNotKept = kept === 0 ? [] : from.behaviour.attributesNotKept(from, to);
  return { kept, reset, resetInstances, ...(attributesNotKept.length > 0 && { attributesNotKept }) };
}

/** A state of a turn to roll back to. */
export interface Mark {
  readonly undo: number;
  readonly effects: number;
  readonly evaluated: number;
  readonly dropped: number;
  readonly bytes: number;
}

/**
 * The changes to instances of one or several slots that become durable together: changes in memory with their undo
 * steps, and the effects that the commit releases. Pure: the host commits what `writeRows` writes and `dropped` together with its own
 * data and then releases `effects`, or calls `rollBack`.
 */
export class Turn {
  readonly context: EvaluationContext;
  readonly effects: OutgoingEffect[] = [];
  readonly evaluated: Evaluated[] = [];
  readonly undo: Undo = [];
  /** Key prefixes of the models whose instances were all removed. */
  readonly dropped: string[] = [];
  #bytes = 0;
  readonly #touched = new Set<Held>();
  /** Whether an entry that was touched may since have been removed. */
  #hasRemoved = false;
  /** Effects of the trigger being evaluated; `settle` moves them to `effects`. */
  #caused: Omit<OutgoingEffect, 'chain'>[] = [];

  constructor(context: EvaluationContext) {
    this.context = context;
  }

  get now(): number {
    return this.context.now;
  }

  /** The approximate size of the commit: actions and touched instances. */
  get bytes(): number {
    return this.#bytes;
  }

  get touched(): number {
    return this.#touched.size;
  }

  /**
   * Evaluates a trigger for a key. `before` is the loaded entry, or undefined when there is none. Call `settle`
   * afterwards.
   */
  evaluate(
    slot: Slot,
    model: RunningModel,
    keyValue: string | undefined,
    before: Held | undefined,
    trigger: AlarmTrigger,
  ): void {
    const { held, evaluated } = slot.evaluate(model, keyValue, before, trigger, this.context, this.undo);
    // The row is always rewritten as a whole.
    if (!this.#touched.has(held)) this.#bytes += held.size;
    this.#touched.add(held);
    if (trigger.type === 'Message') this.#bytes += trigger.payload.text.length;
    if ('setText' in evaluated.result) this.#bytes += evaluated.result.setText;
    const { roleArn } = model;
    for (const effect of evaluated.result.effects) {
      this.#caused.push({ effect, roleArn });
      this.#bytes += effect.type === 'notification' ? notificationSize(effect) : sizeOf(effect);
    }
    this.evaluated.push(evaluated);
  }

  /**
   * Ends the evaluation of one message, timer or command. `chain` is the number of messages it may cause through
   * iotEvents actions, directly and indirectly; the number is divided among those actions.
   */
  settle(chain: number): void {
    const caused = this.#caused;
    if (caused.length === 0) return;
    this.#caused = [];
    const causing = caused.filter(({ effect }) => effect.type === 'iotEvents').length;
    const part = causing === 0 ? 0 : Math.floor(chain / causing);
    for (const { effect, roleArn } of caused) this.effects.push({ effect, roleArn, chain: part });
  }

  replace(held: Held, instance: Instance): void {
    held.slot.replace(held, instance, this.undo);
    this.#touched.add(held);
  }

  remove(held: Held): void {
    held.slot.remove(held, this.undo);
    this.#hasRemoved = true;
    this.#touched.add(held);
  }

  /** Removes all instances of a model. */
  drop(slots: readonly Slot[], model: RunningModel): void {
    for (const slot of slots) slot.drop(model.epoch, this.undo);
    this.#hasRemoved = true;
    this.dropped.push(instancesOf(model));
  }

  /**
   * Moves the instances of a model to a new version with another epoch, removing those that it cannot represent.
   * Returns a refusal, having changed nothing, when a row cannot be read.
   */
  keep(slots: readonly Slot[], from: RunningModel, to: RunningModel): KeptInstances | Refusal {
    const carried: {
      readonly slot: Slot;
      readonly keyValue: string | undefined;
      readonly instance: Instance;
    }[] = [];
    const kept = carryAll(slots, from, to, (slot, keyValue, instance) =>
      carried.push({ slot, keyValue, instance }),
    );
    if ('code' in kept) return kept;
    this.drop(slots, from);
    for (const { slot, keyValue, instance } of carried)
      this.replace(slot.hold(to, keyValue, this.undo), instance);
    return kept;
  }

  /** Switches the existing instances to a new version of their model with the same epoch. */
  adopt(slots: readonly Slot[], model: RunningModel): void {
    for (const slot of slots) slot.adopt(model, this.undo);
  }

  mark(): Mark {
    return {
      undo: this.undo.length,
      effects: this.effects.length,
      evaluated: this.evaluated.length,
      dropped: this.dropped.length,
      bytes: this.#bytes,
    };
  }

  /** Undoes everything since the mark; without a mark, everything. */
  rollBack(to?: Mark): void {
    const end = to?.undo ?? 0;
    while (this.undo.length > end) this.undo.pop()?.();
    this.effects.length = to?.effects ?? 0;
    this.evaluated.length = to?.evaluated ?? 0;
    this.dropped.length = to?.dropped ?? 0;
    this.#bytes = to?.bytes ?? 0;
    this.#caused = [];
  }

  /** Writes the current rows of all touched instances. */
  writeRows(out: RowWriter): void {
    for (const held of this.#touched) {
      const { model, keyValue } = held;
      out.constant(model.keyPrefix);
      if (keyValue !== undefined) out.text(keyValue);
      out.end();
      // After a removal, the key may be in use by another entry.
      const now = this.#hasRemoved ? held.slot.find(model.epoch, keyValue) : held;
      if (now === undefined) out.deleted();
      else now.write(out);
    }
  }
}
