import { ListedRows } from '../stored-rows.ts';
import {
  type Change,
  type Changes,
  type Range,
  type Row,
  type Store,
  StoreError,
  type Visit,
} from './store.ts';

/** The contents of a memory store; pass it to the next one to open the same data again. */
export interface MemoryImage {
  readonly state: Map<string, string>;
  readonly rows: Map<string, string>;
}

export function emptyImage(): MemoryImage {
  return { state: new Map(), rows: new Map() };
}

/** A store with the same behaviour but no durability, for tests and benchmarks. */
export function openMemoryStore(image: MemoryImage = emptyImage()): Store {
  let closed = false;
  const open = () => {
    if (closed) throw new StoreError('CLOSED', 'The store is closed');
  };
  return {
    async scanState(visit: Visit): Promise<void> {
      open();
      visit(new ListedRows(sorted([...image.state])));
    },
    async *scan({ from, to, reverse = false, limit = Number.POSITIVE_INFINITY }: Range): AsyncIterable<Row> {
      open();
      const rows = sorted([...image.rows].filter(([key]) => key >= from && key < to));
      yield* (reverse ? rows.reverse() : rows).slice(0, limit);
    },
    async get(key: string): Promise<string | undefined> {
      open();
      return image.rows.get(key);
    },
    async commit({ state = [], dropState = [], rows = [] }: Changes): Promise<void> {
      open();
      for (const { from, to } of dropState) {
        for (const key of [...image.state.keys()]) if (key >= from && key < to) image.state.delete(key);
      }
      apply(image.state, state);
      apply(image.rows, rows);
    },
    async close(): Promise<void> {
      closed = true;
    },
  };
}

function apply(map: Map<string, string>, changes: Iterable<Change>): void {
  for (const [key, value] of changes) {
    if (value === null) map.delete(key);
    else map.set(key, value);
  }
}

/**
 * In the order of the keys' UTF-8 bytes, like the durable store. Each key is encoded only once, which is the expensive
 * part.
 */
function sorted(rows: readonly Row[]): Row[] {
  return rows
    .map((row) => ({ row, bytes: Buffer.from(row[0]) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ row }) => row);
}
