import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The heap of this process; bytes. */
export interface Heap {
  used(): number;
  readonly limit: number;
  /** Gives back what nobody needs. */
  collect(): void;
}

/**
 * Part of the heap that has to stay free for work, and the least of it: V8 counts the young generation in its limit, some 48
 * MB that are of no use here, and rows are read ahead.
 */
const FREE = 0.15;
const LEAST_FREE = 80 * 2 ** 20;
/** Bytes of rows between two looks. */
const LOOK_AGAIN = 2 ** 20;
/** How much more is asked for than what is there would need: it grows. */
const ROOM = 1.5;
const STEP = 128;

/** What is kept does not fit into the heap; the message says what would be enough. */
export class HeapError extends Error {
  override readonly name = 'HeapError';
}

/**
 * Looks at the heap while rows are taken into memory. Past the end of it V8 ends the process, with addresses of its own
 * code and not a word of what to do; so that rows which would get there are not taken and only counted.
 */
export class HeapWatch {
  readonly #heap: Heap;
  readonly #most: number;
  readonly #before: number;
  #bytes = 0;
  #nextLook = LOOK_AGAIN;
  /** What the first rows needed, once no more could be taken. */
  #full: { readonly rows: number; readonly used: number } | undefined;

  constructor(heap: Heap = machineHeap) {
    this.#heap = heap;
    this.#most = heap.limit - Math.max(LEAST_FREE, heap.limit * FREE);
    this.#before = heap.used();
  }

  /** Whether there is room for a row of so many characters. Each row is to be asked for. */
  takes(characters: number): boolean {
    this.#bytes += characters;
    if (this.#full === undefined && this.#bytes >= this.#nextLook) this.#look();
    return this.#full === undefined;
  }

  /** To be called behind the last row. Throws HeapError when not all of them were taken. */
  finish(): void {
    if (this.#full === undefined) return;
    const { rows, used } = this.#full;
    const before = Math.min(this.#before, used);
    const needed = before + (used - before) * (this.#bytes / rows);
    const enough = Math.ceil((needed * ROOM) / 2 ** 20 / STEP) * STEP;
    throw new HeapError(
      `What is kept needs some ${megabytes(needed)} of heap, and this process may have ${megabytes(this.#heap.limit)}. ` +
        `Give it more: NODE_OPTIONS=--max-old-space-size=${enough}`,
    );
  }

  #look(): void {
    let used = this.#heap.used();
    if (used > this.#most) {
      this.#heap.collect();
      used = this.#heap.used();
    }
    if (used > this.#most) this.#full = { rows: this.#bytes, used };
    // To collect takes the longer the more there is: not again before much more has come.
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
  collect() {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    collect();
  },
};
