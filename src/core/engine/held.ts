import { instanceKey } from './instance-key.ts';
import type { Instance, RunningModel } from './running.ts';
import type { Slot } from './slot.ts';

/** A place for one detector or alarm, there as long as its key is in use. */
export class Held {
  /** Replaced when a new version takes over the instances there are. */
  model: RunningModel;
  readonly keyValue: string | undefined;
  readonly slot: Slot;
  /** The time of its entry in the due index; Infinity when it has none. */
  indexedAt = Number.POSITIVE_INFINITY;
  /** Characters of its row when that was last read or written. */
  size: number;
  #instance: Instance | undefined;
  /** The row that the instance is in until it is first asked for. */
  #row: string | undefined;
  #key: string | undefined;

  constructor(model: RunningModel, keyValue: string | undefined, slot: Slot, row?: string) {
    this.model = model;
    this.keyValue = keyValue;
    this.slot = slot;
    this.#row = row;
    this.size = row?.length ?? 0;
  }

  /** The key of its row; the same text each time, whose hash is known then. */
  get key(): string {
    this.#key ??= instanceKey(this.model, this.keyValue);
    return this.#key;
  }

  /** Reads the row that the instance still is in, if it is. Returns why it cannot be read, undefined when it can. */
  load(): string | undefined {
    if (this.#row === undefined) return undefined;
    const decoded = this.model.behaviour.decode(this.model, this.#row);
    if (!decoded.ok) return decoded.message;
    this.#instance = decoded.instance;
    this.#row = undefined;
    return undefined;
  }

  /** Only after `load`; undefined also for a new place whose first evaluation was taken back. */
  get instance(): Instance | undefined {
    return this.#instance;
  }

  set instance(instance: Instance | undefined) {
    this.#instance = instance;
    this.#row = undefined;
  }

  /** The instance as text, undefined when there is none. */
  encode(): string | undefined {
    if (this.#row !== undefined) return this.#row;
    const row = this.#instance && this.model.behaviour.encode(this.model, this.#instance);
    this.size = row?.length ?? 0;
    return row;
  }
}
