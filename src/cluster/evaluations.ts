import type { Evaluated } from '../core/engine/running.ts';
import type { Execution } from '../runtime/delivery/execution.ts';
import type { Observer } from '../runtime/host.ts';
import { renderExact, toWire, type WireEvaluated } from './evaluated-wire.ts';
import { Told } from './told.ts';

/** A line of the stream from a worker to a front. */
export type EvaluationLine =
  | {
      readonly type: 'Evaluated';
      readonly slot: number;
      /** The number of the evaluation in its slot. */
      readonly sequence: number;
      /** Milliseconds since the epoch. */
      readonly now: number;
      readonly evaluated: WireEvaluated;
    }
  | { readonly type: 'Finished'; readonly executions: readonly Execution[] };

/** A front that watches this worker. */
export interface Watcher {
  readonly traces: boolean;
  readonly keepsStates: boolean;
  /** Must not throw. */
  write(line: string): void;
}

/** Events kept for fronts that connect late or reconnect. */
const REMEMBERED = 2000;
/** Evaluations traced for fronts in a second. */
const TRACED = 100;

/**
 * Passes the events of this worker to its watchers: the evaluation log in this process, and fronts elsewhere. An
 * invocation repeated by Restate is reported once. Evaluations are reported when they are made, which may be before
 * they are durable; one that is repeated after a failure is not reported again.
 */
export class Evaluations {
  readonly #observers: Observer[] = [];
  readonly #watchers = new Set<Watcher>();
  /** The last reported evaluation, by slot. */
  readonly #last = new Map<number, number>();
  readonly #told = new Told();
  readonly #recent: { readonly at: number; readonly line: () => string }[] = [];
  #second = 0;
  #traced = 0;

  /** Adds an observer in this process; must be called before anything is reported. */
  observe(observer: Observer): void {
    this.#observers.push(observer);
  }

  /**
   * Sends a front all new events, and those since a time in milliseconds since the epoch. Returns a function that ends
   * it.
   */
  watch(watcher: Watcher, since: number): () => void {
    for (const { at, line } of this.#recent) if (at >= since) watcher.write(line());
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  readonly traces = (modelName: string, keyValue: string | undefined): boolean => {
    for (const { traces } of this.#observers)
      if (traces === undefined || traces(modelName, keyValue)) return true;
    if (![...this.#watchers].some(({ traces }) => traces)) return false;
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#traced = 0;
    }
    return this.#traced++ < TRACED;
  };

  readonly keepsStates = (): boolean =>
    this.#observers.some(({ keepsStates }) => keepsStates?.() ?? true) ||
    [...this.#watchers].some(({ keepsStates }) => keepsStates);

  /** `before` is the number of the slot's evaluation before the first of these. */
  evaluated(slot: number, before: number, now: number, all: readonly Evaluated[]): void {
    const last = this.#last.get(slot) ?? 0;
    for (const [index, evaluated] of all.entries()) {
      const sequence = before + index + 1;
      if (sequence <= last) continue;
      for (const observer of this.#observers) observer.observe?.(evaluated, now, now);
      this.#write(() => ({ type: 'Evaluated', slot, sequence, now, evaluated: toWire(evaluated) }));
    }
    this.#last.set(slot, Math.max(last, before + all.length));
  }

  finished(executions: readonly Execution[]): void {
    const news = this.#told.newOf(executions);
    if (news.length === 0) return;
    for (const observer of this.#observers) observer.finished?.(news);
    this.#write(() => ({ type: 'Finished', executions: news }));
  }

  /** The line is only made for watchers. It may be made later, since a turn's instances do not change afterwards. */
  #write(make: () => EvaluationLine): void {
    let text: string | undefined;
    const line = () => {
      text ??= `${renderExact(make())}\n`;
      return text;
    };
    this.#recent.push({ at: Date.now(), line });
    if (this.#recent.length > REMEMBERED) this.#recent.splice(0, REMEMBERED / 2);
    for (const watcher of this.#watchers) watcher.write(line());
  }
}
