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
  /** Removes a delivery from its queue; false when it is in progress. */
  readonly withdraw: (queued: Queued) => boolean;
  /** Whether anything leaves the server; see `OutboxOptions`. */
  readonly sends: boolean;
}

/** Executions changed in one commit of a bulk change. */
const CHUNK = 500;

/**
 * All executions, for the operator to list, redrive and discard, and the limit on finished ones. Changes run one at a
 * time, so that none sees another half done.
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

  /** Rejects with Fault when there is no execution with that id. */
  async get(actionExecutionId: string): Promise<Execution> {
    return (await this.#find(actionExecutionId)).execution;
  }

  /** Moves a failed execution to the end of its target's queue. */
  redrive(actionExecutionId: string): Promise<Execution> {
    return this.#alone(async () => {
      const stored = await this.#find(actionExecutionId);
      const { status, request, lastError } = stored.execution;
      const name = `Action execution ${actionExecutionId}`;
      if (!this.#options.sends) throw invalid('--actions record sends nothing');
      if (status !== 'FAILED') throw invalid(`${name} is ${status}; only FAILED actions can be sent again`);
      if (request === undefined) throw invalid(`${name} has no request to send: ${lastError}`);
      const [queued] = await this.#requeue([stored]);
      return (queued as Queued).execution;
    });
  }

  /** Redrives all failed executions that match the filter, oldest first. Executions without a request are skipped. */
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

  /** Discards an execution: it leaves the list and is not sent. */
  discard(actionExecutionId: string): Promise<Execution> {
    return this.#alone(async () => {
      const stored = await this.#find(actionExecutionId);
      const discarded = await this.#discard([stored]);
      if (discarded === 0)
        throw invalid(`Action execution ${actionExecutionId} is in progress; try again later`);
      return stored.execution;
    });
  }

  /** Discards all executions that match the filter, except deliveries in progress. */
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

  /** Waits for the change in progress. */
  async close(): Promise<void> {
    await this.#tail;
  }

  async #find(actionExecutionId: string): Promise<Stored> {
    const stored = await findExecution(this.#options.store, actionExecutionId);
    if (stored !== undefined) return stored;
    throw new Fault('ResourceNotFoundException', `Action execution ${actionExecutionId} not found`);
  }

  /** All that match now, oldest first: collected before anything changes, and read again when it is their turn. */
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

  /** Resolves with the number discarded; deliveries in progress are kept. */
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

  /** Up to a tenth more than the limit is kept, so that not every execution triggers a removal. */
  get #isOver(): boolean {
    const { failedActionHistory, actionHistory } = this.#options.limits;
    return this.#failed > failedActionHistory * 1.1 || this.#done > actionHistory * 1.1;
  }

  async #prune(): Promise<void> {
    this.#pruning = true;
    try {
      while (this.#isOver) await this.#alone(() => this.#dropOldest());
    } catch (error) {
      this.#options.log.error({ err: error }, 'old actions could not be removed from the history');
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
    if (failed > 0) log.warn({ count: failed }, 'the oldest failed actions were removed from the list');
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
