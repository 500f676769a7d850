import type { Log } from '../runtime/log.ts';
import { ServiceError } from '../wire/errors.ts';
import { whyNotAnswering } from './readiness.ts';
import type { Runtime } from './runtime.ts';

/** Milliseconds between two attempts to open a data directory that has failed. */
const OPEN_AGAIN = 1000;

/** Opens the data directory, or a cluster. */
type Start = () => Promise<Runtime>;

/**
 * Keeps a runtime. When the store fails (a full disk, say), what is in memory is given up and the data directory is
 * opened again until that succeeds: the disk alone knows what of the last commit became durable.
 */
export class RuntimeKeeper {
  readonly #onStart: (runtime: Runtime) => void;
  readonly #log: Log;
  #runtime: Runtime | undefined;
  #whyNot = 'The server is starting';
  #recovery: Promise<void> | undefined;
  #closing = false;

  /** `onStart` is told of each runtime that was started. */
  constructor(onStart: (runtime: Runtime) => void, log: Log) {
    this.#onStart = onStart;
    this.#log = log;
  }

  /** The runtime there is; undefined while there is none. */
  get runtime(): Runtime | undefined {
    return this.#runtime;
  }

  /** The runtime there is. Throws ServiceError while there is none. */
  current(): Runtime {
    if (this.#runtime === undefined) throw new ServiceError('ServiceUnavailableException', this.#whyNot);
    return this.#runtime;
  }

  /** Resolves with why calls are not answered now; undefined when they are. */
  async whyNotReady(): Promise<string | undefined> {
    return this.#runtime === undefined ? this.#whyNot : whyNotAnswering(this.#runtime);
  }

  /** Starts the first runtime; rejects when that cannot be done. */
  async open(start: Start): Promise<void> {
    this.#watch(await start(), start);
  }

  /**
   * Finishes what was accepted as far as the store lets it, once `answered` has resolved: the requests under way need
   * the runtime. The store is not opened again from now on.
   */
  async close(answered: Promise<void>): Promise<void> {
    this.#closing = true;
    // A WebSocket would hold up the end of the HTTP server.
    await this.#runtime?.mqtt?.close();
    await answered;
    await this.#recovery;
    await this.#runtime?.close();
  }

  #watch(runtime: Runtime, start: Start): void {
    this.#runtime = runtime;
    this.#onStart(runtime);
    void runtime.failed.then((error) => {
      if (this.#closing) return;
      this.#runtime = undefined;
      this.#whyNot = failure(error);
      this.#log.error({ err: error }, 'the store failed; nothing is accepted until it can be opened again');
      this.#recovery = this.#recover(runtime, start);
    });
  }

  async #recover(failed: Runtime, start: Start): Promise<void> {
    await failed
      .close()
      .catch((err: unknown) => this.#log.error({ err }, 'the failed store could not be closed cleanly'));
    while (!this.#closing) {
      try {
        const runtime = await start();
        this.#log.info({}, 'the store is open again; messages are accepted');
        this.#watch(runtime, start);
        return;
      } catch (error) {
        this.#whyNot = failure(error);
        this.#log.warn({ err: error }, 'the store cannot be opened yet');
        await new Promise((resolve) => setTimeout(resolve, OPEN_AGAIN));
      }
    }
  }
}

function failure(error: unknown): string {
  return `The message store failed: ${error instanceof Error ? error.message : error}`;
}
