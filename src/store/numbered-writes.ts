import type { BatchOperation, ClassicLevel } from 'classic-level';
import { StoreError } from './store.ts';

type Database = ClassicLevel<string, string>;
export type Operation = BatchOperation<Database, string, string>;

const WRITE = 'w/';
const DIGITS = 16;
/** The row of a new database, before any numbered write. */
export const FIRST_WRITE: Operation = { type: 'put', key: rowOf(0), value: '' };
/**
 * Bytes after which an earlier write is certainly in a table: LevelDB has at most two logs, of 4 MB and one write each.
 */
const LOGGED = 16 * 1024 * 1024;

/**
 * The writes to LevelDB, each with a row that numbers it. LevelDB silently skips unreadable records in the middle of
 * its log; a missing number reveals that. Writes that have left the log need no number.
 */
export class NumberedWrites {
  readonly #db: Database;
  #number: number;
  #bytes = 0;
  /** Numbers that have a row, oldest first, and how many bytes had been written before each. */
  #rows: { readonly number: number; readonly before: number }[] = [];

  private constructor(db: Database, number: number) {
    this.#db = db;
    this.#number = number;
  }

  /**
   * Checks that no write up to number `last` is missing. Opening has moved the log into tables, so the existing number
   * rows are removed with the first write. Throws StoreError when one is missing.
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

  /** The number of the last write. */
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
    // One by one: given a list, the library clones each operation, which costs more than writing it.
    const batch = this.#db.batch();
    for (const operation of operations) {
      if (operation.type === 'put') batch.put(operation.key, operation.value);
      else batch.del(operation.key);
    }
    await batch.write(options);
  }
}

/** The approximate size of an operation in bytes. */
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
