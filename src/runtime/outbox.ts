import { type BuildResult, buildRequest } from '../action/index.ts';
import type { ActionEffect } from '../detector/effect.ts';
import type { Limits } from '../limits.ts';
import { type Change, type Store, StoreError } from '../store/store.ts';
import type { Execution, ExecutionStatus } from './execution.ts';
import type { Log } from './log.ts';
import type { RuntimeMetrics } from './metrics.ts';
import { actionKey, below, executionOrder, pendingKey } from './rows.ts';

/** An execution with its place in the order of all. */
export interface Queued {
  readonly order: string;
  readonly execution: Execution;
}

export interface ExecutionFilter {
  readonly detectorModelName?: string;
  readonly keyValue?: string;
  readonly status?: ExecutionStatus;
}

export interface OutboxOptions {
  readonly limits: Limits;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  /** Takes over what is durable and waits for its delivery; without it everything is recorded, nothing sent. */
  readonly deliver: ((queued: Queued) => void) | undefined;
  /** Called with each execution that comes to its end. */
  readonly onFinished?: (execution: Execution) => void;
}

/**
 * The durable list of action executions: effects enter it in the commit of their evaluation and leave the process
 * from here. A row `action/…` is the execution; a row `pending/…` beside it says that it is not finished.
 */
export class Outbox {
  readonly #store: Store;
  readonly #options: OutboxOptions;
  #time = 0;
  #number = 0;
  #rows = 0;
  #pruning = false;

  constructor(store: Store, options: OutboxOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Reads where the order stands, and gives what is still to be delivered, oldest first. */
  async open(): Promise<Queued[]> {
    for await (const [key] of this.#store.scan({ ...below('action'), reverse: true, limit: 1 })) {
      this.#time = Number(key.split('/')[1]) + 1;
    }
    for await (const _row of this.#store.scan(below('action'))) this.#rows++;
    const pending: Queued[] = [];
    for await (const [key] of this.#store.scan(below('pending'))) {
      const order = key.slice('pending/'.length);
      const text = await this.#store.get(actionKey(order));
      if (text === undefined) throw new StoreError('CORRUPT', `${key} has no ${actionKey(order)} beside it`);
      pending.push({ order, execution: decode(actionKey(order), text) });
    }
    return pending;
  }

  /** The rows of a turn's effects; to be told when they are durable. */
  prepare(effects: readonly ActionEffect[], now: number): { rows: readonly Change[]; committed: () => void } {
    if (effects.length === 0) return NOTHING;
    const rows: Change[] = [];
    const queued: Queued[] = [];
    for (const effect of effects) {
      const order = this.#nextOrder(now);
      const execution = this.#begin(effect);
      rows.push([actionKey(order), JSON.stringify(execution)]);
      if (execution.status === 'PENDING') rows.push([pendingKey(order), '']);
      queued.push({ order, execution });
    }
    return { rows, committed: () => this.#committed(queued) };
  }

  /** Makes an execution's new standing durable. */
  async update(updates: readonly Queued[]): Promise<void> {
    const rows: Change[] = [];
    for (const { order, execution } of updates) {
      rows.push([actionKey(order), JSON.stringify(execution)]);
      if (execution.status !== 'PENDING') rows.push([pendingKey(order), null]);
    }
    await this.#store.commit({ rows });
  }

  /** Counts an execution that has come to its end, and tells whoever wants to know. */
  finished(execution: Execution): void {
    this.#options.metrics.action(execution.type, execution.status);
    this.#options.onFinished?.(execution);
  }

  /** Executions that fit the filter, newest first; `after` is where the page before ended. */
  async list(
    filter: ExecutionFilter,
    page: { readonly maxResults: number; readonly after?: string },
  ): Promise<{ actions: Execution[]; next?: string }> {
    const range = below('action');
    const to = page.after === undefined ? range.to : actionKey(page.after);
    const actions: Execution[] = [];
    let last = '';
    for await (const [key, text] of this.#store.scan({ ...range, to, reverse: true })) {
      const execution = decode(key, text);
      if (!fits(execution, filter)) continue;
      if (actions.length === page.maxResults) return { actions, next: last };
      actions.push(execution);
      last = key.slice('action/'.length);
    }
    return { actions };
  }

  #nextOrder(now: number): string {
    if (now > this.#time) {
      this.#time = now;
      this.#number = 0;
    }
    return executionOrder(this.#time, this.#number++);
  }

  #begin(effect: ActionEffect): Execution {
    const { actionExecutionId, type, detectorModelName, keyValue, eventName, eventTime } = effect;
    const built = build(effect);
    const common = {
      actionExecutionId,
      type,
      detectorModelName,
      ...(keyValue !== undefined && { keyValue }),
      eventName,
      attempts: 0,
      createdAt: eventTime,
    };
    const fields = { actionExecutionId, type, detectorModelName, keyValue, eventName };
    if (!built.ok) {
      this.#options.log.error(fields, built.message);
      return { ...common, status: 'FAILED', lastError: built.message };
    }
    for (const warning of built.warnings) this.#options.log.warn(fields, warning);
    const status = this.#options.deliver === undefined ? 'RECORDED' : 'PENDING';
    return { ...common, status, request: built.request };
  }

  #committed(queued: readonly Queued[]): void {
    this.#rows += queued.length;
    for (const each of queued) {
      if (each.execution.status === 'PENDING') this.#options.deliver?.(each);
      else this.finished(each.execution);
    }
    if (this.#rows > this.#options.limits.actionHistory * 1.1 && !this.#pruning) void this.#prune();
  }

  /** Lets the oldest finished executions go once there are more than the history keeps. */
  async #prune(): Promise<void> {
    this.#pruning = true;
    try {
      let excess = this.#rows - this.#options.limits.actionHistory;
      let rows: Change[] = [];
      for await (const [key, text] of this.#store.scan(below('action'))) {
        if (excess <= 0) break;
        if (decode(key, text).status === 'PENDING') continue;
        rows.push([key, null]);
        excess--;
        if (rows.length < 1000) continue;
        await this.#remove(rows);
        rows = [];
      }
      await this.#remove(rows);
    } catch (error) {
      this.#options.log.error({ err: error }, 'the history of actions could not be shortened');
    } finally {
      this.#pruning = false;
    }
  }

  async #remove(rows: readonly Change[]): Promise<void> {
    if (rows.length === 0) return;
    await this.#store.commit({ rows });
    this.#rows -= rows.length;
  }
}

/** A fault in a builder costs its own action, not the turn that it is part of. */
function build(effect: ActionEffect): BuildResult {
  try {
    return buildRequest(effect);
  } catch (error) {
    return {
      ok: false,
      message: `The request could not be built: ${error instanceof Error ? error.message : error}`,
    };
  }
}

const NOTHING = { rows: [], committed: () => {} };

function fits(execution: Execution, filter: ExecutionFilter): boolean {
  return (
    (filter.detectorModelName === undefined || execution.detectorModelName === filter.detectorModelName) &&
    (filter.keyValue === undefined || execution.keyValue === filter.keyValue) &&
    (filter.status === undefined || execution.status === filter.status)
  );
}

function decode(key: string, text: string): Execution {
  try {
    return JSON.parse(text) as Execution;
  } catch (error) {
    throw new StoreError('CORRUPT', `${key} cannot be read: ${text.slice(0, 80)}`, { cause: error });
  }
}
