import { type Execution, queueOf } from './execution.ts';

/**
 * Decides which queue the executions of one commit wait in. Targets have a queue each, and each costs memory. Names
 * that come out of messages may be many: past the limit, new targets of a service share one.
 *
 * All that waits for one target is in one queue at any time, so that its order is that queue's. A target without a
 * queue may have something in the shared one, as long as anything is there: it joins it then, also below the limit.
 */
export class Queues {
  readonly #pending: ReadonlyMap<string, number>;
  readonly #limit: number;
  /** Queues that this commit begins. */
  readonly #begun = new Set<string>();

  /** `pending`: how many wait, by queue. */
  constructor(pending: ReadonlyMap<string, number>, limit: number) {
    this.#pending = pending;
    this.#limit = limit;
  }

  /** The execution with the queue that it is to wait in; it must have a target. */
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
