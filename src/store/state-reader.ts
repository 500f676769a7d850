import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import { UnpackedRows } from './packed-rows.ts';
import type { ReaderReply } from './state-reader-thread.ts';
import type { Visit } from './store.ts';
import { readTables } from './tables/manifest.ts';
import { errorOf, ThreadEnded } from './thread-failure.ts';

/**
 * A thread that verifies the tables of a data directory, and then reads and verifies its state rows while others make
 * detectors of them: with many rows each of these takes as long as loading the program. It does not keep the process
 * running until it is asked for something.
 */
export class StateReader {
  readonly #worker: Worker;
  readonly #replies: AsyncIterator<[ReaderReply]>;

  /**
   * Begins with the tables of a directory, in which nobody writes, if they have at least `from` bytes: fewer are not worth a
   * thread. Must be closed.
   */
  static async begin(directory: string, from: number): Promise<StateReader | undefined> {
    // What is wrong with the manifest is found by whoever opens the directory.
    const tables = await readTables(directory).catch(() => new Map<number, number>());
    let bytes = 0;
    for (const size of tables.values()) bytes += size;
    return bytes >= from ? new StateReader(directory) : undefined;
  }

  private constructor(directory: string) {
    this.#worker = new Worker(new URL('./state-reader-thread.js', import.meta.url), {
      name: 'state-reader',
      workerData: directory,
    });
    this.#replies = on(this.#worker, 'message', { close: ['exit'] }) as AsyncIterator<[ReaderReply]>;
    this.#worker.unref();
  }

  /**
   * Resolves when all tables are whole. Rejects with StoreError when one is not, and with ThreadEnded when there could be no
   * thread. Must be called once, before `scan`.
   */
  async verified(): Promise<void> {
    this.#worker.ref();
    const reply = await this.#next();
    if ('failure' in reply) throw errorOf(reply.failure);
  }

  /**
   * Like `Store.scanState`; the database must be open to threads. Rejects with ThreadEnded when the thread ended before any
   * row was visited.
   */
  async scan(visit: Visit): Promise<void> {
    let hasBegun = false;
    try {
      this.#worker.postMessage('scan');
      for (;;) {
        const reply = await this.#next();
        hasBegun = true;
        if ('failure' in reply) throw errorOf(reply.failure);
        if (!('rows' in reply)) return;
        visit(new UnpackedRows(reply.rows));
        this.#worker.postMessage('taken');
      }
    } catch (error) {
      if (error instanceof ThreadEnded && hasBegun) throw new Error(error.message, { cause: error });
      throw error;
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  async #next(): Promise<ReaderReply> {
    const next = await this.#replies.next().catch((cause: Error) => {
      throw new ThreadEnded(`The thread that reads the rows has ended: ${cause.message}`, { cause });
    });
    if (next.done === true) throw new ThreadEnded('The thread that reads the rows has ended');
    return next.value[0];
  }
}
