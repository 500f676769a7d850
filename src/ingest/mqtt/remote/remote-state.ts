import { randomBytes } from 'node:crypto';
import type { Store } from '../../../store/store.ts';

/** Keeps one row of a session. */
export type SessionStore = Pick<Store, 'get' | 'commit'>;

/**
 * The state that must survive the process for the broker's session to continue: our client id there, and our
 * subscriptions.
 */
export class RemoteState {
  readonly #store: SessionStore;
  readonly clientId: string;
  #filters: readonly string[];

  private constructor(store: SessionStore, clientId: string, filters: readonly string[]) {
    this.#store = store;
    this.clientId = clientId;
    this.#filters = filters;
  }

  /** `clientId` is a fixed client id; by default a random one is created and stored. */
  static async open(store: SessionStore, clientId: string | undefined): Promise<RemoteState> {
    const row = await store.get(KEY);
    const kept = row === undefined ? undefined : (JSON.parse(row) as Row);
    const id = clientId ?? kept?.clientId ?? `tripline-${randomBytes(8).toString('hex')}`;
    // Another client id means another session, without subscriptions.
    const state = new RemoteState(store, id, kept?.clientId === id ? kept.filters : []);
    if (kept?.clientId !== id) await state.write([]);
    return state;
  }

  /** The subscriptions that the session may have. */
  get filters(): readonly string[] {
    return this.#filters;
  }

  /** Resolves once durable. */
  async write(filters: readonly string[]): Promise<void> {
    this.#filters = filters;
    const row: Row = { clientId: this.clientId, filters };
    await this.#store.commit({ rows: [[KEY, JSON.stringify(row)]] });
  }
}

interface Row {
  readonly clientId: string;
  readonly filters: readonly string[];
}

const KEY = 'mqtt/remote';
