import { randomInt } from 'node:crypto';
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { encodeFrame, type Frame, HEADER, lengthOfFrame, readFrames } from './frame.ts';
import { JournalFile } from './journal-file.ts';
import type { JournalPart } from './journal-part.ts';
import { type Changes, StoreError } from './store.ts';

const NAMES = ['JOURNAL-A', 'JOURNAL-B'];
/** Bytes: larger than most frames. */
const SCRATCH = 512 * 1024;

/**
 * The journal: two files used alternately. Commits are appended to one of them; at a checkpoint they continue at the
 * beginning of the other, whose contents an earlier checkpoint has made obsolete.
 */
export class Journal {
  readonly #directory: string;
  /** The current file first. */
  readonly #files: JournalFile[] = [];
  /** Frames written by an earlier opening have another salt and are not taken for this one's. */
  readonly #salt = randomInt(2 ** 32);
  readonly #scratch = Buffer.allocUnsafe(SCRATCH);
  /**
   * The same buffer for every frame, since each is written before the next one is encoded: thousands of buffers a
   * second would keep the garbage collector busy.
   */
  readonly #room = (bytes: number): Buffer =>
    bytes <= SCRATCH ? this.#scratch.subarray(0, bytes) : Buffer.allocUnsafe(bytes);

  /** Creates missing files. Throws the system's error. */
  constructor(directory: string) {
    this.#directory = directory;
    for (const name of NAMES) this.#files.push(new JournalFile(join(directory, name)));
    syncDirectory(directory);
  }

  /**
   * The commits after `checkpoint`, in order; must be read before anything is appended. Throws StoreError when one of
   * them is missing.
   */
  after(checkpoint: number): Frame[] {
    const files = this.#files.map((file) => ({ file, first: firstNumber(file) }));
    files.sort((a, b) => a.first - b.first);
    // One file goes on where the other ends, so often all of the older one is obsolete.
    const newer = files.findLastIndex(({ first }) => first <= checkpoint + 1);
    const frames = files
      .slice(Math.max(newer, 0))
      .flatMap(({ file }) => [...readFrames(file.read(), checkpoint)])
      .filter(({ number }) => number > checkpoint);
    for (const [index, { number }] of frames.entries()) {
      const expected = checkpoint + 1 + index;
      if (number === expected) continue;
      const missing = `Commit ${expected} is missing in the journal of ${this.#directory}, the next one is ${number}`;
      throw new StoreError('CORRUPT', `${missing}. Restore a backup.`);
    }
    return frames;
  }

  /** The file of the commits that were appended before the last `turn`, which nobody writes until the next one. */
  get turned(): JournalPart {
    const { path, size } = this.#files[1] as JournalFile;
    return { path, bytes: size };
  }

  /** Bytes since the last `turn`. */
  get size(): number {
    return this.#current.size;
  }

  /** Encodes a commit; `isOnly` when nothing else is encoded before it is appended. Throws when it is too large. */
  encode(number: number, changes: Changes, isOnly: boolean): Buffer {
    return encodeFrame(number, this.#salt, changes, isOnly ? this.#room : undefined);
  }

  /** Appends encoded commits and syncs. Rejects with the system's error. */
  append(frames: readonly Buffer[]): Promise<void> {
    const [only] = frames;
    return this.#current.append(only !== undefined && frames.length === 1 ? only : Buffer.concat(frames));
  }

  /** Switches to the other file, whose contents must be obsolete. */
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

/** The number of the first commit in a file; 0 when there is none. */
function firstNumber(file: JournalFile): number {
  const length = lengthOfFrame(file.read(HEADER));
  const [first] = readFrames(file.read(length));
  return first?.number ?? 0;
}

/** A new file name is durable only after its directory is synced. */
function syncDirectory(directory: string): void {
  // Windows cannot sync directories.
  if (process.platform === 'win32') return;
  const file = openSync(directory, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
