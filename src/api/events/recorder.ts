import type { Evaluated } from '../../core/engine/running.ts';
import type { Observer } from '../../runtime/host.ts';
import { type EvaluationEvent, eventOf } from './evaluation-event.ts';

/** Selects events; an absent member matches all. */
export interface EventFilter {
  readonly kind?: 'detector' | 'alarm' | undefined;
  readonly modelName?: string | undefined;
  readonly keyValue?: string | undefined;
  readonly inputName?: string | undefined;
}

export interface Subscriber {
  readonly filter: EventFilter;
  /** `json` is the event as text, rendered once for all subscribers. Must not throw. */
  send(id: number, json: string): void;
  /** Reports evaluations that match the filter's model but were not recorded, since there were too many at once. */
  skipped(count: number): void;
}

/** What a filter looks at in an event. */
interface Subject {
  readonly kind: EvaluationEvent['kind'];
  readonly modelName: string;
  readonly keyValue: string | undefined;
  /** Undefined unless a message was the trigger. */
  readonly inputName: string | undefined;
}

/** A remembered event as bytes: as objects, 5,000 of them were a seventh of the heap of 100,000 detectors. */
interface Recorded extends Subject {
  readonly id: number;
  readonly json: Buffer;
}

/** Evaluations recorded in a second: for any detector, and for watched detectors. */
const RATE = 50;
const WATCHED_RATE = 500;
/** Number of evaluations remembered. */
const REMEMBERED = 5000;

/**
 * Records evaluations with their traces, for current watchers and later queries. Traces cost time, so only a limited
 * number is kept in a second; beyond that, watched detectors have priority, and the rest is counted.
 */
export class EvaluationRecorder implements Observer {
  readonly #subscribers = new Set<Subscriber>();
  /** A ring buffer: an event's place is its number modulo the size. */
  readonly #ring: (Recorded | undefined)[] = new Array<undefined>(REMEMBERED).fill(undefined);
  /** Increases across restarts as well, as long as there are fewer than a thousand in a millisecond. */
  #lastId: number;
  #count = 0;
  #second = 0;
  #traced = 0;
  #watched = 0;
  #skipped = new Map<string, number>();
  #readers = new Set<() => void>();

  /** `now` is in milliseconds since the epoch. */
  constructor(now: number) {
    this.#lastId = now * 1000;
  }

  readonly traces = (modelName: string, keyValue: string | undefined): boolean => {
    if (this.#traced < RATE) {
      this.#traced++;
      return true;
    }
    if (this.#watched >= WATCHED_RATE || !this.#isWatched(modelName, keyValue)) return false;
    this.#watched++;
    return true;
  };

  keepsStates(): boolean {
    return false;
  }

  readonly observe = (evaluated: Evaluated, now: number): void => {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) this.#turnSecond(second);
    if (evaluated.result.trace === undefined) {
      if (this.#subscribers.size === 0) return;
      const { name } = evaluated.model.compiled;
      this.#skipped.set(name, (this.#skipped.get(name) ?? 0) + 1);
      return;
    }
    const event = eventOf(evaluated, ++this.#lastId, now);
    if (event === undefined) return;
    const { id, kind, modelName, keyValue, trigger } = event;
    const inputName = trigger.type === 'Message' ? trigger.inputName : undefined;
    const json = JSON.stringify(event);
    const recorded = { id, kind, modelName, keyValue, inputName, json: Buffer.from(json) };
    this.#ring[this.#count++ % REMEMBERED] = recorded;
    for (const subscriber of this.#subscribers) {
      if (fits(recorded, subscriber.filter)) subscriber.send(id, json);
    }
  };

  /** Returns a function that unsubscribes. */
  subscribe(subscriber: Subscriber): () => void {
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  /** Called when the server closes; returns a function that cancels the call. */
  onClose(callback: () => void): () => void {
    this.#readers.add(callback);
    return () => this.#readers.delete(callback);
  }

  close(): void {
    for (const callback of [...this.#readers]) callback();
  }

  /** The id of the oldest remembered event; undefined when there is none. */
  get oldest(): number | undefined {
    return this.#ring[this.#count < REMEMBERED ? 0 : this.#count % REMEMBERED]?.id;
  }

  /** Remembered events, oldest first: the id and the JSON of each. */
  *remembered(filter: EventFilter): Generator<{ readonly id: number; readonly json: Buffer }> {
    const first = Math.max(0, this.#count - REMEMBERED);
    for (let at = first; at < this.#count; at++) {
      const recorded = this.#ring[at % REMEMBERED];
      if (recorded !== undefined && fits(recorded, filter)) yield recorded;
    }
  }

  #turnSecond(second: number): void {
    this.#second = second;
    this.#traced = 0;
    this.#watched = 0;
    if (this.#skipped.size === 0) return;
    const skipped = this.#skipped;
    this.#skipped = new Map();
    for (const subscriber of this.#subscribers) {
      const { modelName } = subscriber.filter;
      const count =
        modelName === undefined
          ? [...skipped.values()].reduce((sum, each) => sum + each, 0)
          : (skipped.get(modelName) ?? 0);
      if (count > 0) subscriber.skipped(count);
    }
  }

  #isWatched(modelName: string, keyValue: string | undefined): boolean {
    for (const { filter } of this.#subscribers) {
      if (filter.modelName === modelName && (filter.keyValue === undefined || filter.keyValue === keyValue))
        return true;
    }
    return false;
  }
}

function fits(subject: Subject, filter: EventFilter): boolean {
  const { kind, modelName, keyValue, inputName } = filter;
  return (
    (kind === undefined || kind === subject.kind) &&
    (modelName === undefined || modelName === subject.modelName) &&
    (keyValue === undefined || keyValue === subject.keyValue) &&
    (inputName === undefined || inputName === subject.inputName)
  );
}
