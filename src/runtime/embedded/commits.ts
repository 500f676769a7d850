import type { OutgoingEffect } from '../../core/engine/turn.ts';
import type { Change, Store } from '../../store/store.ts';
import type { MessageHistory } from '../message-history.ts';
import type { RuntimeMetrics } from '../metrics.ts';
import { dedupeKey } from '../rows.ts';
import type { HostState, HostTurn } from './turn.ts';

export interface CommitOptions {
  readonly metrics: RuntimeMetrics;
  /** What a commit notes of the time beside its changes, and what to do when that fails; see `HostClock`. */
  readonly notes?: TimeNotes;
  /** Keeps the messages that are accepted; absent when nobody wants them. */
  readonly history?: MessageHistory | undefined;
  /** Where the effects of a turn go: rows to commit with it, and what to do when they are durable. */
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
  /** True when so much waits already that messages must be throttled. */
  readonly isFull: boolean;
}

/** Makes turns durable: all that came of one is one commit of the store. */
export class Commits {
  readonly #store: Store;
  readonly #state: HostState;
  readonly #options: CommitOptions;
  /** Chunks of the dedupe window that have left it, until their rows are gone. */
  #expired: number[] = [];

  constructor(store: Store, state: HostState, options: CommitOptions) {
    this.#store = store;
    this.#state = state;
    this.#options = options;
  }

  /** Lets ids go that have left the dedupe window by `now`; the next commit removes their rows. */
  expire(now: number): void {
    this.#expired.push(...this.#state.dedupe.expire(now));
  }

  /** Resolves, when the turn is durable, with what hands its effects over. Rejects with StoreError or RangeError. */
  async commit(turn: HostTurn): Promise<() => void> {
    if (turn.isEmpty) return () => {};
    const began = performance.now();
    const outbox = this.#options.outbox.prepare(turn.instances.effects, turn.now);
    const state = turn.stateRows();
    const { chunk } = turn;
    const ids = chunk?.toRow() ?? '';
    if (chunk !== undefined) state.push([dedupeKey(chunk.number), ids]);
    const expired = this.#expired;
    this.#expired = [];
    for (const number of expired) state.push([dedupeKey(number), null]);
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
    chunk?.keep(ids);
    kept?.committed();
    const { evaluated } = turn.instances;
    this.#options.metrics.turn({ accepted: turn.accepted, evaluated }, (performance.now() - began) / 1000);
    return outbox.committed;
  }
}
