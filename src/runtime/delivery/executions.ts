import type { Limits } from '../../limits.ts';
import type { Change, Store } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import { Fault } from '../fault.ts';
import type { Actions } from '../host.ts';
import type { Log } from '../log.ts';
import { below, failedKey, pendingKey } from '../rows.ts';
import { type Execution, fieldsOf, type Queued, queueOf, type Stored } from './execution.ts';
import { removalOf } from './execution-rows.ts';
import {
  dropOldest,
  type ExecutionFilter,
  executions,
  findExecution,
  findPosition,
  listExecutions,
  type Page,
  readExecution,
} from './history.ts';
import type { Outbox } from './outbox.ts';

export interface ExecutionsOptions {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly log: Log;
  /** Takes a delivery out of its queue; false when it is under way. */
  readonly withdraw: (queued: Queued) => boolean;
  /** Whether anything leaves the server; see `OutboxOptions`. */
  readonly sends: boolean;
}

/** Rows of one commit of a change of many. */
const CHUNK = 500;

/**
 * All executions there are, for the operator: to see, to send again what failed, to give up. And the limit of what
 * stays listed. One change at a time, so that none meets another half done.
 */
export class Executions implements Actions {
  readonly #options: ExecutionsOptions;
  #failed = 0;
  #done = 0;
  #tail: Promise<unknown> = Promise.resolve();
  #pruning = false;

