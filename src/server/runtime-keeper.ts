import type { Log } from '../runtime/log.ts';
import { ServiceError } from '../wire/errors.ts';
import { whyNotAnswering } from './readiness.ts';
import type { Runtime } from './runtime.ts';

/** Milliseconds between two attempts to open a failed data directory. */
const OPEN_AGAIN = 1000;

/** Opens the data directory, or a cluster. */
type Start = () => Promise<Runtime>;

/**
 * Keeps a runtime open. When the store fails, for instance because the disk is full, it discards the state in memory
 * and reopens the data directory until that succeeds: only the disk knows how much of the last commit became durable.
 */
export class RuntimeKeeper {
  readonly #onStart: (runtime: Runtime) => void;
  readonly #log: Log;
  #runtime: Runtime | undefined;
  #whyNot = 'The server is starting';
  #recovery: Promise<void> | undefined;
  #closing = false;

  /** `onStart` is called with each runtime that has started. */
  constructor(onStart: (runtime: Runtime) => void, log: Log) {
    this.#onStart = onStart;
    this.#log = log;
  }

  /** The current runtime; undefined while there is none. */
  get runtime(): Runtime | undefined {
    return this.#runtime;
  }

  /** The current runtime. Throws ServiceError while there is none. */
  current(): Runtime {
    if (this.#runtime === undefined) throw new ServiceError('ServiceUnavailableException', this.#whyNot);
    return this.#runtime;
  }

  /** Resolves with the reason why calls are currently not answered; undefined when they are. */
  async whyNotReady(): Promise<string | undefined> {
    return this.#runtime === undefined ? this.#whyNot : whyNotAnswering(this.#runtime);
  }

  /** Starts the first runtime; rejects when that fails. */
  async open(start: Start): Promise<void> {
    this.#watch(await start(), start);
  }

  /**
   * Waits for `answered`, since requests in progress need the runtime, then finishes accepted work as far as the store
   * allows. The store is not reopened from now on.
   */
  async close(answered: Promise<void>): Promise<void> {
    this.#closing = true;
    // WebSockets would keep the HTTP server from closing.
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
