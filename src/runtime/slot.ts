import type { AlarmTrigger } from '../core/alarm/types.ts';
import type { Limits } from '../limits.ts';
import { StoreError } from '../store/store.ts';
import { DueIndex } from './due-index.ts';
import { KeyTable } from './key-table.ts';
import { instanceKey } from './rows.ts';
import {
  decode,
  type Evaluated,
  evaluate,
  firstExpiry,
  type Instance,
  nameOf,
  type RunningModel,
  takeBack,
} from './running.ts';

/** A place for one detector or alarm, there as long as its key is in use. */
export class Held {
  /** Replaced when a new version takes over the instances there are. */
  model: RunningModel;
  readonly keyValue: string | undefined;
  readonly slot: Slot;
  /** The time of its entry in the due index; Infinity when it has none. */
  indexedAt = Number.POSITIVE_INFINITY;
  #instance: Instance | undefined;
  /** The row that the instance is in until it is first asked for. */
  #row: string | undefined;
  #rowKey: string | undefined;

  constructor(model: RunningModel, keyValue: string | undefined, slot: Slot) {
    this.model = model;
    this.keyValue = keyValue;
    this.slot = slot;
  }

  /** Throws StoreError when the row that it is in cannot be read. */
  get instance(): Instance | undefined {
    if (this.#row !== undefined) {
      this.#instance = decodeRow(this.model, this.keyValue, this.#row);
      this.#row = undefined;
    }
    return this.#instance;
  }

  set instance(instance: Instance | undefined) {
    this.#instance = instance;
    this.#row = undefined;
  }

  set row(text: string) {
    this.#row = text;
  }

  /** The key of its row; the same text each time, whose hash is known then. */
  get rowKey(): string {
    this.#rowKey ??= instanceKey(this.model, this.keyValue);
    return this.#rowKey;
  }
}

function decodeRow(model: RunningModel, keyValue: string | undefined, text: string): Instance {
  const decoded = decode(model, text);
  if (decoded.ok) return decoded.instance;
  const key = instanceKey(model, keyValue);
  throw new StoreError('CORRUPT', `${key} of ${nameOf(model)} cannot be read: ${decoded.message}`);
}

/** Numbers the evaluations of all slots of a host: never twice the same, over restarts too. */
export class Sequence {
  last = 0;
}

/** Whether the evaluations of a detector keep a trace. */
export type Traces = (detectorModelName: string, keyValue: string | undefined) => boolean;

/**
 * A fixed share of the keys with a single writer: detectors, alarms and due times.
 * Nothing in here is durable by itself; the host commits what a turn changed, or takes it back through the undo
 * steps that each change leaves.
 */
export class Slot {
  readonly number: number;
  readonly #sequence: Sequence;
  readonly #models = new Map<number, KeyTable<Held>>();
  readonly #due = new DueIndex<Held>();

  constructor(number: number, sequence: Sequence) {
    this.number = number;
    this.#sequence = sequence;
  }

  /** When the next timer may be due; never later than the first that is. */
  get nextDue(): number {
    return this.#due.earliest;
  }

  find(epoch: number, keyValue: string | undefined): Held | undefined {
    return this.#models.get(epoch)?.get(keyValue);
  }

  /** All detectors or alarms of a model in this slot. */
  instances(epoch: number): Iterable<Held> {
    return this.#models.get(epoch)?.values() ?? [];
  }

  count(epoch: number): number {
    return this.#models.get(epoch)?.size ?? 0;
  }

