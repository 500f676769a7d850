import type { AlarmTrigger } from '../alarm/types.ts';
import { nextTimer } from '../detector/next-timer.ts';
import type { StepContext } from '../detector/types.ts';
import { DueIndex } from './due-index.ts';
import { Held } from './held.ts';
import { KeyTable } from './key-table.ts';
import { type Evaluated, type Instance, type RunningModel, takeBack } from './running.ts';

/** The sequence number of evaluations: unique within a slot, also across restarts. Slots may share one. */
export class Sequence {
  last = 0;
}

/** Whether the evaluations of an instance record a trace. */
export type Traces = (modelName: string, keyValue: string | undefined) => boolean;

/** What an evaluation needs in addition to its slot. */
export interface EvaluationContext extends Pick<StepContext, 'now' | 'wall' | 'limits'> {
  readonly traces: Traces;
  /** Whether to keep snapshots of each detector before and after its evaluation. */
  readonly keepsStates: () => boolean;
}

/** Steps that undo changes, to be run from last to first. */
export type Undo = (() => void)[];

/**
 * A fixed share of the keys with a single writer: detectors, alarms and their due times. Nothing here is durable by
 * itself: the host commits what a turn changed, or undoes it with the steps that each change appends.
 */
export class Slot {
  readonly number: number;
  readonly #sequence: Sequence;
  readonly #seed: number;
  readonly #models = new Map<number, KeyTable<Held>>();
  readonly #due = new DueIndex<Held>();

  /** `seed` is different in each process, so that colliding keys are hard to construct. */
  constructor(number: number, sequence: Sequence, seed: number) {
    this.number = number;
    this.#sequence = sequence;
    this.#seed = seed;
  }

  /** A lower bound of the time when the next timer is due. */
  get nextDue(): number {
    return this.#due.earliest;
  }

  find(epoch: number, keyValue: string | undefined): Held | undefined {
    return this.#models.get(epoch)?.get(keyValue);
  }

  /** All of a model's instances in this slot, in no particular order. */
  instances(epoch: number): Iterable<Held> {
    return this.#models.get(epoch)?.values() ?? [];
  }

  count(epoch: number): number {
    return this.#models.get(epoch)?.size ?? 0;
  }

  /** Evaluates a trigger for a key, creating its instance when `held` is undefined. `held` must be loaded. */
  evaluate(
    model: RunningModel,
    keyValue: string | undefined,
    held: Held | undefined,
    trigger: AlarmTrigger,
    { now, wall = now, limits, traces, keepsStates }: EvaluationContext,
    undo: Undo,
  ): { readonly held: Held; readonly evaluated: Evaluated } {
    const sequence = ++this.#sequence.last;
    const trace = traces(model.compiled.name, keyValue);
    const context = { now, wall, sequence, keyValue, limits, trace };
    const { behaviour } = model;
    const evaluated = behaviour.evaluate(model, keyValue, held?.instance, trigger, context, keepsStates());
    const place = held ?? this.hold(model, keyValue, undo);
    this.#put(place, evaluated.instance);
    undo.push(() => this.#revert(place, takeBack(evaluated)));
    return { held: place, evaluated };
  }

  /** Adds an empty entry for a key. */
  hold(model: RunningModel, keyValue: string | undefined, undo: Undo): Held {
    const held = new Held(model, keyValue, this);
    const own = this.#add(held);
    undo.push(() => own.delete(keyValue));
    return held;
  }

  /**
   * Adds the entry of a stored row. Usually only its next due time is read now, and the row is decoded on first use:
   * most detectors of a large fleet get no message for a long time. Returns the reason if the row is found to be
   * unreadable. Call `restored` after the last row.
   */
  restore(model: RunningModel, keyValue: string | undefined, row: string): string | undefined {
    const held = new Held(model, keyValue, this, row);
    this.#add(held);
    let due = model.behaviour.firstExpiry(row);
    if (due === undefined) {
      const unreadable = held.load();
      if (unreadable !== undefined) return unreadable;
      due = held.instance && nextTimer(held.instance.timers)?.expiresAt;
    }
    if (due === undefined || due === Number.POSITIVE_INFINITY) return undefined;
    held.indexedAt = due;
    this.#due.append(due, held);
    return undefined;
  }

  /** To be called once, after the last `restore`. */
  restored(): void {
    this.#due.settle();
  }

  #add(held: Held): KeyTable<Held> {
    const { epoch } = held.model;
    let own = this.#models.get(epoch);
    if (own === undefined) {
      own = new KeyTable(this.#seed);
      this.#models.set(epoch, own);
    }
    own.set(held);
    return own;
  }

  replace(held: Held, instance: Instance, undo: Undo): void {
    const before = held.instance;
    this.#put(held, instance);
    undo.push(() => this.#revert(held, before));
  }

  #put(held: Held, instance: Instance): void {
    held.instance = instance;
    this.#index(held, instance);
  }

  #revert(held: Held, before: Instance | undefined): void {
    if (before === undefined) held.instance = undefined;
    else this.#put(held, before);
  }

