import type { BatchOperation, ClassicLevel } from 'classic-level';
import { StoreError } from './store.ts';

type Database = ClassicLevel<string, string>;
export type Operation = BatchOperation<Database, string, string>;

const WRITE = 'w/';
const DIGITS = 16;
/** The row of a new database, which no write has numbered yet. */
export const FIRST_WRITE: Operation = { type: 'put', key: rowOf(0), value: '' };
/**
 * Bytes behind which a write is in a table for sure: LevelDB has two logs at the most, of 4 MB and a write each.
 */
const LOGGED = 16 * 1024 * 1024;

/**
 * The writes to LevelDB, each with a row that numbers it. LevelDB passes over what it cannot read in the middle of its
 * log and goes on behind it, without a word: a number that is missing tells. What has left the log needs none.
 */
export class NumberedWrites {
  readonly #db: Database;
  #number: number;
  #bytes = 0;
  /** Numbers with a row, oldest first, and how much had been written before each. */
  #rows: { readonly number: number; readonly before: number }[] = [];

  private constructor(db: Database, number: number) {
    this.#db = db;
    this.#number = number;
  }

  /**
   * Sees to it that no write up to number `last` is missing. Opening has put into tables what was in the log: the
   * rows there are go with the first write. Throws StoreError when one is missing.
   */
  static async open(db: Database, last: number, directory: string): Promise<NumberedWrites> {
    const found: number[] = [];
    for await (const key of db.keys({ gte: WRITE, lt: 'w0' })) found.push(Number(key.slice(WRITE.length)));
    let next = found[0] ?? 0;
    for (const number of found) if (number === next && number <= last) next++;
    if (next <= last) throw missing(next, directory);
    const writes = new NumberedWrites(db, Math.max(last, found.at(-1) ?? 0));
    writes.#bytes = LOGGED;
    writes.#rows = found.map((number) => ({ number, before: 0 }));
    return writes;
  }

  /** The last write's. */
  get number(): number {
    return this.#number;
  }

  /** Rejects with LevelDB's error. */
  async write(operations: Operation[], options: { readonly sync: boolean } = { sync: false }): Promise<void> {
    const number = ++this.#number;
    this.#rows.push({ number, before: this.#bytes });
    operations.push({ type: 'put', key: rowOf(number), value: '' });
    for (const operation of operations) this.#bytes += sizeOf(operation);
    let gone = 0;
    for (; (this.#rows[gone]?.before ?? this.#bytes) < this.#bytes - LOGGED; gone++)
      operations.push({ type: 'del', key: rowOf(this.#rows[gone]?.number as number) });
    if (gone > 0) this.#rows = this.#rows.slice(gone);
    await this.#db.batch(operations, options);
  }
}

/** About the bytes that an operation takes. */
export function sizeOf(operation: Operation): number {
  return operation.key.length + (operation.type === 'put' ? operation.value.length : 0);
}

function rowOf(number: number): string {
  return WRITE + String(number).padStart(DIGITS, '0');
}

function missing(number: number, directory: string): StoreError {
  const message = `Write ${number} to the database is missing in ${directory}`;
  return new StoreError('CORRUPT', `${message}: its log is damaged. Restore a backup.`);
}
