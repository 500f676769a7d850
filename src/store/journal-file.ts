import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  openSync,
  readFileSync,
  write,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';

const sync = promisify(fdatasync);

/** Bytes by which a file grows ahead of what is written. */
const STEP = 1024 * 1024;
const ZEROS = Buffer.alloc(STEP);

/**
 * A file that is appended to and begun anew, and never becomes shorter. It grows ahead of its end, beside the appending:
 * a sync that has no new size to write is half as long.
 */
export class JournalFile {
  readonly #file: number;
  /** Where the file ends. */
  #prepared: number;
  #growing: Promise<void> | undefined;
  #at = 0;

  /** Makes the file where there is none. */
  constructor(path: string) {
    this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    this.#prepared = fstatSync(this.#file).size;
  }

  /** Everything in the file; to be called once, before anything else. */
  read(): Buffer {
    return readFileSync(this.#file);
  }

  /** Bytes appended since the beginning. */
  get size(): number {
    return this.#at;
  }

  /** Appends, and waits for the disk. Rejects with the system's error. */
  async append(bytes: Buffer): Promise<void> {
    // Growing must not come over what is appended.
    if (this.#at + bytes.length > this.#prepared) await this.#growing;
    // A full disk may take a part.
    for (let done = 0; done < bytes.length; ) {
      const written = writeSync(this.#file, bytes, done, bytes.length - done, this.#at);
      done += written;
      this.#at += written;
    }
    this.#prepared = Math.max(this.#prepared, this.#at);
    if (this.#prepared - this.#at < STEP / 2) this.#growing ??= this.#grow();
    await sync(this.#file);
  }

  /** Goes on at the beginning. */
  rewind(): void {
    this.#at = 0;
  }

  async close(): Promise<void> {
    await this.#growing;
    closeSync(this.#file);
  }

  #grow(): Promise<void> {
    return new Promise((resolve) => {
      write(this.#file, ZEROS, 0, STEP, this.#prepared, (_error, written) => {
        // Where there is no room, the append that needs it says so.
        this.#prepared += written ?? 0;
        this.#growing = undefined;
        resolve();
      });
    });
  }
}
