import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { ClassicLevel } from 'classic-level';
import { type Checkpoint, type Hurry, writeState } from './checkpoint.ts';
import type { CheckpointReply, CheckpointSetting } from './checkpoint-thread.ts';
import { type JournalPart, readPart } from './journal-part.ts';
import type { NumberedWrites } from './numbered-writes.ts';
import { errorOf, ThreadEnded } from './thread-failure.ts';

/** Megabytes of the heap's young generation in the thread: what it reads is garbage a moment later. */
const YOUNG = 16;

export interface CheckpointsOptions {
  readonly directory: string;
  readonly db: ClassicLevel<string, string>;
  /** The writes of state rows. */
  readonly writes: NumberedWrites;
  readonly hurry: Hurry;
  /**
   * The bytes of journal from which on checkpoints are written in a thread of their own, and then all later ones too;
   * the database must be open to threads. Infinity for never.
   */
  readonly threadFrom: number;
  /** Called when the thread is gone; checkpoints continue in this one. */
  readonly onThreadEnded?: ((error: ThreadEnded) => void) | undefined;
}

/**
 * Writes checkpoints, one at a time. Large ones take a thread: reading the journal back and handing rows to LevelDB would
 * be an eighth of the event loop's time under full load.
 */
export class Checkpoints {
  readonly #options: CheckpointsOptions;
  #threadFrom: number;
  #thread: Thread | undefined;

  constructor(options: CheckpointsOptions) {
    this.#options = options;
    this.#threadFrom = options.threadFrom;
  }

  /** Resolves when the state rows of the commits of `part` are durable. Rejects with the error of whatever failed. */
  async write(part: JournalPart, checkpoint: Checkpoint): Promise<void> {
    const { directory, db, writes, hurry, onThreadEnded } = this.#options;
    if (this.#thread === undefined && part.bytes >= this.#threadFrom)
      this.#thread = new Thread({ directory, progress: writes.progress, hurry });
    try {
      if (this.#thread !== undefined) return await this.#thread.write(part, checkpoint);
    } catch (error) {
      if (!(error instanceof ThreadEnded)) throw error;
      onThreadEnded?.(error);
      this.#thread = undefined;
      this.#threadFrom = Number.POSITIVE_INFINITY;
    }
    // Also what the thread has begun: writing it again, under numbers that it may have used, changes nothing.
    const frames = (areVerified: boolean) => letOthersRun(readPart(part, areVerified));
    return writeState(db, writes, frames, checkpoint, hurry);
  }

  /** Must be called after the last `write` and before the database is closed. */
  async close(): Promise<void> {
    await this.#thread?.close();
  }
}

/** The same items; the event loop continues between them. */
async function* letOthersRun<T>(items: Iterable<T>): AsyncIterable<T> {
  for (const item of items) {
    yield item;
    await setImmediate();
  }
}

/** The other end of checkpoint-thread.ts. */
class Thread {
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  #settle: ((error?: Error) => void) | undefined;
  /** Why it is gone. */
  #failure: ThreadEnded | undefined;

  constructor(workerData: CheckpointSetting) {
    this.#worker = new Worker(new URL('./checkpoint-thread.js', import.meta.url), {
      name: 'checkpoints',
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
    });
    this.#worker.on('message', ({ failure }: CheckpointReply) => this.#settle?.(failure && errorOf(failure)));
    this.#worker.on('error', (error) => {
      this.#failure = new ThreadEnded(`The thread of checkpoints has ended: ${error.message}`, {
        cause: error,
      });
    });
    this.#ended = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        this.#failure ??= new ThreadEnded(`The thread of checkpoints has ended with code ${code}`);
        this.#settle?.(this.#failure);
        resolve();
      });
    });
  }

  write(part: JournalPart, checkpoint: Checkpoint): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#settle = (error) => {
        this.#settle = undefined;
        if (error === undefined) resolve();
        else reject(error);
      };
      this.#worker.postMessage({ part, checkpoint });
    });
  }

  async close(): Promise<void> {
    this.#worker.postMessage('close');
    await this.#ended;
  }
}
