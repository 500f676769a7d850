import { getHeapStatistics } from 'node:v8';
import { collectGarbage } from '../../collect-garbage.ts';

/** The heap of this process; bytes. */
export interface Heap {
  used(): number;
  readonly limit: number;
  /** Collects garbage. */
  collect(): void;
}

/**
 * Fraction of the heap that must stay free for work, and its minimum in bytes: V8's limit includes the young generation,
 * about 48 MB that cannot hold rows, and rows are read ahead.
 */
const FREE = 0.15;
const LEAST_FREE = 80 * 2 ** 20;
/** Bytes of rows between two checks. */
const LOOK_AGAIN = 2 ** 20;
/** Factor between the heap that the rows need and the recommended one, since the data grows. */
const ROOM = 1.5;
const STEP = 128;

/** The data does not fit into the heap; the message recommends a size. */
export class HeapError extends Error {
  override readonly name = 'HeapError';
}

/**
 * Checks the heap while rows are loaded into memory. When the heap is exhausted, V8 aborts the process with a native stack
 * trace and no advice; so rows that would exhaust it are only counted.
 */
export class HeapWatch {
  readonly #heap: Heap;
  readonly #most: number;
  readonly #before: number;
  #bytes = 0;
  #expected = 0;
  #nextLook = LOOK_AGAIN;
  /** What the loaded rows needed, once there is no room for more. */
  #full: { readonly rows: number; readonly used: number } | undefined;

  constructor(heap: Heap = machineHeap) {
    this.#heap = heap;
    this.#most = heap.limit - Math.max(LEAST_FREE, heap.limit * FREE);
    this.#before = heap.used();
  }

  /** Whether there is room for a row of so many characters. Must be called for each row. */
  takes(characters: number): boolean {
    this.#bytes += characters;
    if (this.#full === undefined && this.#bytes >= this.#nextLook) this.#look();
    return this.#full === undefined;
  }

  /** Counts bytes that are not in the heap yet, but will be once their row is used. */
  expects(bytes: number): void {
    this.#expected += bytes;
  }

  /** Must be called after the last row. Throws HeapError when there was no room for some. */
  finish(): void {
    if (this.#full === undefined) return;
    const { rows, used } = this.#full;
    const before = Math.min(this.#before, used);
    const needed = before + (used - before) * (this.#bytes / rows);
    const enough = Math.ceil((needed * ROOM) / 2 ** 20 / STEP) * STEP;
    throw new HeapError(
      `The data needs about ${megabytes(needed)} of heap, but this process is limited to ${megabytes(this.#heap.limit)}. ` +
        `Give it more: NODE_OPTIONS=--max-old-space-size=${enough}`,
    );
  }

  #look(): void {
    let used = this.#heap.used() + this.#expected;
    if (used > this.#most) {
      this.#heap.collect();
      used = this.#heap.used() + this.#expected;
    }
    if (used > this.#most) this.#full = { rows: this.#bytes, used };
    // Collections take longer as the heap grows, so the next check waits for many more rows.
    this.#nextLook = this.#bytes + Math.max(LOOK_AGAIN, (this.#most - used) / 8);
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}

const machineHeap: Heap = {
  used: () => getHeapStatistics().used_heap_size,
  get limit() {
    return getHeapStatistics().heap_size_limit;
  },
  collect: collectGarbage,
};
