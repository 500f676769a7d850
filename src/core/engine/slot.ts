import type { StoredRows } from '../../stored-rows.ts';
import type { AlarmTrigger } from '../alarm/types.ts';
import { nextTimer } from '../detector/next-timer.ts';
import type { StepContext } from '../detector/types.ts';
import { Dormant, type Woken } from './dormant.ts';
import type { DormantRows } from './dormant-rows.ts';
import { DueIndex } from './due-index.ts';
import { Held } from './held.ts';
import { KeyTable } from './key-table.ts';
import { type Evaluated, type Instance, type RunningModel, takeBack } from './running.ts';

/** The sequence number of evaluations: unique within a slot, also across restarts. Slots may share one. */
export class Sequence {
  last = 0;
}

/** A lower bound of the time when the next timer of some slots is due: each of them lowers it. */
export class Deadline {
  time = Number.POSITIVE_INFINITY;

  lower(time: number): void {
    if (time < this.time) this.time = time;
  }
}

const NO_EPOCH = -1;

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
  readonly #deadline: Deadline;
  readonly #models = new Map<number, KeyTable<Held>>();
  /** One of them, which the next message is probably for too. */
  #latest: KeyTable<Held> | undefined;
  #latestEpoch = NO_EPOCH;
  readonly #due = new DueIndex<Held>();
  /** The instances that are not among `#models` yet, by their epochs. */
  readonly #dormant = new Map<number, Dormant>();
  /** A lower bound of the time when the next timer of those is due. */
  #dormantDue = Number.POSITIVE_INFINITY;

  /** `seed` is different in each process, so that colliding keys are hard to construct. */
  constructor(number: number, sequence: Sequence, seed: number, deadline = new Deadline()) {
    this.number = number;
    this.#sequence = sequence;
    this.#seed = seed;
    this.#deadline = deadline;
  }

  /** A lower bound of the time when the next timer is due. */
  get nextDue(): number {
    return Math.min(this.#due.earliest, this.#dormantDue);
  }

  find(epoch: number, keyValue: string | undefined): Held | undefined {
    if (epoch !== this.#latestEpoch) {
      this.#latest = this.#models.get(epoch);
      this.#latestEpoch = epoch;
    }
    return this.#latest?.get(keyValue) ?? this.#wake(this.#dormant.get(epoch), keyValue);
  }

  /** All of a model's instances in this slot, in no particular order. */
  instances(epoch: number): Iterable<Held> {
    const dormant = this.#dormant.get(epoch);
    for (const woken of dormant?.takeAll() ?? []) this.#addWoken(dormant as Dormant, woken);
    return this.#models.get(epoch)?.values() ?? [];
  }

  count(epoch: number): number {
    return (this.#models.get(epoch)?.size ?? 0) + (this.#dormant.get(epoch)?.size ?? 0);
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

  /** Adds the entry of a stored row. Returns the reason if the row is found to be unreadable. */
  restore(model: RunningModel, keyValue: string | undefined, row: string): string | undefined {
    const held = new Held(model, keyValue, this, row);
    this.#add(held);
    let due = model.behaviour.firstExpiry(row);
    if (due === undefined) {
      const unreadable = held.load();
      if (unreadable !== undefined) return unreadable;
      due = held.instance && nextTimer(held.instance.timers)?.expiresAt;
    }
    if (due !== undefined && due !== Number.POSITIVE_INFINITY) this.#schedule(held, due);
    return undefined;
  }

  /**
   * Like `restore`, but usually only the row's next due time is read now, and there is an entry once somebody asks for it.
   * `dormant` has such rows of the same model in all slots. Call `restored` after the last row.
   */
  restoreDormant(
    model: RunningModel,
    keyValue: string | undefined,
    dormant: DormantRows,
    rows: StoredRows,
    index: number,
  ): string | undefined {
    const row = rows.value(index);
    const due = model.behaviour.firstExpiry(row);
    if (due === undefined) return this.restore(model, keyValue, row.toString());
    let own = this.#dormant.get(model.epoch);
    if (own === undefined) {
      own = new Dormant(model, dormant, this.#seed);
      this.#dormant.set(model.epoch, own);
    }
    own.add(keyValue, dormant.add(rows, index), due);
    return undefined;
  }

  /** To be called once, after the last `restoreDormant`. */
  restored(): void {
    for (const dormant of this.#dormant.values()) dormant.settle();
    this.#lookAtDormant();
  }

  #lookAtDormant(): void {
    this.#dormantDue = Number.POSITIVE_INFINITY;
    for (const { earliest } of this.#dormant.values())
      this.#dormantDue = Math.min(this.#dormantDue, earliest);
    this.#deadline.lower(this.#dormantDue);
  }

  #wake(dormant: Dormant | undefined, keyValue: string | undefined): Held | undefined {
    const woken = dormant?.take(keyValue);
    return woken && this.#addWoken(dormant as Dormant, woken);
  }

  /** Takes out the dormant instance whose timer is due first. */
  #wakeEarliest(): void {
    for (const dormant of this.#dormant.values()) {
      if (dormant.earliest > this.#dormantDue) continue;
      const woken = dormant.takeEarliest();
      if (woken !== undefined) this.#addWoken(dormant, woken);
      break;
    }
    this.#lookAtDormant();
  }

  #addWoken({ model, size }: Dormant, { keyValue, text }: Woken): Held {
    if (size === 0) this.#dormant.delete(model.epoch);
    const held = new Held(model, keyValue, this, text);
    this.#add(held);
    const due = model.behaviour.firstExpiry(text) ?? Number.POSITIVE_INFINITY;
    if (due < Number.POSITIVE_INFINITY) this.#schedule(held, due);
    return held;
  }

  #add(held: Held): KeyTable<Held> {
    const { epoch } = held.model;
    let own = this.#models.get(epoch);
    if (own === undefined) {
      own = new KeyTable(this.#seed);
      this.#setModel(epoch, own);
    }
    own.set(held);
    return own;
  }

  #setModel(epoch: number, table: KeyTable<Held> | undefined): void {
    if (table === undefined) this.#models.delete(epoch);
    else this.#models.set(epoch, table);
    this.#latestEpoch = NO_EPOCH;
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
    const dormant = this.#dormant.get(epoch);
    if (own === undefined && dormant === undefined) return;
    this.#setModel(epoch, undefined);
    this.#dormant.delete(epoch);
    undo.push(() => {
      if (own !== undefined) this.#setModel(epoch, own);
      if (dormant !== undefined) this.#dormant.set(epoch, dormant);
      this.#lookAtDormant();
    });
  }

  /**
   * Returns the next instance with a due timer, together with the first such timer's name, or with the reason when its
   * row cannot be read; undefined when nothing is due. The index only says when to look, and the instance says what is
   * due: a timer that was set again leaves a stale entry, which is corrected here.
   */
  takeDue(now: number): Due | undefined {
    while (this.nextDue <= now) {
      if (this.#dormantDue <= this.#due.earliest) {
        this.#wakeEarliest();
        continue;
      }
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
    this.#deadline.lower(time);
  }
}

/** An entry with a due timer, or with a row that cannot be read. */
export type Due =
  | { readonly held: Held; readonly timerName: string; readonly unreadable?: undefined }
  | { readonly held: Held; readonly unreadable: string; readonly timerName?: undefined };
