import type { BatchOperation, ClassicLevel } from 'classic-level';
import { afterPrefix } from './prefix.ts';
import { RemovedRows } from './removed-rows.ts';
import { StoreError } from './store.ts';

type Database = ClassicLevel<string, string>;
export type Operation = BatchOperation<Database, string, string>;

const DIGITS = 16;
/** The series of writes: rows that can be read at any time, and the state rows of checkpoints. */
export const ROW_WRITES = 'w/';
export const STATE_WRITES = 'c/';
/** The row of a new database, before any numbered write. */
export const FIRST_WRITE: Operation = { type: 'put', key: rowOf(ROW_WRITES, 0), value: '' };
/**
 * Bytes after which an earlier write is certainly in a table: LevelDB has at most two logs, of 4 MB and one write each.
 */
const LOGGED = 16 * 1024 * 1024;

/** Where a series of writes has come to; can be sent to another thread. */
export interface Progress {
  readonly number: number;
  readonly bytes: number;
  /** Numbers that have a row, oldest first, and how many bytes had been written before each. */
  readonly rows: readonly { readonly number: number; readonly before: number }[];
}

/**
 * A series of writes to LevelDB, each with a row that numbers it. LevelDB silently skips unreadable records in the
 * middle of its log; a missing number reveals that. Writes that have left the log need no number.
 */
export class NumberedWrites {
  readonly #db: Database;
  readonly #series: string;
  #number: number;
  #bytes: number;
  readonly #rows: Progress['rows'][number][];
  readonly #removed = new RemovedRows();

  /** Continues a series; the one who did so before must write no more. */
  constructor(db: Database, series: string, { number, bytes, rows }: Progress) {
    this.#db = db;
    this.#series = series;
    this.#number = number;
    this.#bytes = bytes;
    this.#rows = [...rows];
  }

  /**
   * Checks that no write up to number `last` is missing. Opening has moved the log into tables, so the existing number
   * rows are removed with the first write. Throws StoreError when one is missing.
   */
  static async open(db: Database, series: string, last: number, directory: string): Promise<NumberedWrites> {
    const found: number[] = [];
    for await (const key of db.keys({ gte: series, lt: afterPrefix(series) }))
      found.push(Number(key.slice(series.length)));
    let next = found[0] ?? 0;
    for (const number of found) if (number === next && number <= last) next++;
    if (next <= last) throw missing(next, directory);
    return new NumberedWrites(db, series, {
      number: Math.max(last, found.at(-1) ?? last),
      bytes: LOGGED,
      rows: found.map((number) => ({ number, before: 0 })),
    });
  }

  get progress(): Progress {
    return { number: this.#number, bytes: this.#bytes, rows: this.#rows };
  }

  /** The number of the last write. */
  get number(): number {
    return this.#number;
  }

  /** Rejects with LevelDB's error. */
  async write(operations: Operation[], options: { readonly sync: boolean } = { sync: false }): Promise<void> {
    const number = ++this.#number;
    const rows = this.#rows;
    rows.push({ number, before: this.#bytes });
    operations.push({ type: 'put', key: rowOf(this.#series, number), value: '' });
    for (const operation of operations) this.#bytes += sizeOf(operation);
    let gone = 0;
    for (; (rows[gone]?.before ?? this.#bytes) < this.#bytes - LOGGED; gone++)
      operations.push({ type: 'del', key: rowOf(this.#series, rows[gone]?.number as number) });
    if (gone > 0) rows.splice(0, gone);
    // One by one: given a list, the library clones each operation, which costs more than writing it.
    const batch = this.#db.batch();
    for (const operation of operations) {
      if (operation.type === 'put') batch.put(operation.key, operation.value);
      else {
        batch.del(operation.key);
        this.#removed.add(operation.key);
      }
    }
    await batch.write(options);
  }

  /** Frees the room of rows that these writes have removed, if there are many. Other writes continue meanwhile. */
  async compact(): Promise<void> {
    for (const { from, to } of this.#removed.takeLarge()) await this.#db.compactRange(from, to);
  }
}

/** The approximate size of an operation in bytes. */
export function sizeOf(operation: Operation): number {
  return operation.key.length + (operation.type === 'put' ? operation.value.length : 0);
}

function rowOf(series: string, number: number): string {
  return series + String(number).padStart(DIGITS, '0');
}

function missing(number: number, directory: string): StoreError {
  const message = `Write ${number} to the database is missing in ${directory}`;
  return new StoreError('CORRUPT', `${message}: its log is damaged. Restore a backup.`);
}
