import { randomUUID } from 'node:crypto';
import type { Log } from '../../runtime/log.ts';
import type { Change, Store } from '../../store/store.ts';
import type { Message } from './message.ts';

/** Why a connection has ended, in AWS's terms (docs/devices.md: Connections and disconnections). */
export type DisconnectReason =
  | 'CLIENT_INITIATED_DISCONNECT'
  | 'CONNECTION_LOST'
  | 'MQTT_KEEP_ALIVE_TIMEOUT'
  | 'DUPLICATE_CLIENTID'
  | 'CLIENT_ERROR'
  | 'AUTH_ERROR'
  | 'SERVER_INITIATED_DISCONNECT'
  | 'SERVER_ERROR';

/** The client of a connection. */
export interface Peer {
  readonly clientId: string;
  /** The certificate's thumbprint, the user name, or an empty string. */
  readonly principal: string;
  readonly address: string;
}

/** A connection whose connected event has been published, or is about to be. */
export interface Presence {
  readonly peer: Peer;
  readonly sessionIdentifier: string;
}

export interface PresencesOptions {
  readonly log: Log;
  /** The host's time; milliseconds. */
  readonly now: () => number;
  /** The time shown in events; milliseconds since the epoch. */
  readonly wall: () => number;
  /** Publishes an event; resolves once its outcome is durable. */
  readonly publish: (message: Message) => Promise<void>;
  /** Maximum number of disconnected clients whose versionNumber continues. */
  readonly most: number;
  /** Whether the client's durable session still exists. */
  readonly hasSession: (clientId: string) => boolean;
}

/** The stored state of one client id. */
interface PresenceRow {
  readonly version: number;
  readonly sessionIdentifier: string;
  readonly principal: string;
  /** Whether the disconnected event is still to be published. */
  readonly isConnected: boolean;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The will, published if the process ends before the connection does. */
  readonly will?: Omit<Message, 'payload'> & { readonly payload: string };
}

const PREFIX = 'mqtt/presence/';
const RANGE = { from: PREFIX, to: 'mqtt/presence0' };
/** Milliseconds after a disconnect for which the client's versionNumber continues. */
const VERSION_KEPT = 60 * 60 * 1000;
/** Milliseconds between two attempts to publish an event. */
const AGAIN = 500;

/**
 * The lifecycle events of devices (docs/devices.md: Connections and disconnections): `$aws/events/presence/…` and
 * `$aws/events/subscriptions/…`.
 *
 * A client's connected event stays on disk until its disconnected event is done; after a crash the next start publishes
 * the missing ones. Events of one client id are published in order.
 */
export class Presences {
  readonly #store: Store;
  readonly #options: PresencesOptions;
  /** In order of their last change. */
  readonly #rows = new Map<string, PresenceRow>();
  /** The number of rows of disconnected clients. */
  #gone = 0;
  /** The work in progress, by client id. */
  readonly #underWay = new Map<string, Promise<void>>();
  #isClosing = false;

  private constructor(store: Store, options: PresencesOptions) {
    this.#store = store;
    this.#options = options;
  }

  static async open(store: Store, options: PresencesOptions): Promise<Presences> {
    const presences = new Presences(store, options);
    for await (const [key, value] of store.scan(RANGE))
      presences.#keep(decodeURIComponent(key.slice(PREFIX.length)), JSON.parse(value) as PresenceRow);
    return presences;
  }

