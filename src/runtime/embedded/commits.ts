import type { OutgoingEffect } from '../../core/engine/turn.ts';
import type { Change, Store } from '../../store/store.ts';
import { WrittenRows } from '../../store/written-rows.ts';
import type { MessageHistory } from '../message-history.ts';
import type { RuntimeMetrics } from '../metrics.ts';
import { dedupeKey } from '../rows.ts';
import type { HostState, HostTurn } from './turn.ts';

export interface CommitOptions {
  readonly metrics: RuntimeMetrics;
  /** The time to record with the commit, and what to do when the commit fails; see `HostClock`. */
  readonly notes?: TimeNotes;
  /** Keeps accepted messages; absent when the history is off. */
  readonly history?: MessageHistory | undefined;
  /**
   * The destination of a turn's effects: returns rows to commit with the turn, and a callback for when they are
   * durable.
   */
  readonly outbox: EffectSink;
}

export interface TimeNotes {
  note(): readonly Change[];
  forget(): void;
}

export interface EffectSink {
  prepare(
    effects: readonly OutgoingEffect[],
    now: number,
  ): { readonly rows: readonly Change[]; readonly committed: () => void };
  /** True when the backlog is so large that messages must be throttled. */
  readonly isFull: boolean;
}

/** Makes turns durable: one commit of the store for everything a turn produced. */
export class Commits {
  readonly #store: Store;
  readonly #state: HostState;
  readonly #options: CommitOptions;
  /** The state rows of the turn that is being committed: there is one at a time. */
  readonly #written = new WrittenRows();
  /** Expired chunks of the dedupe window whose rows are not deleted yet. */
  #expired: number[] = [];

  constructor(store: Store, state: HostState, options: CommitOptions) {
    this.#store = store;
    this.#state = state;
    this.#options = options;
  }

  /** Expires ids that have left the dedupe window by `now`; the next commit deletes their rows. */
  expire(now: number): void {
    this.#expired.push(...this.#state.dedupe.expire(now));
  }

  /**
   * Resolves when the turn is durable, with a function that hands its effects over. Rejects with StoreError or
   * RangeError.
   */
  async commit(turn: HostTurn): Promise<() => void> {
    if (turn.isEmpty) return () => {};
    const began = performance.now();
    const outbox = this.#options.outbox.prepare(turn.instances.effects, turn.now);
    const state = this.#written;
    state.clear();
    turn.writeState(state);
    const { chunk } = turn;
    let ids = 0;
    if (chunk !== undefined) {
      state.text(dedupeKey(chunk.number));
      state.end();
      ids = state.size;
      chunk.write(state);
      state.end();
    }
    const endOfIds = state.size;
    const expired = this.#expired;
    for (const number of expired) state.row(dedupeKey(number), null);
    this.#expired = [];
    const { history, notes } = this.#options;
    const kept = chunk && history?.rowsOf(turn.messages, turn, chunk.number);
    const rows = [...turn.rows, ...outbox.rows, ...(kept?.rows ?? []), ...(notes?.note() ?? [])];
    try {
      await this.#store.commit({ state, dropState: turn.dropped, rows });
    } catch (error) {
      kept?.failed();
      notes?.forget();
      this.#expired.push(...expired);
      throw error;
    }
    if (chunk !== undefined) this.#state.dedupe.keep(chunk, state.bytes.subarray(ids, endOfIds));
    kept?.committed();
    const { evaluated } = turn.instances;
    this.#options.metrics.turn({ accepted: turn.accepted, evaluated }, (performance.now() - began) / 1000);
    return outbox.committed;
  }
}
