import { notificationSize } from '../alarm/notification.ts';
import type { AlarmTrigger, NotificationEffect } from '../alarm/types.ts';
import { type ActionEffect, sizeOf } from '../detector/effect.ts';
import type { Held } from './held.ts';
import { instancesOf } from './instance-key.ts';
import { type Refusal, unreadableRow } from './refusal.ts';
import type { Evaluated, Instance, RunningModel } from './running.ts';
import type { EvaluationContext, Slot, Undo } from './slot.ts';

/** An effect on its way out of a turn. */
export interface OutgoingEffect {
  readonly effect: ActionEffect | NotificationEffect;
  /** The role of the model's version that acts. */
  readonly roleArn: string;
  /** Messages that an iotEvents action may still cause, its own included. */
  readonly chain: number;
}

/** What an update of a model kept of its instances. */
export interface KeptInstances {
  readonly kept: number;
  readonly reset: number;
  /** Attributes that the new version reads and that those kept do not have; absent where there are none. */
  readonly attributesNotKept?: readonly string[];
  /** The first of those that were not kept. */
  readonly resetInstances: readonly { readonly keyValue?: string; readonly stateName: string }[];
}

/** How many of the instances that were not kept are named. */
export const MOST_NAMED = 100;

/** What `Turn.keep` would keep. Changes nothing. */
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

/** Where a turn stood, to go back to. */
export interface Mark {
  readonly undo: number;
  readonly effects: number;
  readonly evaluated: number;
  readonly dropped: number;
  readonly bytes: number;
}

/** An instance's row as a turn leaves it; null when it is gone. */
export type InstanceRow = readonly [key: string, row: string | null];

/**
 * What is done to instances of one or several slots until it is durable: changes in memory with the steps that take
 * them back, and what leaves with the commit. Pure: the host commits `rows` and `dropped` together with whatever is its
 * own, then lets `effects` go; or calls `rollBack`.
 */
export class Turn {
  readonly context: EvaluationContext;
  readonly effects: OutgoingEffect[] = [];
  readonly evaluated: Evaluated[] = [];
  readonly undo: Undo = [];
  /** What the key of every instance that was dropped begins with. */
  readonly dropped: string[] = [];
  #bytes = 0;
  readonly #touched = new Set<Held>();
  /** Whether something that was touched may have left its place since. */
  #hasRemoved = false;
  /** Effects of the cause that is being evaluated; `settle` sends them out. */
  #caused: Omit<OutgoingEffect, 'chain'>[] = [];

  constructor(context: EvaluationContext) {
    this.context = context;
  }

  get now(): number {
    return this.context.now;
  }

  /** Of what its actions send and of what it touches, about: what bounds its commit. */
  get bytes(): number {
    return this.#bytes;
  }

  get touched(): number {
    return this.#touched.size;
  }

  /** Evaluates a trigger for a key, where `before` is held, and loaded, or nothing is. `settle` has to follow. */
  evaluate(
    slot: Slot,
    model: RunningModel,
    keyValue: string | undefined,
    before: Held | undefined,
    trigger: AlarmTrigger,
  ): void {
    const { held, evaluated } = slot.evaluate(model, keyValue, before, trigger, this.context, this.undo);
    // Its row is written whole.
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
   * All that one message, timer or command causes is evaluated. `chain` is the number of messages that it may cause
   * through iotEvents actions, directly and through what they cause: it is divided among them.
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

  /** Forgets all instances of a model. */
  drop(slots: readonly Slot[], model: RunningModel): void {
    for (const slot of slots) slot.drop(model.epoch, this.undo);
    this.#hasRemoved = true;
    this.dropped.push(instancesOf(model));
  }

  /**
   * A new version of a model, with an epoch of its own, takes over the instances that it has a place for; the others
   * go. Refused, with nothing changed, when the row of one cannot be read.
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

  /** A new version of a model takes over the instances of the one before, which has its epoch. */
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

  /** Takes back everything since the mark; without one, everything. */
  rollBack(to?: Mark): void {
    const end = to?.undo ?? 0;
    while (this.undo.length > end) this.undo.pop()?.();
    this.effects.length = to?.effects ?? 0;
    this.evaluated.length = to?.evaluated ?? 0;
    this.dropped.length = to?.dropped ?? 0;
    this.#bytes = to?.bytes ?? 0;
    this.#caused = [];
  }

  /** The rows of the instances touched, as they are now. */
  rows(): InstanceRow[] {
    const rows: InstanceRow[] = [];
    for (const held of this.#touched) {
      // What is held under the key now, which may be another that came in its place.
      const now = this.#hasRemoved ? held.slot.find(held.model.epoch, held.keyValue) : held;
      rows.push([held.key, now?.encode() ?? null]);
    }
    return rows;
  }
}
