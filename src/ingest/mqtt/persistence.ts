import { Readable } from 'node:stream';
import type { Client, PublishPacket } from 'aedes';
import { FAN_OUT } from './fan-out.ts';
import type { RetainedMessages } from './retained.ts';
import type { Qos, Sessions } from './sessions.ts';

/** A subscription as it came in a SUBSCRIBE packet. */
export interface GivenSubscription {
  readonly topic: string;
  readonly qos: Qos;
}

/**
 * Stands for the subscriptions of a session that has none, and is not permitted. The library tells a client that its
 * session is present only if there is a subscription to restore.
 */
export const NO_SUBSCRIPTION: GivenSubscription = { topic: '$none', qos: 0 };

/** A packet on its way to a client; it gets a `messageId` when the library sends it. */
interface Outgoing {
  readonly cmd?: string;
  readonly brokerId?: string;
  readonly brokerCounter?: number;
  readonly messageId?: number;
  readonly qos?: number;
}

interface Identified {
  readonly id: string;
}

export interface PersistenceOptions {
  readonly sessions: Sessions;
  readonly retained: RetainedMessages;
  /** Whether a subscription has been permitted; the library also passes refused ones. */
  readonly isPermitted: (subscription: GivenSubscription) => boolean;
  /** Called for a message that cannot be retained for lack of room. */
  readonly onNotRetained: (topic: string) => void;
}

/** Queue numbers of the messages in flight to one client. */
interface Deliveries {
  /** By the counter that the library has assigned to the packet. */
  readonly byCounter: Map<number, number>;
  readonly byMessageId: Map<number, number>;
}

/**
 * The broker library's `persistence`, in our store. Unlike the one included with the library it is durable and bounded,
 * and a session's messages are sent from its queue, a bounded number at a time, instead of as they arrive. Wills are
 * not stored here: the lifecycle events record who was connected when the process ended.
 */
export class Persistence {
  readonly #options: PersistenceOptions;
  readonly #queuedFor = new WeakMap<object, ReadonlySet<string>>();
  readonly #deliveries = new WeakMap<Client, Deliveries>();
  /** Quality of service 2: message ids received but not released, by client id. */
  readonly #incoming = new Map<string, Set<number>>();
  /** The message being passed to the library, during that call. */
  #sending: { readonly deliveries: Deliveries; readonly number: number } | undefined;

  constructor(options: PersistenceOptions) {
    this.#options = options;
  }

  /** Client ids of the sessions that have the message in their queue. */
  sessionsWith(packet: object): ReadonlySet<string> | undefined {
    return this.#queuedFor.get(packet);
  }

  /** Sends the session's messages to this client from now on. */
  attach(client: Client): void {
    const deliveries: Deliveries = { byCounter: new Map(), byMessageId: new Map() };
    this.#deliveries.set(client, deliveries);
    const queue = this.#options.sessions.queueOf(client.id);
    queue?.attach(({ topic, payload, qos }, number, isAgain) => {
      this.#sending = { deliveries, number };
      // Calls `outgoingEnqueue` before it returns, which links the packet to the queued message.
      client.publish({ cmd: 'publish', topic, payload, qos, retain: false, dup: isAgain }, () => {});
      this.#sending = undefined;
    });
  }

