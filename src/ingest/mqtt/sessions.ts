import type { Limits } from '../../limits.ts';
import type { Log } from '../../runtime/log.ts';
import type { Change, Store } from '../../store/store.ts';
import { TopicTree } from '../topic-tree.ts';
import { type Queued, type QueueLimits, SessionQueue } from './session-queue.ts';
import { matches } from './topics.ts';

export type Qos = 0 | 1 | 2;

/** A session that survives its connections (MQTT 3.1.2.4, clean session 0). */
interface Session {
  readonly clientId: string;
  readonly subscriptions: Map<string, Qos>;
  readonly queue: SessionQueue;
  /** When its client disconnected, milliseconds of the host's time; undefined while connected. */
  left: number | undefined;
  /** Whether messages are being dropped because the queue is full. */
  isFull: boolean;
}

type SessionLimits = QueueLimits & Pick<Limits, 'mqttSessions' | 'mqttSessionExpiry' | 'mqttKnownClients'>;

export interface SessionsOptions {
  readonly limits: SessionLimits;
  readonly log: Log;
  /** The host's time; milliseconds. */
  readonly now: () => number;
  /** Called for each message dropped because a queue is full. */
  readonly onDrop: () => void;
}

const PREFIX = 'mqtt/session/';
const SESSIONS = { from: PREFIX, to: 'mqtt/session0' };
const QUEUES = { from: 'mqtt/queue/', to: 'mqtt/queue0' };

/** All durable sessions: subscriptions in memory and on disk, queues on disk. */
export class Sessions {
  readonly #store: Store;
  readonly #options: SessionsOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #subscribers = new TopicTree<Session>({ restIncludesParent: true });
  /**
   * Sessions that have never had a subscription: when their client disconnected, by client id, as in `left`. Kept in
   * memory only, since nothing but their existence could be lost.
   */
  readonly #bare = new Map<string, number | undefined>();

  private constructor(store: Store, options: SessionsOptions) {
    this.#store = store;
    this.#options = options;
  }

  static async open(store: Store, options: SessionsOptions): Promise<Sessions> {
    const sessions = new Sessions(store, options);
    for await (const [key, value] of store.scan(SESSIONS)) {
      const { subscriptions, left } = JSON.parse(value) as SessionRow;
      const session = sessions.#add(decodeURIComponent(key.slice(PREFIX.length)));
      // Clients that were connected when the process ended count as disconnected now.
      session.left = left ?? options.now();
      for (const [filter, qos] of Object.entries(subscriptions)) sessions.#subscribe(session, filter, qos);
    }
    for await (const [key, value] of store.scan(QUEUES)) {
      const [, , clientId = '', number = ''] = key.split('/');
      sessions.#sessions.get(decodeURIComponent(clientId))?.queue.restore(Number(number), value);
    }
    return sessions;
  }

  get count(): number {
    return this.#sessions.size;
  }

