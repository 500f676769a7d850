import { randomInt } from 'node:crypto';
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { type Committed, encodeFrame, type Frame, readFrames } from './frame.ts';
import { JournalFile } from './journal-file.ts';
import { type Changes, StoreError } from './store.ts';

const NAMES = ['JOURNAL-A', 'JOURNAL-B'];
/** Bytes: more than most frames. */
const SCRATCH = 512 * 1024;

/**
 * The journal: two files that take turns. Commits are appended to one of them; at a checkpoint they go on at the
 * beginning of the other one, whose contents an earlier checkpoint has made superfluous.
 */
export class Journal {
  readonly #directory: string;
  /** The one in use first. */
  readonly #files: JournalFile[] = [];
  /** What an opening before this one has written does not count among its frames. */
  readonly #salt = randomInt(2 ** 32);
  readonly #scratch = Buffer.allocUnsafe(SCRATCH);
  /**
   * The same bytes for each frame, which is written before the next one is made: thousands of buffers a second make the
   * collector go through everything, again and again.
   */
  readonly #room = (bytes: number): Buffer =>
    bytes <= SCRATCH ? this.#scratch.subarray(0, bytes) : Buffer.allocUnsafe(bytes);

  /** Makes the files where there are none. Throws the system's error. */
  constructor(directory: string) {
    this.#directory = directory;
    for (const name of NAMES) this.#files.push(new JournalFile(join(directory, name)));
    syncDirectory(directory);
  }

  /**
   * The commits after `checkpoint` in their order; to be read before anything is appended. Throws StoreError when one
   * of them is missing.
   */
  *after(checkpoint: number): Generator<{ readonly number: number; readonly changes: Committed }> {
    const runs = this.#files.map((file) => [...readFrames(file.read())]);
    runs.sort(([a], [b]) => numberOf(a) - numberOf(b));
    let next = checkpoint + 1;
    for (const frame of runs.flat()) {
      if (frame.number < next) continue;
      if (frame.number !== next) {
        const missing = `Commit ${next} is missing in the journal of ${this.#directory}, the next one is ${frame.number}`;
        throw new StoreError('CORRUPT', `${missing}. Restore a backup.`);
      }
      yield { number: next++, changes: frame.changes() };
    }
  }

  /** Bytes since the last turn. */
  get size(): number {
    return this.#current.size;
  }

  /** A commit as bytes, `isOnly` when nothing else is encoded before they are appended. Throws when it is too large. */
  encode(number: number, changes: Changes, isOnly: boolean): Buffer {
    return encodeFrame(number, this.#salt, changes, isOnly ? this.#room : undefined);
  }

  /** Appends encoded commits, and waits for the disk. Rejects with the system's error. */
  append(frames: readonly Buffer[]): Promise<void> {
    const [only] = frames;
    return this.#current.append(only !== undefined && frames.length === 1 ? only : Buffer.concat(frames));
  }

  /** From here on in the other file: what is in that one must be superfluous. */
  turn(): void {
    this.#files.reverse();
    this.#current.rewind();
  }

  async close(): Promise<void> {
    for (const file of this.#files) await file.close();
  }

  get #current(): JournalFile {
    return this.#files[0] as JournalFile;
  }
}

function numberOf(frame: Frame | undefined): number {
  return frame?.number ?? 0;
}

/** New names are durable only when their directory is. */
function syncDirectory(directory: string): void {
  // Windows has no such thing.
  if (process.platform === 'win32') return;
  const file = openSync(directory, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
