import { NumbersByHash } from '../../numbers-by-hash.ts';
import type { DormantRows } from './dormant-rows.ts';
import { DueIndex } from './due-index.ts';
import { hashOfKey } from './key-table.ts';
import type { RunningModel } from './running.ts';

/** A row that is no longer dormant. */
export interface Woken {
  readonly keyValue: string | undefined;
  readonly text: string;
}

/**
 * The instances of a model in a slot that nobody has asked for since the start: most of a large fleet, for a long time. They
 * are numbers of rows, by the hashes of their keys and by due time, and no objects: to make a million of those would take
 * most of a start.
 */
export class Dormant {
  readonly model: RunningModel;
  readonly #rows: DormantRows;
  readonly #seed: number;
  readonly #numbers = new NumbersByHash();
  readonly #due = new DueIndex<number>();

  constructor(model: RunningModel, rows: DormantRows, seed: number) {
    this.model = model;
    this.#rows = rows;
    this.#seed = seed;
  }

  get size(): number {
    return this.#numbers.size;
  }

  /** A lower bound of the time when the next timer is due. */
  get earliest(): number {
    return this.#due.earliest;
  }

  /** Adds a row. `due` is when its first timer expires, or Infinity. Call `settle` after the last one. */
  add(keyValue: string | undefined, number: number, due: number): void {
    this.#numbers.add(hashOfKey(keyValue, this.#seed), number);
    if (due < Number.POSITIVE_INFINITY) this.#due.append(due, number);
  }

  settle(): void {
    this.#due.settle();
  }

  /** Takes the row of a key out; undefined when there is none. */
  take(keyValue: string | undefined): Woken | undefined {
    const hash = hashOfKey(keyValue, this.#seed);
    if (!this.#numbers.has(hash)) return undefined;
    const number = this.#numbers.numbersOf(hash).find((each) => this.#keyOf(each) === (keyValue ?? ''));
    return number === undefined ? undefined : this.#wake(hash, number);
  }

  /** Takes the row whose timer is due first; undefined when it is taken already. There must be one. */
  takeEarliest(): Woken | undefined {
    const number = this.#due.take()?.item as number;
    const key = this.#keyOf(number);
    if (key === undefined) return undefined;
    const hash = hashOfKey(key, this.#seed);
    return this.#numbers.numbersOf(hash).includes(number) ? this.#wake(hash, number) : undefined;
  }

  /** Takes all rows. */
  takeAll(): Woken[] {
    return this.#numbers
      .all()
      .map((number) => this.#wake(hashOfKey(this.#keyOf(number), this.#seed), number));
  }

  #wake(hash: number, number: number): Woken {
    const text = this.#rows.text(number);
    const key = this.#keyOf(number);
    this.#numbers.delete(hash, number);
    this.#rows.release(number);
    return { keyValue: this.model.compiled.key === undefined ? undefined : key, text };
  }

  /** The key value in the row's key, '' without one; undefined when that is no longer known. */
  #keyOf(number: number): string | undefined {
    return this.#rows.key(number)?.slice(this.model.keyPrefix.text.length);
  }
}