  /** Evaluates a trigger for a key, creating its detector or alarm when nothing is `held` there. */
  evaluate(
    model: RunningModel,
    keyValue: string | undefined,
    held: Held | undefined,
    trigger: AlarmTrigger,
    turn: {
      readonly now: number;
      readonly limits: Limits;
      readonly traces: Traces;
      readonly keepsStates: () => boolean;
    },
    undo: (() => void)[],
  ): { readonly held: Held; readonly evaluated: Evaluated } {
    const sequence = ++this.#sequence.last;
    const { now, limits } = turn;
    const trace = model.kind === 'detector' && turn.traces(model.compiled.name, keyValue);
    const context = { now, sequence, keyValue, limits, trace };
    const evaluated = evaluate(model, keyValue, held?.instance, trigger, context, turn.keepsStates());
    const place = held ?? this.hold(model, keyValue, undo);
    this.#put(place, evaluated.after);
    undo.push(() => this.#putBack(place, takeBack(evaluated)));
    return { held: place, evaluated };
  }

  /** A new, empty place for a key. */
  hold(model: RunningModel, keyValue: string | undefined, undo: (() => void)[]): Held {
    const held = new Held(model, keyValue, this);
    const own = this.#add(held);
    undo.push(() => own.delete(keyValue));
    return held;
  }

  /**
   * Takes over what a row holds. It is read when it is first asked for, except for when it is due: most of many
   * detectors get no message for long. Throws StoreError when it cannot be read. `restored` has to follow the last one.
   */
  restore(model: RunningModel, keyValue: string | undefined, text: string): void {
    const held = new Held(model, keyValue, this);
    this.#add(held);
    held.row = text;
    const due = firstExpiry(model, text) ?? nextTimer(held.instance as Instance)?.expiresAt;
    if (due === undefined || due === Number.POSITIVE_INFINITY) return;
    held.indexedAt = due;
    this.#due.append(due, held);
  }

  /** Everything there is has been restored. */
  restored(): void {
    this.#due.settle();
  }

  #add(held: Held): KeyTable<Held> {
    const { epoch } = held.model;
    let own = this.#models.get(epoch);
    if (own === undefined) {
      own = new KeyTable();
      this.#models.set(epoch, own);
    }
    own.set(held);
    return own;
  }

  replace(held: Held, instance: Instance, undo: (() => void)[]): void {
    const before = held.instance;
    this.#put(held, instance);
    undo.push(() => this.#putBack(held, before));
  }

  #put(held: Held, instance: Instance): void {
    held.instance = instance;
    this.#index(held, instance);
  }

  #putBack(held: Held, before: Instance | undefined): void {
    if (before === undefined) held.instance = undefined;
    else this.#put(held, before);
  }

  /** A new version of a model takes over the instances of the one before, which has its epoch. */
  adopt(model: RunningModel, undo: (() => void)[]): void {
    for (const held of this.instances(model.epoch)) {
      const before = held.model;
      held.model = model;
      undo.push(() => {
        held.model = before;
      });
    }
  }

  remove(held: Held, undo: (() => void)[]): void {
    const own = this.#models.get(held.model.epoch);
    own?.delete(held.keyValue);
    undo.push(() => own?.set(held));
  }

  /** Forgets all detectors or alarms of a model. */
  drop(epoch: number, undo: (() => void)[]): void {
    const own = this.#models.get(epoch);
    if (own === undefined) return;
    this.#models.delete(epoch);
    undo.push(() => this.#models.set(epoch, own));
  }

  /**
   * The next instance with a timer that is due, with the first such timer's name, or undefined when none is. Throws
   * StoreError when a row cannot be read, and goes on to the next one when it is called again.
   * Index entries say when to look, the instance says what is due: a timer set again since leaves its entry
   * behind, and that is put right here.
   */
  takeDue(now: number): { readonly held: Held; readonly timerName: string } | undefined {
    while (this.#due.earliest <= now) {
      const { time, item: held } = this.#due.take() as { time: number; item: Held };
      if (held.indexedAt !== time) continue;
      held.indexedAt = Number.POSITIVE_INFINITY;
      if (this.find(held.model.epoch, held.keyValue) !== held) continue;
      const next = held.instance && nextTimer(held.instance);
      if (next === undefined) continue;
      if (next.expiresAt <= now) return { held, timerName: next.name };
      this.#await(held, next.expiresAt);
    }
    return undefined;
  }

  #index(held: Held, instance: Instance): void {
    if (instance.timers.length === 0) return;
    const next = nextTimer(instance);
    if (next !== undefined && next.expiresAt < held.indexedAt) this.#await(held, next.expiresAt);
  }

  #await(held: Held, time: number): void {
    held.indexedAt = time;
    this.#due.add(time, held);
  }
}

/** The running timer that expires first; of several at one time the one set first. */
function nextTimer(instance: Instance): { readonly name: string; readonly expiresAt: number } | undefined {
  let next: { readonly name: string; readonly expiresAt: number } | undefined;
  for (const timer of instance.timers) {
    if (timer.status === 'RUNNING' && (next === undefined || timer.expiresAt < next.expiresAt)) next = timer;
  }
  return next;
}

/** The slot of a key: the same on every host and for ever (32-bit FNV-1a over UTF-16 units). */
export function slotOf(modelName: string, keyValue: string | undefined, slots: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < modelName.length; at++) {
    hash = Math.imul(hash ^ modelName.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash, 0x01000193);
  const key = keyValue ?? '';
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % slots;
}
