import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const NAME = 'COMMITTED';
const DIGITS = 16;

/**
 * A file beside the database with the number of its last synced commit. LevelDB cannot tell a lost end of its log from
 * one that was never written; this file can. It is written after the sync and not synced itself, so after a power
 * failure it may be behind the database, but never ahead.
 */
export class Tail {
  readonly #file: number;

  /** `directory` must exist. */
  constructor(directory: string) {
    this.#file = openSync(join(directory, NAME), 'a+');
    closeSync(this.#file);
    this.#file = openSync(join(directory, NAME), 'r+');
  }

  /** 0 when nothing was recorded. */
  read(): number {
    const text = Buffer.alloc(DIGITS);
    const length = readSync(this.#file, text, 0, DIGITS, 0);
    return length === DIGITS ? Number(text.toString('ascii')) : 0;
  }

  note(sequence: number): void {
    writeSync(this.#file, String(sequence).padStart(DIGITS, '0'), 0, 'ascii');
  }

  close(): void {
    closeSync(this.#file);
  }
}