  /** Switches the existing instances to a new version of their model with the same epoch. */
  adopt(model: RunningModel, undo: Undo): void {
    for (const held of this.instances(model.epoch)) {
      const before = held.model;
      held.model = model;
      undo.push(() => {
        held.model = before;
      });
    }
  }

  remove(held: Held, undo: Undo): void {
    const own = this.#models.get(held.model.epoch);
    own?.delete(held.keyValue);
    undo.push(() => own?.set(held));
  }

  /** Removes all instances of a model. */
  drop(epoch: number, undo: Undo): void {
    const own = this.#models.get(epoch);
    if (own === undefined) return;
    this.#models.delete(epoch);
    undo.push(() => this.#models.set(epoch, own));
  }

  /**
   * Returns the next instance with a due timer, together with the first such timer's name, or with the reason when its
   * row cannot be read; undefined when nothing is due. The index only says when to look, and the instance says what is
   * due: a timer that was set again leaves a stale entry, which is corrected here.
   */
  takeDue(now: number): Due | undefined {
    while (this.#due.earliest <= now) {
      const taken = this.#due.take();
      if (taken === undefined) return undefined;
      const { time, item: held } = taken;
      if (held.indexedAt !== time) continue;
      held.indexedAt = undefined;
      const due = this.dueOf(held, now);
      if (due !== undefined) return due;
    }
    return undefined;
  }

  /** Awaits again the timers of a place that `takeDue` returned and that was not evaluated. */
  putBack(held: Held): void {
    if (held.instance !== undefined) this.#index(held, held.instance);
  }

  /**
   * The due timer of an entry that `takeDue` returned. If there is none, indexes the entry again and returns undefined.
   */
  dueOf(held: Held, now: number): Due | undefined {
    if (this.find(held.model.epoch, held.keyValue) !== held) return undefined;
    const unreadable = held.load();
    if (unreadable !== undefined) return { held, unreadable };
    const next = held.instance && nextTimer(held.instance.timers);
    if (next === undefined) return undefined;
    if (next.expiresAt <= now) return { held, timerName: next.name };
    this.#schedule(held, next.expiresAt);
    return undefined;
  }

  /**
   * Ignores an instance's timers until its next evaluation, after the evaluation of one of them could not be committed.
   */
  putAside(held: Held): void {
    held.indexedAt = undefined;
  }

  /** When an entry's first timer expires; Infinity when none is running or the row cannot be read. */
  deadlineOf(held: Held): number {
    if (held.load() !== undefined || held.instance === undefined) return Number.POSITIVE_INFINITY;
    return nextTimer(held.instance.timers)?.expiresAt ?? Number.POSITIVE_INFINITY;
  }

  #index(held: Held, instance: Instance): void {
    if (instance.timers.length === 0) return;
    const next = nextTimer(instance.timers);
    if (next === undefined) return;
    if (held.indexedAt === undefined || next.expiresAt < held.indexedAt) this.#schedule(held, next.expiresAt);
  }

  #schedule(held: Held, time: number): void {
    held.indexedAt = time;
    this.#due.add(time, held);
  }
}

/** An entry with a due timer, or with a row that cannot be read. */
export type Due =
  | { readonly held: Held; readonly timerName: string; readonly unreadable?: undefined }
  | { readonly held: Held; readonly unreadable: string; readonly timerName?: undefined };
