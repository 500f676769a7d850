import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const NAME = 'COMMITTED';
const DIGITS = 16;

/**
 * A file beside the database with the number of its last synced commit. LevelDB takes an end that is missing for one
 * that was never written; this tells when it had been. It is written after the sync and not synced itself, so that it
 * is behind the database after a power failure, and never ahead.
 */
export class Tail {
  readonly #file: number;

  /** `directory` is there. */
  constructor(directory: string) {
    this.#file = openSync(join(directory, NAME), 'a+');
    closeSync(this.#file);
    this.#file = openSync(join(directory, NAME), 'r+');
  }

  /** 0 when nothing was noted. */
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
