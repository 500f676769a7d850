import type { NotificationSettings } from '../../core/action/index.ts';
import type { OutgoingEffect } from '../../core/engine/turn.ts';
import type { Limits } from '../../limits.ts';
import { type Change, type Row, type Store, StoreError } from '../../store/store.ts';
import type { Log } from '../log.ts';
import type { RuntimeMetrics } from '../metrics.ts';
import {
  actionKey,
  below,
  executionOrder,
  failedKey,
  pendingKey,
  pendingOf,
  readPendingKey,
} from '../rows.ts';
import { beginExecutions } from './begin.ts';
import { type Execution, type Queued, queueOf, type Stored } from './execution.ts';
import { decodeExecution, indexRows, placeRow } from './execution-rows.ts';
import { Queues } from './queues.ts';

/** Takes over durable executions that wait for delivery. */
export interface Deliverer {
  deliver(queued: Queued): void;
}

export interface OutboxOptions {
  readonly limits: Limits;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  /** Whether anything leaves the server; when false, all actions except iotEvents are only recorded. */
  readonly sends: boolean;
  readonly notifications: NotificationSettings;
}

/**
 * The durable list of action executions. Effects enter it in the commit of their evaluation and are delivered from
 * here. Finished executions stay listed until the history limit removes them.
 */
export class Outbox {
  readonly #store: Store;
  readonly #options: OutboxOptions;
  readonly #pending = new Map<string, number>();
  /**
   * Positions whose commit is in progress. The store may show their rows before the commit is answered; they are handed
   * over at that point, so `load` leaves them out. Positions of a failed commit stay here and are never reused.
   */
  readonly #uncommitted = new Set<string>();
  readonly #finishedListeners = new Set<(finished: readonly Execution[]) => void>();
  #pendingTotal = 0;
  #deliverer: Deliverer | undefined;
  #time = 0;
  #number = 0;

  /** Reads the last order and the number of executions that wait for each target. */
  static async open(store: Store, options: OutboxOptions): Promise<Outbox> {
    const outbox = new Outbox(store, options);
    for await (const [key] of store.scan({ ...below('action'), reverse: true, limit: 1 })) {
      outbox.#time = Number(key.split('/')[1]) + 1;
    }
    for await (const [key] of store.scan(below('pending'))) {
      const { queue, position } = readPendingKey(key);
      outbox.#time = Math.max(outbox.#time, Number(position.split('/')[0]) + 1);
      outbox.#count(queue, 1);
    }
    return outbox;
  }