  static async open(options: ExecutionsOptions): Promise<Executions> {
    const opened = new Executions(options);
    for await (const _row of options.store.scan(below('failed'))) opened.#failed++;
    for await (const _row of options.store.scan(below('done'))) opened.#done++;
    options.outbox.onFinished((finished) => opened.#finished(finished));
    return opened;
  }

  private constructor(options: ExecutionsOptions) {
    this.#options = options;
  }

  /** Executions that failed and are still listed. */
  get failed(): number {
    return this.#failed;
  }

  list(filter: ExecutionFilter, page: Page): Promise<{ actions: Execution[]; next?: string }> {
    return listExecutions(this.#options.store, filter, page);
  }

  /** Rejects with a Fault when there is none of that id. */
  async get(actionExecutionId: string): Promise<Execution> {
    return (await this.#find(actionExecutionId)).execution;
  }

  /** Puts a failed execution back into the queue of its target, behind what waits there. */
  redrive(actionExecutionId: string): Promise<Execution> {
    return this.#alone(async () => {
      const stored = await this.#find(actionExecutionId);
      const { status, request, lastError } = stored.execution;
      const name = `Action execution ${actionExecutionId}`;
      if (!this.#options.sends) throw invalid('--actions record sends nothing');
      if (status !== 'FAILED') throw invalid(`${name} is ${status}; only what is FAILED can be sent again`);
      if (request === undefined) throw invalid(`${name} has no request to send: ${lastError}`);
      const [queued] = await this.#requeue([stored]);
      return (queued as Queued).execution;
    });
  }

  /** The same for all that failed and fit the filter, oldest first. What has no request is left as it is. */
  redriveAll(filter: ExecutionFilter): Promise<{ redriven: number; skipped: number }> {
    return this.#alone(async () => {
      if (!this.#options.sends) throw invalid('--actions record sends nothing');
      let redriven = 0;
      let skipped = 0;
      for await (const chunk of this.#chunks({ ...filter, status: 'FAILED' })) {
        const sendable = chunk.filter(({ execution }) => execution.request !== undefined);
        await this.#requeue(sendable);
        redriven += sendable.length;
        skipped += chunk.length - sendable.length;
      }
      return { redriven, skipped };
    });
  }

  /** Gives an execution up for good: it leaves the list and is not sent. */
  discard(actionExecutionId: string): Promise<Execution> {
    return this.#alone(async () => {
      const stored = await this.#find(actionExecutionId);
      const discarded = await this.#discard([stored]);
      if (discarded === 0)
        throw invalid(`Action execution ${actionExecutionId} is under way; try again later`);
      return stored.execution;
    });
  }

  /** The same for all that fit the filter. What is under way is skipped. */
  discardAll(
    filter: ExecutionFilter & { readonly status: 'FAILED' | 'PENDING' },
  ): Promise<{ discarded: number; skipped: number }> {
    return this.#alone(async () => {
      let discarded = 0;
      let skipped = 0;
      for await (const chunk of this.#chunks(filter)) {
        const count = await this.#discard(chunk);
        discarded += count;
        skipped += chunk.length - count;
      }
      return { discarded, skipped };
    });
  }

  /** Waits for the change under way. */
  async close(): Promise<void> {
    await this.#tail;
  }

  async #find(actionExecutionId: string): Promise<Stored> {
    const stored = await findExecution(this.#options.store, actionExecutionId);
    if (stored !== undefined) return stored;
    throw new Fault('ResourceNotFoundException', `Action execution ${actionExecutionId} not found`);
  }

  /** All that fit now, oldest first: found before anything is changed, and read again when their turn comes. */
  async *#chunks(filter: ExecutionFilter): AsyncGenerator<Stored[]> {
    const { store } = this.#options;
    const orders: string[] = [];
    for await (const { order } of executions(store, filter)) orders.push(order);
    orders.reverse();
    for (let at = 0; at < orders.length; at += CHUNK) {
      const read = await Promise.all(
        orders.slice(at, at + CHUNK).map((order) => readExecution(store, order)),
      );
      yield read.filter((stored) => stored?.execution.status === filter.status) as Stored[];
    }
  }

  async #requeue(stored: readonly Stored[]): Promise<readonly Queued[]> {
    const { store, outbox, clock, log } = this.#options;
    const { queued, rows, committed } = outbox.requeue(stored, clock.now());
    await store.commit({ rows });
    this.#failed -= queued.length;
    for (const { execution } of queued) log.info(fieldsOf(execution), 'action is sent again');
    committed();
    return queued;
  }

  /** Gives how many went; those under way stay. */
  async #discard(stored: readonly Stored[]): Promise<number> {
    const rows: Change[] = [];
    const withdrawn: Queued[] = [];
    const gone: Execution[] = [];
    for (const { order, execution } of stored) {
      if (execution.status === 'PENDING') {
        const queued = await this.#withdraw({ order, execution });
        if (queued === undefined) continue;
        withdrawn.push(queued);
        rows.push([pendingKey(queued.queue, queued.position), null]);
      } else if (execution.status === 'FAILED') rows.push([failedKey(order), null]);
      else {
        const { actionExecutionId, status } = execution;
        throw invalid(`Action execution ${actionExecutionId} is ${status}: there is nothing to discard`);
      }
      rows.push(...removalOf(order, execution));
      gone.push(execution);
    }
    await this.#options.store.commit({ rows });
    this.#options.outbox.discarded(withdrawn);
    this.#failed -= gone.length - withdrawn.length;
    for (const execution of gone) this.#options.log.info(fieldsOf(execution), 'action is discarded');
    return gone.length;
  }

  async #withdraw(stored: Stored): Promise<Queued | undefined> {
    const queue = queueOf(stored.execution) as string;
    const position = await findPosition(this.#options.store, queue, stored.order);
    if (position === undefined) return undefined;
    const queued: Queued = { ...stored, queue, position };
    return this.#options.withdraw(queued) ? queued : undefined;
  }

  #finished(finished: readonly Execution[]): void {
    const failed = finished.filter(({ status }) => status === 'FAILED').length;
    this.#failed += failed;
    this.#done += finished.length - failed;
    if (this.#isOver && !this.#pruning) void this.#prune();
  }

  /** A tenth more than the limit may stay, so that not each execution costs another its place. */
  get #isOver(): boolean {
    const { failedActionHistory, actionHistory } = this.#options.limits;
    return this.#failed > failedActionHistory * 1.1 || this.#done > actionHistory * 1.1;
  }

  async #prune(): Promise<void> {
    this.#pruning = true;
    try {
      while (this.#isOver) await this.#alone(() => this.#dropOldest());
    } catch (error) {
      this.#options.log.error({ err: error }, 'the history of actions could not be shortened');
    } finally {
      this.#pruning = false;
    }
  }

  async #dropOldest(): Promise<void> {
    const { store, limits, log } = this.#options;
    const done = await dropOldest(store, 'done', Math.max(0, this.#done - limits.actionHistory));
    this.#done -= done;
    const failed = await dropOldest(store, 'failed', Math.max(0, this.#failed - limits.failedActionHistory));
    this.#failed -= failed;
    if (failed > 0) log.warn({ count: failed }, 'the oldest failed actions have left the list');
  }

  #alone<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(change);
    this.#tail = result.catch(() => undefined);
    return result;
  }
}

function invalid(message: string): Fault {
  return new Fault('InvalidRequestException', message);
}
