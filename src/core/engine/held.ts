import type { RowWriter } from '../../row-writer.ts';
import { keyUnder } from './instance-key.ts';
import type { Instance, RunningModel } from './running.ts';
import type { Slot } from './slot.ts';

/** A slot's entry for one detector or alarm. The entry lives as long as its key is in use. */
export class Held {
  /** Replaced when a new version of the model adopts the existing instances. */
  model: RunningModel;
  readonly keyValue: string | undefined;
  readonly slot: Slot;
  /** The time of its entry in the due index; undefined, which takes no memory of its own, when there is none. */
  indexedAt: number | undefined;
  /** The length of its row when last read or written: about as many bytes. */
  size: number;
  /** The instance; until it is first decoded, its row. */
  #content: Instance | string | undefined;

  constructor(model: RunningModel, keyValue: string | undefined, slot: Slot, row?: string) {
    this.model = model;
    this.keyValue = keyValue;
    this.slot = slot;
    this.#content = row;
    this.size = row?.length ?? 0;
  }

  /** The key of its row: not kept, since a million of them would be a sixth of the heap. */
  get key(): string {
    return keyUnder(this.model.keyPrefix.text, this.keyValue);
  }

  /** Decodes the instance if it has not been decoded yet. Returns the reason if its row cannot be read. */
  load(): string | undefined {
    if (typeof this.#content !== 'string') return undefined;
    const decoded = this.model.behaviour.decode(this.model, this.#content);
    if (!decoded.ok) return decoded.message;
    this.#content = decoded.instance;
    return undefined;
  }

  /** Valid only after `load`. Undefined also for a new entry whose first evaluation was undone. */
  get instance(): Instance | undefined {
    return typeof this.#content === 'string' ? undefined : this.#content;
  }

  set instance(instance: Instance | undefined) {
    this.#content = instance;
  }

  /** Writes the value of its row, which is deleted when there is no instance. */
  write(out: RowWriter): void {
    if (this.#content === undefined) {
      out.deleted();
      return;
    }
    const before = out.size;
    if (typeof this.#content === 'string') out.text(this.#content);
    else this.model.behaviour.write(this.model, this.#content, out);
    out.end();
    this.size = out.size - before;
  }
}