  private constructor(store: Store, options: OutboxOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Hands everything to be delivered from now on to `deliverer`; it loads earlier executions itself. */
  deliverTo(deliverer: Deliverer): void {
    this.#deliverer = deliverer;
  }

  /** Calls back with executions that have finished. Returns a function that unsubscribes. */
  onFinished(listener: (finished: readonly Execution[]) => void): () => void {
    this.#finishedListeners.add(listener);
    return () => this.#finishedListeners.delete(listener);
  }

  /** Executions that wait for delivery, by queue. */
  get pending(): ReadonlyMap<string, number> {
    return this.#pending;
  }

  get isFull(): boolean {
    return this.#pendingTotal >= this.#options.limits.pendingActions;
  }

  /** The rows of a turn's effects, with a function to call when they are durable. */
  prepare(
    effects: readonly OutgoingEffect[],
    now: number,
  ): { readonly rows: readonly Change[]; readonly committed: () => void } {
    if (effects.length === 0) return NOTHING;
    const rows: Change[] = [];
    const queued: Queued[] = [];
    const finished: Execution[] = [];
    const queues = new Queues(this.#pending, this.#options.limits.deliveryTargets);
    for (const built of effects.flatMap((outgoing) => beginExecutions(outgoing, this.#options))) {
      const order = this.nextOrder(now);
      const execution = built.status === 'PENDING' ? queues.assign(built) : built;
      rows.push([actionKey(order), JSON.stringify(execution)], ...indexRows(order, execution));
      rows.push(placeRow(order, execution, order));
      if (execution.status !== 'PENDING') finished.push(execution);
      else queued.push({ order, execution, queue: queueOf(execution) as string, position: order });
    }
    for (const { position } of queued) this.#uncommitted.add(position);
    return { rows, committed: () => this.#committed(queued, finished) };
  }

  /** An order after all others. */
  nextOrder(now: number): string {
    if (now > this.#time) {
      this.#time = now;
      this.#number = 0;
    }
    return executionOrder(this.#time, this.#number++);
  }

  /** The rows that make a delivery's new status durable; call `settled` when they are. */
  rowsOf({ order, execution, queue, position }: Queued): Change[] {
    const rows: Change[] = [[actionKey(order), JSON.stringify(execution)]];
    if (execution.status === 'PENDING') return rows;
    rows.push([pendingKey(queue, position), null], placeRow(order, execution, position));
    return rows;
  }

  /** Updates the counts after a commit. */
  settled(updates: readonly Queued[]): void {
    const finished = updates.filter(({ execution }) => execution.status !== 'PENDING');
    for (const { queue } of finished) this.#count(queue, -1);
    this.#report(finished.map(({ execution }) => execution));
  }

  /** Saves the new status of deliveries. If a crash loses it, the request is delivered twice, never omitted. */
  async update(updates: readonly Queued[]): Promise<void> {
    await this.#store.commit({ rows: updates.flatMap((update) => this.rowsOf(update)) });
    this.settled(updates);
  }

  /**
   * Moves failed executions to the ends of their targets' queues. Returns them with their new status, and the rows that
   * make it durable.
   */
  requeue(
    failed: readonly Stored[],
    now: number,
  ): {
    readonly queued: readonly Queued[];
    readonly rows: readonly Change[];
    readonly committed: () => void;
  } {
    const queues = new Queues(this.#pending, this.#options.limits.deliveryTargets);
    const queued = failed.map(({ order, execution }): Queued => {
      const { queue: _former, ...again } = execution;
      const placed = queues.assign({ ...again, status: 'PENDING', attempts: 0 });
      return { order, execution: placed, queue: queueOf(placed) as string, position: this.nextOrder(now) };
    });
    for (const { position } of queued) this.#uncommitted.add(position);
    const rows = queued.flatMap(({ order, execution, queue, position }): Change[] => [
      [actionKey(order), JSON.stringify(execution)],
      [failedKey(order), null],
      [pendingKey(queue, position), order],
    ]);
    return {
      queued,
      rows,
      committed: () => {
        for (const each of queued) this.#hand(each);
      },
    };
  }

  /** Updates the counts for deliveries removed from the queues. */
  discarded(queued: readonly Queued[]): void {
    for (const { queue } of queued) this.#count(queue, -1);
  }

  /** Deliveries in a queue after a position, oldest first. */
  async load(queue: string, after: string, limit: number): Promise<Queued[]> {
    const range = below(pendingOf(queue));
    const places: Row[] = [];
    // "~" sorts after every character of a position, so the row of `after` itself is excluded.
    const from = after === '' ? range.from : `${pendingKey(queue, after)}~`;
    for await (const row of this.#store.scan({ ...range, from, limit: limit + this.#uncommitted.size })) {
      if (this.#uncommitted.has(readPendingKey(row[0]).position)) continue;
      places.push(row);
      if (places.length === limit) break;
    }
    return Promise.all(places.map(([key, order]) => this.#read(key, order, queue)));
  }

  async #read(key: string, order: string, queue: string): Promise<Queued> {
    const text = await this.#store.get(actionKey(order));
    if (text === undefined) throw new StoreError('CORRUPT', `${key} has no matching ${actionKey(order)}`);
    const { position } = readPendingKey(key);
    return { order, execution: decodeExecution(actionKey(order), text), queue, position };
  }

  #committed(queued: readonly Queued[], finished: readonly Execution[]): void {
    for (const each of queued) this.#hand(each);
    if (finished.length > 0) this.#report(finished);
  }

  #hand(queued: Queued): void {
    this.#uncommitted.delete(queued.position);
    this.#count(queued.queue, 1);
    this.#deliverer?.deliver(queued);
  }

  #report(finished: readonly Execution[]): void {
    for (const execution of finished) this.#options.metrics.action(execution);
    for (const listener of this.#finishedListeners) listener(finished);
  }

  #count(queue: string, change: number): void {
    this.#pendingTotal += change;
    const count = (this.#pending.get(queue) ?? 0) + change;
    if (count === 0) this.#pending.delete(queue);
    else this.#pending.set(queue, count);
  }
}

const NOTHING = { rows: [], committed: () => {} };