  /** Publishes the disconnected events and wills of clients that were connected when the process was killed. */
  recover(): void {
    for (const [clientId, row] of [...this.#rows]) {
      if (!row.isConnected) continue;
      this.#inOrder(clientId, async () => {
        if (row.will !== undefined) {
          const payload = Buffer.from(row.will.payload, 'base64');
          await this.#publishForSure({ ...row.will, payload });
        }
        await this.#leave(clientId, row, 'CONNECTION_LOST');
      });
    }
  }

  /** `will` is the message to publish for the client if this process is killed. */
  connected(peer: Peer, will: Message | undefined): Presence {
    const presence = { peer, sessionIdentifier: randomUUID() };
    const { clientId, principal, address } = peer;
    this.#inOrder(clientId, async () => {
      const { now, wall } = this.#options;
      const row: PresenceRow = {
        version: this.#nextVersion(clientId),
        sessionIdentifier: presence.sessionIdentifier,
        principal,
        isConnected: true,
        at: now(),
        ...(will && { will: { ...will, payload: will.payload.toString('base64') } }),
      };
      await this.#write(clientId, row);
      await this.#publish('presence/connected', clientId, {
        timestamp: wall(),
        eventType: 'connected',
        sessionIdentifier: row.sessionIdentifier,
        principalIdentifier: principal,
        ipAddress: address,
        versionNumber: row.version,
      });
    });
    return presence;
  }

  disconnected({ peer: { clientId }, sessionIdentifier }: Presence, reason: DisconnectReason): void {
    this.#inOrder(clientId, async () => {
      const row = this.#rows.get(clientId);
      if (row?.sessionIdentifier === sessionIdentifier) await this.#leave(clientId, row, reason);
    });
  }

  /** A connection was refused for lack of permission. */
  refused({ clientId, principal, address }: Peer): void {
    this.#inOrder(clientId, () =>
      this.#publish('presence/connect_failed', clientId, {
        timestamp: this.#options.wall(),
        eventType: 'connect_failed',
        connectFailureReason: 'AUTHORIZATION_FAILED',
        principalIdentifier: principal,
        sessionIdentifier: randomUUID(),
        ipAddress: address,
      }),
    );
  }

  /** The client has subscribed to, or unsubscribed from, the filters of one packet. */
  subscriptions(event: 'subscribed' | 'unsubscribed', presence: Presence, topics: readonly string[]): void {
    const { peer, sessionIdentifier } = presence;
    this.#inOrder(peer.clientId, () =>
      this.#publish(`subscriptions/${event}`, peer.clientId, {
        timestamp: this.#options.wall(),
        eventType: event,
        sessionIdentifier,
        principalIdentifier: peer.principal,
        topics,
      }),
    );
  }

  /** Forgets clients that have been away so long that their versionNumber restarts. */
  async forget(): Promise<void> {
    const gone = [...this.#rows].filter(([clientId, row]) => !row.isConnected && this.#isOver(clientId, row));
    for (const [clientId] of gone) this.#drop(clientId);
    if (gone.length > 0)
      await this.#store.commit({ rows: gone.map(([clientId]) => [keyOf(clientId), null]) });
  }

  /** Resolves when every event so far has been attempted; failures are left to the next start. */
  async close(): Promise<void> {
    this.#isClosing = true;
    while (this.#underWay.size > 0) await Promise.all(this.#underWay.values());
  }

  async #leave(clientId: string, row: PresenceRow, reason: DisconnectReason): Promise<void> {
    const isDone = await this.#publishForSure(
      eventOf('presence/disconnected', clientId, {
        timestamp: this.#options.wall(),
        eventType: 'disconnected',
        sessionIdentifier: row.sessionIdentifier,
        principalIdentifier: row.principal,
        clientInitiatedDisconnect: reason === 'CLIENT_INITIATED_DISCONNECT',
        disconnectReason: reason,
        versionNumber: row.version,
      }),
    );
    if (!isDone) return;
    const { will: _, ...rest } = row;
    await this.#write(clientId, { ...rest, isConnected: false, at: this.#options.now() });
  }

  #nextVersion(clientId: string): number {
    const row = this.#rows.get(clientId);
    if (row === undefined || (!row.isConnected && this.#isOver(clientId, row))) return 0;
    return row.version + 1;
  }

  #isOver(clientId: string, { at }: PresenceRow): boolean {
    return this.#options.now() - at > VERSION_KEPT && !this.#options.hasSession(clientId);
  }

  async #write(clientId: string, row: PresenceRow): Promise<void> {
    this.#keep(clientId, row);
    const changes: Change[] = [[keyOf(clientId), JSON.stringify(row)]];
    if (this.#gone > this.#options.most) {
      const first = this.#firstGone();
      this.#drop(first);
      changes.push([keyOf(first), null]);
    }
    await this.#store.commit({ rows: changes });
  }

  #firstGone(): string {
    for (const [clientId, { isConnected }] of this.#rows) if (!isConnected) return clientId;
    throw new Error('No client has disconnected');
  }

  #keep(clientId: string, row: PresenceRow): void {
    this.#drop(clientId);
    this.#rows.set(clientId, row);
    if (!row.isConnected) this.#gone++;
  }

  #drop(clientId: string): void {
    if (this.#rows.get(clientId)?.isConnected === false) this.#gone--;
    this.#rows.delete(clientId);
  }

  async #publish(kind: string, clientId: string, members: object): Promise<void> {
    await this.#options.publish(eventOf(kind, clientId, members));
  }

  /** Retries until the outcome is durable. Resolves with false when the broker closes before that. */
  async #publishForSure(message: Message): Promise<boolean> {
    for (;;) {
      try {
        await this.#options.publish(message);
        return true;
      } catch (error) {
        if (this.#isClosing) return false;
        this.#options.log.warn(
          { err: error, topic: message.topic },
          'a device event was not accepted and will be published again',
        );
        await new Promise((resolve) => setTimeout(resolve, AGAIN));
      }
    }
  }

  #inOrder(clientId: string, task: () => Promise<void>): void {
    // Nobody could subscribe to its events (docs/devices.md: Connections and disconnections).
    if (/[#+]/.test(clientId)) return;
    const before = this.#underWay.get(clientId) ?? Promise.resolve();
    const run = before.then(task).catch((error: unknown) => {
      this.#options.log.error({ err: error, clientId }, 'a device event is lost');
    });
    const done = run.then(() => {
      if (this.#underWay.get(clientId) === done) this.#underWay.delete(clientId);
    });
    this.#underWay.set(clientId, done);
  }
}

function eventOf(kind: string, clientId: string, members: object): Message {
  const payload = Buffer.from(JSON.stringify({ clientId, ...members }));
  return { topic: `$aws/events/${kind}/${clientId}`, payload, qos: 1, retain: false };
}

function keyOf(clientId: string): string {
  return PREFIX + encodeURIComponent(clientId);
}
