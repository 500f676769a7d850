import { Fault } from '../../runtime/fault.ts';
import type { IncomingMessage } from '../../runtime/messages.ts';

/** Why a message was not accepted; undefined when it was. */
export type PutOutcome = { readonly code: string; readonly message: string } | undefined;

/** Evaluates messages in order. Resolves when that is durable, with one outcome for each. */
export type Put = (messages: readonly IncomingMessage[]) => Promise<readonly PutOutcome[]>;

export interface InputQueueOptions {
  readonly put: Put;
  /** Messages in one call of `put`. */
  readonly batchSize: number;
  /** Called when a message must wait because of overload. */
  readonly throttled: () => void;
  /** Runs something later; returns a function that cancels it. */
  readonly later: (milliseconds: number, run: () => void) => () => void;
}

interface Entry {
  readonly lane: string;
  readonly message: IncomingMessage;
  readonly settle: (outcome: PutOutcome) => void;
  readonly reject: (error: Error) => void;
}

/** Milliseconds before throttled messages are tried again; doubled after each failure. */
const FIRST_WAIT = 20;
const LONGEST_WAIT = 2000;

/**
 * Messages on their way to the inputs. Only one call of `put` is in progress at a time, with everything that arrived
 * before it, so that messages share a commit. A throttled message keeps its place: later ones of its lane wait behind
 * it, other lanes continue.
 */
export class InputQueue {
  readonly #options: InputQueueOptions;
  #waiting: Entry[] = [];
  #isPutting = false;
  readonly #blocked = new Set<string>();
  #wait = FIRST_WAIT;
  #cancel: (() => void) | undefined;
  #closed: Fault | undefined;

  constructor(options: InputQueueOptions) {
    this.#options = options;
  }

  /**
   * Resolves with what `tell` returns for the message's durable outcome, which is never an overload. Rejects with Fault
   * when there is none, and with what `tell` throws.
   */
  put<T>(
    lane: string,
    message: IncomingMessage,
    tell: (outcome: PutOutcome) => T | PromiseLike<T>,
  ): Promise<T> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    return new Promise((resolve, reject) => {
      const settle = (outcome: PutOutcome) => {
        // Thrown further, it would leave the other messages of the batch without an answer.
        try {
          resolve(tell(outcome));
        } catch (error) {
          reject(error);
        }
      };
      this.#waiting.push({ lane, message, settle, reject });
      this.#next();
    });
  }

  /** Rejects waiting messages; the call in progress still completes. */
  close(): void {
    this.#closed = new Fault('ServiceUnavailableException', 'The server is shutting down');
    this.#cancel?.();
    for (const { reject } of this.#waiting.splice(0)) reject(this.#closed);
  }

  #next(): void {
    if (this.#isPutting || this.#waiting.length === 0) return;
    this.#isPutting = true;
    // Messages delivered in the same moment share the call.
    queueMicrotask(() => void this.#drain());
  }

  async #drain(): Promise<void> {
    for (let batch = this.#take(); batch.length > 0; batch = this.#take()) await this.#putBatch(batch);
    this.#isPutting = false;
  }

  /** The first messages of the lanes that are not blocked. */
  #take(): Entry[] {
    const { batchSize } = this.#options;
    if (this.#blocked.size === 0) {
      const batch = this.#waiting.slice(0, batchSize);
      this.#waiting = this.#waiting.length <= batchSize ? [] : this.#waiting.slice(batchSize);
      return batch;
    }
    const batch: Entry[] = [];
    this.#waiting = this.#waiting.filter((entry) => {
      if (batch.length === batchSize || this.#blocked.has(entry.lane)) return true;
      batch.push(entry);
      return false;
    });
    return batch;
  }

  async #putBatch(batch: readonly Entry[]): Promise<void> {
    let outcomes: readonly PutOutcome[];
    try {
      outcomes = await this.#options.put(batch.map(({ message }) => message));
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      for (const { reject } of batch) reject(failure);
      return;
    }
    const again: Entry[] = [];
    for (const [index, entry] of batch.entries()) {
      const outcome = outcomes[index];
      if (outcome?.code === 'ThrottlingException' && this.#closed === undefined) again.push(entry);
      else if (outcome?.code === 'ThrottlingException') entry.reject(this.#closed as Fault);
      else entry.settle(outcome);
    }
    if (again.length === 0) this.#wait = FIRST_WAIT;
    else this.#hold(again);
  }

  #hold(throttled: readonly Entry[]): void {
    for (const { lane } of throttled) {
      this.#blocked.add(lane);
      this.#options.throttled();
    }
    this.#waiting = [...throttled, ...this.#waiting];
    if (this.#cancel !== undefined) return;
    const wait = this.#wait;
    this.#wait = Math.min(wait * 2, LONGEST_WAIT);
    this.#cancel = this.#options.later(wait, () => {
      this.#cancel = undefined;
      this.#blocked.clear();
      this.#next();
    });
  }
}