  detach(client: Client): void {
    if (this.#deliveries.delete(client)) this.#options.sessions.queueOf(client.id)?.detach();
  }

  async setup(_broker: unknown): Promise<void> {}

  async storeRetained({ topic, payload, qos }: PublishPacket): Promise<void> {
    const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(payload);
    if (!(await this.#options.retained.put({ topic, payload: bytes, qos })))
      this.#options.onNotRetained(topic);
  }

  createRetainedStreamCombi(filters: readonly string[]): Readable {
    return Readable.from(this.#options.retained.matching(filters));
  }

  async addSubscriptions(client: Client, subscriptions: readonly GivenSubscription[]): Promise<void> {
    const { sessions, isPermitted } = this.#options;
    const isNew = !sessions.has(client.id);
    const permitted = subscriptions.filter(isPermitted);
    await sessions.subscribe(
      client.id,
      permitted.map(({ topic, qos }) => [topic, qos]),
    );
    if (isNew) this.attach(client);
  }

  async removeSubscriptions(client: Identified, filters: readonly string[]): Promise<void> {
    await this.#options.sessions.unsubscribe(client.id, filters);
  }

  async subscriptionsByClient(client: Identified): Promise<GivenSubscription[]> {
    const { sessions } = this.#options;
    const subscriptions = [...sessions.subscriptions(client.id)].map(([topic, qos]) => ({ topic, qos }));
    return subscriptions.length === 0 && sessions.isPresent(client.id) ? [NO_SUBSCRIPTION] : subscriptions;
  }

  async cleanSubscriptions(client: Identified): Promise<void> {
    await this.#options.sessions.end(client.id);
  }

  /** Queues are filled by `outgoingEnqueueCombi`, which finds the sessions itself. */
  async subscriptionsByTopic(_topic: string): Promise<never[]> {
    return [];
  }

  async outgoingEnqueueCombi(_subscriptions: readonly never[], packet: PublishPacket): Promise<void> {
    const { topic, payload, qos } = packet;
    if (topic.startsWith('$SYS/')) return;
    const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(payload);
    this.#queuedFor.set(packet, await this.#options.sessions.queue({ topic, payload: bytes, qos }));
  }

  async outgoingEnqueue(_client: unknown, { brokerCounter = 0 }: Outgoing): Promise<void> {
    const { deliveries, number } = this.#sending ?? {};
    if (number !== undefined) deliveries?.byCounter.set(brokerCounter, number);
  }

  /** The packet has its message id and is being sent. */
  async outgoingUpdate(client: Client, packet: Outgoing): Promise<void> {
    const { brokerCounter = 0, messageId = 0 } = packet;
    const deliveries = this.#deliveries.get(client);
    const number = deliveries?.byCounter.get(brokerCounter);
    if (deliveries === undefined || number === undefined || packet.cmd === 'pubrel') return;
    deliveries.byCounter.delete(brokerCounter);
    // The library lowers it to that of a subscription to the exact topic; then there is no acknowledgement to wait for.
    if (packet.qos === 0) await this.#options.sessions.queueOf(client.id)?.acknowledge(number);
    else deliveries.byMessageId.set(messageId, number);
  }

  /** The client has acknowledged the packet, or must not receive it. Resolves with the packet. */
  async outgoingClearMessageId(client: Client, packet: Outgoing): Promise<Outgoing> {
    const number = this.#take(client, packet);
    if (number !== undefined) await this.#options.sessions.queueOf(client.id)?.acknowledge(number);
    return packet;
  }

  /** Queued messages are sent by `attach`. */
  outgoingStream(): Readable {
    return Readable.from([]);
  }

  async incomingStorePacket({ id }: Identified, { messageId = 0 }: Outgoing): Promise<void> {
    const received = this.#incoming.get(id) ?? new Set();
    this.#incoming.set(id, received.add(messageId));
  }

  /** Rejects when there is none, as the library requires. */
  async incomingGetPacket(client: Identified, packet: Outgoing): Promise<Outgoing> {
    if (!this.hasReceived(client, packet)) throw new Error('no such packet');
    return packet;
  }

  /** Whether a PUBLISH of quality of service 2 repeats one that has not been released. */
  hasReceived({ id }: Identified, { messageId = 0 }: Outgoing): boolean {
    return this.#incoming.get(id)?.has(messageId) === true;
  }

  async incomingDelPacket({ id }: Identified, { messageId = 0 }: Outgoing): Promise<void> {
    if (this.#incoming.get(id)?.delete(messageId) !== true) throw new Error('no such packet');
  }

  async cleanIncoming({ id }: Identified): Promise<void> {
    this.#incoming.delete(id);
  }

  async putWill(): Promise<void> {}

  async delWill(): Promise<void> {}

  streamWill(): Readable {
    return Readable.from([]);
  }

  #take(client: Client, { brokerId, brokerCounter = 0, messageId }: Outgoing): number | undefined {
    const deliveries = this.#deliveries.get(client);
    if (deliveries === undefined || brokerId === FAN_OUT) return undefined;
    const [numbers, key] =
      messageId === undefined ? [deliveries.byCounter, brokerCounter] : [deliveries.byMessageId, messageId];
    const number = numbers.get(key);
    numbers.delete(key);
    return number;
  }
}
