import { type Execution, queueOf } from './execution.ts';

/**
 * Assigns the executions of one commit to queues. Each target has its own queue, which costs memory. Target names
 * computed from messages can be numerous: past the limit, new targets of a service share one queue.
 *
 * Everything that waits for one target is in one queue at any time, so the queue's order is the target's order. A
 * target without a queue of its own may have executions in the shared one; while that is not empty, further ones join
 * it, even below the limit.
 */
export class Queues {
  readonly #pending: ReadonlyMap<string, number>;
  readonly #limit: number;
  /** Queues that this commit creates. */
  readonly #begun = new Set<string>();

  /** `pending` is the number of waiting executions by queue. */
  constructor(pending: ReadonlyMap<string, number>, limit: number) {
    this.#pending = pending;
    this.#limit = limit;
  }

  /** The execution with its queue assigned; it must have a target. */
  assign(execution: Execution): Execution {
    const target = execution.target as string;
    const queue = this.#queueFor(target);
    if (!this.#pending.has(queue)) this.#begun.add(queue);
    return queue === queueOf(execution) ? execution : { ...execution, queue };
  }

  #queueFor(target: string): string {
    const shared = `${target.split('/', 1)[0]}/*`;
    if (this.#has(target)) return target;
    if (this.#has(shared)) return shared;
    const isFull = this.#pending.size + this.#begun.size >= this.#limit;
    return isFull ? shared : target;
  }

  #has(queue: string): boolean {
    return this.#pending.has(queue) || this.#begun.has(queue);
  }
}
