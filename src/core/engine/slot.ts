import type { AlarmTrigger } from '../alarm/types.ts';
import type { StepContext } from '../detector/types.ts';
import { DueIndex } from './due-index.ts';
import { Held } from './held.ts';
import { KeyTable } from './key-table.ts';
import { type Evaluated, type Instance, type RunningModel, takeBack } from './running.ts';

/** Numbers evaluations: never twice the same in one slot, over restarts too. Several slots may share one. */
export class Sequence {
  last = 0;
}

/** Whether the evaluations of an instance keep a trace. */
export type Traces = (modelName: string, keyValue: string | undefined) => boolean;

/** What an evaluation needs beside its slot. */
export interface EvaluationContext extends Pick<StepContext, 'now' | 'wall' | 'limits'> {
  readonly traces: Traces;
  /** Whether somebody will look at what each evaluation found, and left. */
  readonly keepsStates: () => boolean;
}

/** Steps that take back what was done, the last one first. */
export type Undo = (() => void)[];

/**
 * A fixed share of the keys with a single writer: detectors, alarms and due times.
 * Nothing in here is durable by itself; the host commits what a turn changed, or takes it back through the undo
 * steps that each change leaves.
 */
export class Slot {
  readonly number: number;
  readonly #sequence: Sequence;
  readonly #seed: number;
  readonly #models = new Map<number, KeyTable<Held>>();
  readonly #due = new DueIndex<Held>();

  /** `seed` is another one in each process, so that keys which collide are hard to choose. */
  constructor(number: number, sequence: Sequence, seed: number) {
    this.number = number;
    this.#sequence = sequence;
    this.#seed = seed;
  }

  /** When the next timer may be due; never later than the first that is. */
  get nextDue(): number {
    return this.#due.earliest;
  }

  find(epoch: number, keyValue: string | undefined): Held | undefined {
    return this.#models.get(epoch)?.get(keyValue);
  }

  /** All instances of a model in this slot, in no order. */
  instances(epoch: number): Iterable<Held> {
    return this.#models.get(epoch)?.values() ?? [];
  }

  count(epoch: number): number {
    return this.#models.get(epoch)?.size ?? 0;
  }

  /** Evaluates a trigger for a key, creating its instance when nothing is `held` there. What is held must be loaded. */
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
    undo.push(() => this.#putBack(place, takeBack(evaluated)));
    return { held: place, evaluated };
  }

  /** A new, empty place for a key. */
  hold(model: RunningModel, keyValue: string | undefined, undo: Undo): Held {
    const held = new Held(model, keyValue, this);
    const own = this.#add(held);
    undo.push(() => own.delete(keyValue));
    return held;
  }

  /**
   * Takes over what a row holds. It is read when it is first asked for, except for when it is due: most of many
   * detectors get no message for long. Returns why the row cannot be read, if that shows already. `restored` has to
   * follow the last one.
   */
  restore(model: RunningModel, keyValue: string | undefined, row: string): string | undefined {
    const held = new Held(model, keyValue, this, row);
    this.#add(held);
    let due = model.behaviour.firstExpiry(row);
    if (due === undefined) {
      const unreadable = held.load();
      if (unreadable !== undefined) return unreadable;
      due = held.instance && nextTimer(held.instance)?.expiresAt;
    }
    if (due === undefined || due === Number.POSITIVE_INFINITY) return undefined;
    held.indexedAt = due;
    this.#due.append(due, held);
    return undefined;
  }

  /** Everything there is has been restored. */
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

  /** Forgets all instances of a model. */
  drop(epoch: number, undo: Undo): void {
    const own = this.#models.get(epoch);
    if (own === undefined) return;
    this.#models.delete(epoch);
    undo.push(() => this.#models.set(epoch, own));
  }

  /**
   * The next instance with a timer that is due, with the first such timer's name; an instance whose row cannot be
   * read, with why; or undefined when nothing is due.
   * Index entries say when to look, the instance says what is due: a timer set again since leaves its entry
   * behind, and that is put right here.
   */
  takeDue(now: number): Due | undefined {
    while (this.#due.earliest <= now) {
      const taken = this.#due.take();
      if (taken === undefined) return undefined;
      const { time, item: held } = taken;
      if (held.indexedAt !== time) continue;
      held.indexedAt = Number.POSITIVE_INFINITY;
      const due = this.dueOf(held, now);
      if (due !== undefined) return due;
    }
    return undefined;
  }

  /** The timer that is due of a place which `takeDue` has taken; undefined, and awaited again, when none is. */
  dueOf(held: Held, now: number): Due | undefined {
    if (this.find(held.model.epoch, held.keyValue) !== held) return undefined;
    const unreadable = held.load();
    if (unreadable !== undefined) return { held, unreadable };
    const next = held.instance && nextTimer(held.instance);
    if (next === undefined) return undefined;
    if (next.expiresAt <= now) return { held, timerName: next.name };
    this.#await(held, next.expiresAt);
    return undefined;
  }

  /** Leaves an instance's timers alone until its next evaluation: the one that one of them asked for cannot be kept. */
  putAside(held: Held): void {
    held.indexedAt = Number.POSITIVE_INFINITY;
  }

  /** When the first timer of a place in this slot expires; Infinity when none runs, or when it cannot be read. */
  deadlineOf(held: Held): number {
    if (held.load() !== undefined || held.instance === undefined) return Number.POSITIVE_INFINITY;
    return nextTimer(held.instance)?.expiresAt ?? Number.POSITIVE_INFINITY;
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

/** An instance with a timer that is due, or one of which that cannot be told. */
export type Due =
  | { readonly held: Held; readonly timerName: string; readonly unreadable?: undefined }
  | { readonly held: Held; readonly unreadable: string; readonly timerName?: undefined };

/** The running timer that expires first; of several at one time the one set first. */
function nextTimer(instance: Instance): { readonly name: string; readonly expiresAt: number } | undefined {
  let next: { readonly name: string; readonly expiresAt: number } | undefined;
  for (const timer of instance.timers) {
    if (timer.status === 'RUNNING' && (next === undefined || timer.expiresAt < next.expiresAt)) next = timer;
  }
  return next;
}