  get queued(): number {
    let sum = 0;
    for (const { queue } of this.#sessions.values()) sum += queue.count;
    return sum;
  }

  has(clientId: string): boolean {
    return this.#sessions.has(clientId);
  }

  /** Whether the client has a session, even one that holds nothing. */
  isPresent(clientId: string): boolean {
    return this.has(clientId) || this.#bare.has(clientId);
  }

  /** Begins a session, unless the client has one. */
  begin(clientId: string): void {
    if (this.has(clientId)) return;
    this.#bare.delete(clientId);
    this.#bare.set(clientId, undefined);
    const [first] = this.#bare.keys();
    if (first !== undefined && this.#bare.size > this.#options.limits.mqttKnownClients)
      this.#bare.delete(first);
  }

  /** Whether another session may be created. */
  get hasRoom(): boolean {
    return this.#sessions.size < this.#options.limits.mqttSessions;
  }

  /** Whether a message on the topic goes into any queue. */
  hasTakers(topic: string): boolean {
    return this.#subscribers.matches(topic);
  }

  subscriptions(clientId: string): ReadonlyMap<string, Qos> {
    return this.#sessions.get(clientId)?.subscriptions ?? new Map();
  }

  queueOf(clientId: string): SessionQueue | undefined {
    return this.#sessions.get(clientId)?.queue;
  }

  /** Resolves once durable. The first subscription creates the session. */
  async subscribe(clientId: string, subscriptions: Iterable<readonly [string, Qos]>): Promise<void> {
    const session = this.#sessions.get(clientId) ?? this.#add(clientId);
    let isChanged = false;
    for (const [filter, qos] of subscriptions) {
      if (session.subscriptions.get(filter) === qos) continue;
      this.#subscribe(session, filter, qos);
      isChanged = true;
    }
    if (isChanged) await this.#store.commit({ rows: [rowOf(session)] });
  }

  /** Resolves once durable. */
  async unsubscribe(clientId: string, filters: readonly string[]): Promise<void> {
    const session = this.#sessions.get(clientId);
    if (session === undefined) return;
    for (const filter of filters) this.#unsubscribe(session, filter);
    await this.#store.commit({ rows: [rowOf(session)] });
  }

  /** Ends a session and deletes its queue. Resolves once durable. */
  async end(clientId: string): Promise<void> {
    this.#bare.delete(clientId);
    const session = this.#sessions.get(clientId);
    if (session === undefined) return;
    this.#sessions.delete(clientId);
    session.queue.detach();
    for (const filter of [...session.subscriptions.keys()]) this.#unsubscribe(session, filter);
    const [key] = rowOf(session);
    await this.#store.commit({ rows: [...(await session.queue.rows()), [key, null]] });
  }

  /** Records that the session's client has connected or disconnected. Resolves once durable. */
  async note(clientId: string, presence: 'here' | 'left'): Promise<void> {
    if (this.#bare.has(clientId))
      this.#bare.set(clientId, presence === 'here' ? undefined : this.#options.now());
    const session = this.#sessions.get(clientId);
    if (session === undefined) return;
    session.left = presence === 'here' ? undefined : this.#options.now();
    await this.#store.commit({ rows: [rowOf(session)] });
  }

  /** Ends the sessions whose clients have been away too long. Resolves once durable. */
  async expire(): Promise<void> {
    const oldest = this.#options.now() - this.#options.limits.mqttSessionExpiry;
    for (const [clientId, left] of this.#bare)
      if (left !== undefined && left < oldest) this.#bare.delete(clientId);
    for (const { clientId, left } of [...this.#sessions.values()])
      if (left !== undefined && left < oldest) await this.end(clientId);
  }

  /**
   * Adds a message to the queues of all sessions with a matching subscription of quality of service above 0. Resolves
   * once durable, with the client ids of those sessions.
   */
  async queue(message: { topic: string; payload: Buffer; qos: Qos }): Promise<ReadonlySet<string>> {
    const takers = this.#takers(message.topic);
    if (takers.size === 0) return NOBODY;
    const rows: Change[] = [];
    const queued: (() => void)[] = [];
    for (const [session, subscribed] of takers) {
      const copy: Queued = { ...message, qos: Math.min(message.qos, subscribed) === 2 ? 2 : 1 };
      const put = session.queue.put(copy);
      if (put === undefined) {
        this.#drop(session);
        continue;
      }
      session.isFull = false;
      rows.push(put.change);
      queued.push(put.queued);
    }
    if (rows.length > 0) await this.#store.commit({ rows });
    for (const each of queued) each();
    return new Set([...takers.keys()].map(({ clientId }) => clientId));
  }

  /** The sessions with a matching subscription, each with its highest quality of service. */
  #takers(topic: string): Map<Session, Qos> {
    const takers = new Map<Session, Qos>();
    for (const session of this.#subscribers.match(topic)) {
      if (!takers.has(session)) takers.set(session, highest(session, topic));
    }
    return takers;
  }

  #drop(session: Session): void {
    this.#options.onDrop();
    if (session.isFull) return;
    session.isFull = true;
    const { clientId, queue } = session;
    this.#options.log.warn(
      { clientId, queued: queue.count },
      'the queue of an MQTT session is full; messages for it are dropped until its client reads some',
    );
  }

  #add(clientId: string): Session {
    const { limits, log } = this.#options;
    const queue = new SessionQueue(this.#store, clientId, limits, (error) =>
      log.error({ err: error, clientId }, 'the queue of an MQTT session cannot be read'),
    );
    const session: Session = { clientId, subscriptions: new Map(), queue, left: undefined, isFull: false };
    this.#sessions.set(clientId, session);
    this.#bare.delete(clientId);
    return session;
  }

  #subscribe(session: Session, filter: string, qos: Qos): void {
    session.subscriptions.set(filter, qos);
    if (qos > 0) this.#subscribers.add(filter, session);
    else this.#subscribers.remove(filter, session);
  }

  #unsubscribe(session: Session, filter: string): void {
    session.subscriptions.delete(filter);
    this.#subscribers.remove(filter, session);
  }
}

const NOBODY: ReadonlySet<string> = new Set();

interface SessionRow {
  readonly subscriptions: Readonly<Record<string, Qos>>;
  readonly left?: number;
}

function rowOf({ clientId, subscriptions, left }: Session): [key: string, value: string] {
  const row = { subscriptions: Object.fromEntries(subscriptions), left };
  return [PREFIX + encodeURIComponent(clientId), JSON.stringify(row)];
}

function highest({ subscriptions }: Session, topic: string): Qos {
  let found: Qos = 0;
  for (const [filter, qos] of subscriptions) if (qos > found && matches(filter, topic)) found = qos;
  return found;
}
