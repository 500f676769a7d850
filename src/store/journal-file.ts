import { closeSync, constants, fdatasync, fstatSync, openSync, readSync, write, writeSync } from 'node:fs';
import { promisify } from 'node:util';

const sync = promisify(fdatasync);

/** Bytes by which a file is extended ahead of the writes. */
const STEP = 1024 * 1024;
const ZEROS = Buffer.alloc(STEP);

/**
 * A file that is appended to and rewound, but never truncated. It is extended ahead of the appends: a sync that does
 * not have to write a new size takes half as long.
 */
export class JournalFile {
  readonly path: string;
  readonly #file: number;
  /** The current length of the file. */
  #prepared: number;
  #growing: Promise<void> | undefined;
  #at = 0;

  /** Creates the file if it does not exist. */
  constructor(path: string) {
    this.path = path;
    this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    this.#prepared = fstatSync(this.#file).size;
  }

  /** The contents of the file, or its first bytes; must be called before anything is appended. */
  read(bytes = this.#prepared): Buffer {
    const contents = Buffer.allocUnsafe(Math.min(bytes, this.#prepared));
    let done = 0;
    for (let read = -1; read !== 0; done += read)
      read = readSync(this.#file, contents, done, contents.length - done, done);
    return contents.subarray(0, done);
  }

  /** Bytes appended since the last rewind. */
  get size(): number {
    return this.#at;
  }

  /** Appends and syncs. Rejects with the system's error. */
  async append(bytes: Buffer): Promise<void> {
    // Extending must not overwrite appended bytes.
    if (this.#at + bytes.length > this.#prepared) await this.#growing;
    // A full disk may accept only a part.
    for (let done = 0; done < bytes.length; ) {
      const written = writeSync(this.#file, bytes, done, bytes.length - done, this.#at);
      done += written;
      this.#at += written;
    }
    this.#prepared = Math.max(this.#prepared, this.#at);
    if (this.#prepared - this.#at < STEP / 2) this.#growing ??= this.#grow();
    await sync(this.#file);
  }

  /** Continues at the beginning of the file. */
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
        // If there is no room, the append that needs it fails.
        this.#prepared += written ?? 0;
        this.#growing = undefined;
        resolve();
      });
    });
  }
}
