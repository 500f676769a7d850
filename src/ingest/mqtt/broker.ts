import { Aedes, type Client, type PublishPacket, type Subscription } from 'aedes';
import type { Limits } from '../../limits.ts';
import type { Log } from '../../runtime/log.ts';
import type { Store } from '../../store/store.ts';
import type { Publication } from '../rules/publication.ts';
import { Admission } from './admission.ts';
import { Backlogs } from './backlog.ts';
import { type ConnectedClient, type Departure, Departures } from './clients.ts';
import { Connection, type Transport } from './connection.ts';
import { FanOut } from './fan-out.ts';
import type { Message } from './message.ts';
import type { BrokerFigures, MqttMetrics } from './metrics.ts';
import { guardPackets } from './packet-guard.ts';
import { Persistence } from './persistence.ts';
import { type Peer, Presences } from './presence.ts';
import type { Authenticate } from './principal.ts';
import { RETURN_CODES, Refusal } from './refusal.ts';
import { RetainedMessages } from './retained.ts';
import { Sessions } from './sessions.ts';
import { isBasicIngest, topicProblem } from './topics.ts';

export interface BrokerOptions {
  readonly store: Store;
  readonly limits: Limits;
  readonly log: Log;
  readonly metrics: MqttMetrics;
  readonly authenticate: Authenticate;
  /** What every message that is published goes to; resolves when its outcome is durable. */
  readonly deliver: (publication: Publication) => Promise<void>;
  /** The host's time, by which sessions expire; milliseconds. */
  readonly now: () => number;
  /** Milliseconds since the epoch, as events say them. */
  readonly wall: () => number;
}

/** Milliseconds. */
const SWEEP = 60_000;
const DRAIN_TIMEOUT = 60_000;
const CLOSE_GRACE = 5000;
/** The type of a DISCONNECT packet (MQTT 2.1.2). */
const DISCONNECT = 14;
/** Seconds for which a client that asks for no keep-alive may be silent (spec: topic-rules 6.2). */
const LONGEST_KEEPALIVE = 1200;
/** Packets that a client may send before its CONNECT is answered. */
const EARLY_PACKETS = 1000;
/** What a packet may have beside its payload: a topic, or the filters of a SUBSCRIBE. */
const BESIDE_PAYLOAD = 64 * 1024;

/**
 * The embedded MQTT 3.1.1 broker. A message of quality of service 1 is acknowledged once its outcome is durable: what
 * `deliver` does with it, and the queues of durable sessions and the retained message it changes.
 */
export class Broker {
  readonly #options: BrokerOptions;
  readonly #sessions: Sessions;
  readonly #retained: RetainedMessages;
  readonly #presences: Presences;
  readonly #persistence: Persistence;
  readonly #fanOut: FanOut;
  readonly #aedes: DurableAedes;
  readonly #backlogs: Backlogs;
  readonly #admission: Admission;
  readonly #connections = new Set<Connection>();
  readonly #byStream = new WeakMap<Transport['stream'], Connection>();
  /** By client id, of those that are connected. */
  readonly #clients = new Map<string, Connection>();
  readonly #departures = new Departures();
  readonly #permitted = new WeakSet<object>();
  /** Messages whose outcome is still to come, and who waits for there to be none. */
  #underWay = 0;
  readonly #idle: (() => void)[] = [];
  readonly #sweep: NodeJS.Timeout;
  #unauthenticated = 0;
  #isClosing = false;

  /** Reads what is durable. */
  static async open(options: BrokerOptions): Promise<Broker> {
    const { store, limits, log, metrics, now, wall } = options;
    const onDrop = () => metrics.dropped('session_queue_full');
    const sessions = await Sessions.open(store, { limits, log, now, onDrop });
    const retained = await RetainedMessages.open(store, limits);
    let broker: Broker | undefined;
    const presences = await Presences.open(store, {
      log,
      now,
      wall,
      publish: async (message) => broker?.publish(message, 'mqtt'),
      hasSession: (clientId) => sessions.has(clientId),
    });
    broker = new Broker(options, sessions, retained, presences);
    await broker.#aedes.listen();
    return broker;
  }

  /** Publishes the events of clients that were connected when the process was killed. */
  start(): void {
    this.#presences.recover();
  }

  private constructor(
    options: BrokerOptions,
    sessions: Sessions,
    retained: RetainedMessages,
    presences: Presences,
  ) {
    this.#options = options;
    this.#sessions = sessions;
    this.#retained = retained;
    this.#presences = presences;
    const { limits, metrics, log } = options;
    this.#backlogs = new Backlogs(limits);
    this.#admission = new Admission({
      limits,
      authenticate: options.authenticate,
      hasSessionRoom: (clientId) => sessions.has(clientId) || sessions.hasRoom,
    });
    this.#persistence = new Persistence({
      sessions,
      retained,
      isPermitted: (subscription) => this.#permitted.has(subscription),
      onNotRetained: (topic) => {
        metrics.dropped('retained_full');
        log.warn({ topic, retained: retained.count }, 'a message is not retained: there is no room for more');
      },
    });
    this.#fanOut = new FanOut((packet) => this.#persistence.sessionsWith(packet));
    this.#aedes = new DurableAedes({
      mq: this.#fanOut,
      persistence: this.#persistence,
      connectTimeout: limits.mqttConnectTimeout,
      drainTimeout: DRAIN_TIMEOUT,
      queueLimit: EARLY_PACKETS,
      maxInflightInbound: limits.mqttInFlight,
    });
    this.#install();
    this.#sweep = setInterval(() => void this.#expire(), SWEEP);
    this.#sweep.unref();
    metrics.observe(() => this.figures);
  }

  get figures(): BrokerFigures {
    return {
      connections: this.#clients.size,
      sessions: this.#sessions.count,
      queuedMessages: this.#sessions.queued,
      retainedMessages: this.#retained.count,
      backlogBytes: this.#backlogs.bytes,
    };
  }

  /** Who is connected, by client id. */
  get clients(): readonly ConnectedClient[] {
    const clients = [...this.#clients].flatMap(([clientId, connection]) => {
      const { presence, transport, connect, connectedAt, subscriptions } = connection;
      if (presence === undefined) return [];
      const { principal, address } = presence.peer;
      return [
        {
          ...{ clientId, principal, address, connectedAt },
          isEncrypted: transport.isEncrypted,
          keepAlive: connect?.keepalive ?? 0,
          isClean: connect?.clean !== false,
          subscriptions: [...subscriptions],
        },
      ];
    });
    return clients.sort((a, b) => (a.clientId < b.clientId ? -1 : 1));
  }

  /** Who has gone lately, newest first. */
  get departures(): readonly Departure[] {
    return this.#departures.list;
  }

  /** Speaks MQTT on a connection. */
  connect(transport: Transport): void {
    const { stream } = transport;
    const { limits, metrics } = this.#options;
    const isFull =
      this.#connections.size >= limits.mqttConnections ||
      this.#unauthenticated >= limits.mqttUnauthenticatedConnections;
    if (isFull || this.#isClosing) {
      metrics.refused('limit');
      stream.on('error', () => {});
      stream.destroy();
      return;
    }
    const connection = new Connection(transport, this.#backlogs.open(), limits.mqttInFlight);
    this.#connections.add(connection);
    this.#byStream.set(stream, connection);
    this.#unauthenticated++;
    stream.once('close', () => {
      this.#connections.delete(connection);
      if (connection.principal === undefined) this.#unauthenticated--;
    });
    guardPackets(stream, {
      limit: () =>
        connection.principal === undefined
          ? limits.mqttConnectBytes
          : limits.mqttPayloadBytes + BESIDE_PAYLOAD,
      onPacket: (type) => {
        if (type === DISCONNECT) connection.hasSentDisconnect = true;
      },
    });
    this.#aedes.handle(stream);
  }

  /**
   * Publishes a message of this process, to the rules and to the subscribers. Resolves once its outcome is durable;
   * rejects when it is not, or when the topic is no topic.
   */
  async publish(message: Message, via: Publication['via']): Promise<void> {
    this.#underWay++;
    try {
      await this.#accept({ topic: message.topic, payload: message.payload, via }, message);
    } finally {
      this.#ended();
    }
  }

  /** Publishes to the subscribers alone. Resolves when the queues of durable sessions have it. */
  async forward(message: Message): Promise<void> {
    const problem = topicProblem(message.topic, this.#options.limits.mqttTopicBytes);
    if (problem !== undefined) throw new Error(`Nothing can be published to ${message.topic}: ${problem}`);
    if (this.#isClosing) throw new Error('The MQTT broker is closing');
    await this.#aedes.forward({ cmd: 'publish', dup: false, ...message });
  }

  /** Credentials or permissions have changed: ends the connections whose credentials are not valid any more. */
  revalidate(): void {
    for (const connection of this.#connections) {
      connection.forgetPermissions();
      if (connection.principal?.isValid() !== false) continue;
      connection.endsBecause('AUTH_ERROR');
      connection.transport.stream.destroy();
    }
  }

  /** Disconnects everybody, publishes their events and wills, and waits for what is under way, for a while. */
  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    clearInterval(this.#sweep);
    for (const connection of this.#connections) connection.endsBecause('SERVER_INITIATED_DISCONNECT');
    await new Promise<void>((resolve) => this.#aedes.close(() => resolve()));
    for (const { transport } of this.#connections) transport.stream.destroy();
    const settled = Promise.allSettled([this.#untilIdle(), this.#presences.close()]);
    await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, CLOSE_GRACE).unref())]);
  }

  async #expire(): Promise<void> {
    try {
      await this.#sessions.expire();
      await this.#presences.forget();
    } catch (error) {
      this.#options.log.error({ err: error }, 'MQTT sessions could not be ended');
    }
  }

  /** What a message causes: `packet` goes to the subscribers, unless it is for one rule alone. */
  #accept(publication: Publication, packet: Message | PublishPacket): Promise<unknown> {
    // Subscribers are to see it before what rules make of it.
    const forwarded = this.#concernsSubscribers(packet)
      ? this.#aedes.forward({ ...packet, cmd: 'publish', dup: false })
      : undefined;
    const delivered = this.#options.deliver(publication);
    return forwarded === undefined ? delivered : Promise.all([delivered, forwarded]);
  }

  /** A message has had its outcome. */
  #ended(): void {
    this.#underWay--;
    if (this.#underWay === 0) for (const idle of this.#idle.splice(0)) idle();
  }

  /** Resolves when no message is on its way. */
  async #untilIdle(): Promise<void> {
    if (this.#underWay > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #concernsSubscribers({ topic, retain }: Message | PublishPacket): boolean {
    if (isBasicIngest(topic)) return false;
    return retain || this.#fanOut.hasListeners(topic) || this.#sessions.hasTakers(topic);
  }

  #install(): void {
    const aedes = this.#aedes;
    aedes.preConnect = (client, packet, done) => {
      packet.keepalive ||= LONGEST_KEEPALIVE;
      const connection = this.#of(client);
      if (connection !== undefined) connection.connect = packet;
      done(null, true);
    };
    aedes.authenticate = (client, username, password, done) => {
      this.#admit(client, username, password).then(
        () => done(null, true),
        (error: unknown) => done(error instanceof Refusal ? error : unavailable(error), null),
      );
    };
    aedes.authorizePublish = (client, packet, done) => this.#take(client, packet, done);
    aedes.authorizeSubscribe = (client, subscription, done) =>
      done(null, this.#permit(client, subscription) ? subscription : null);
    aedes.authorizeForward = (client, packet) => {
      const connection = this.#of(client);
      if (connection === undefined || !connection.mayReceive(packet.topic, client.id)) return null;
      const onDrop = () => this.#dropped(client, connection);
      return this.#fanOut.admits(client.id, connection.backlog, packet, onDrop) ? packet : null;
    };
    aedes.on('client', (client) => this.#connected(client));
    aedes.on('clientReady', (client) => {
      if (client.clean) return;
      this.#persistence.attach(client);
      this.#note(client.id, 'here');
    });
    aedes.on('clientDisconnect', (client) => this.#disconnected(client));
    aedes.on('keepaliveTimeout', (client) => this.#of(client)?.endsBecause('MQTT_KEEP_ALIVE_TIMEOUT'));
    aedes.on('clientError', (client, error) => this.#failed(client, error));
    aedes.on('connectionError', (client, error) => this.#failed(client, error));
    aedes.on('subscribe', (subscriptions, client) => {
      const topics = subscriptions.filter((each) => this.#permitted.has(each)).map(({ topic }) => topic);
      const presence = this.#of(client)?.presence;
      if (presence !== undefined && topics.length > 0)
        this.#presences.subscriptions('subscribed', presence, topics);
    });
    aedes.on('unsubscribe', (topics, client) => {
      const connection = this.#of(client);
      // The library also unsubscribes whoever disconnects.
      if (connection?.presence === undefined || client.closed) return;
      for (const topic of topics) connection.subscriptions.delete(topic);
      this.#presences.subscriptions('unsubscribed', connection.presence, topics);
    });
  }

  #of(client: Client): Connection | undefined {
    return this.#byStream.get(client.conn);
  }

  /** Rejects with a Refusal when the client may not connect. */
  async #admit(client: Client, username: string | undefined, password: Buffer | undefined): Promise<void> {
    const connection = this.#of(client);
    if (connection === undefined) throw new Error('The connection is not one of this broker');
    const { address, stream } = connection.transport;
    try {
      const principal = await this.#admission.connect(client, connection, { username, password });
      if (stream.destroyed) return;
      connection.principal = principal;
      this.#unauthenticated--;
      this.#clients.get(client.id)?.endsBecause('DUPLICATE_CLIENTID');
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { reason, message, principal } = error;
      this.#options.metrics.refused(reason);
      this.#options.log.warn(
        { clientId: client.id, username, address },
        `an MQTT client is refused: ${message}`,
      );
      if (principal !== undefined)
        this.#presences.refused({ clientId: client.id, principal: principal.identifier, address });
      throw error;
    }
  }

  /** A client has published; `done` is called when it may be acknowledged. */
  #take(client: Client | null, packet: PublishPacket, done: (error?: Error) => void): void {
    const connection = client === null ? undefined : this.#of(client);
    if (client === null || connection === undefined) {
      done(new Error('The client is gone'));
      return;
    }
    const problem = this.#admission.publish(client, connection, packet);
    if (problem !== undefined) {
      const fields = { clientId: client.id, topic: packet.topic };
      this.#options.log.warn(fields, `an MQTT client is disconnected: ${problem}`);
      done(new Error(problem));
      return;
    }
    this.#options.metrics.received(packet.qos);
    const publication: Publication = {
      topic: packet.topic,
      payload: bytesOf(packet.payload),
      via: 'mqtt',
      clientId: client.id,
      principal: connection.principal?.thumbprint,
      sourceIp: connection.transport.address,
    };
    const isRepeated = packet.qos === 2 && this.#persistence.hasReceived(client, packet);
    const accept = () => (isRepeated ? DONE : this.#accept(publication, packet));
    this.#underWay++;
    connection.inbound.take(accept, (error) => {
      this.#ended();
      if (error !== undefined) connection.endsBecause('SERVER_ERROR');
      done(error);
    });
  }

  #permit(client: Client, subscription: Subscription): boolean {
    const connection = this.#of(client);
    if (connection === undefined) return false;
    const problem = this.#admission.subscribe(client, connection, subscription.topic);
    if (problem === undefined) {
      this.#permitted.add(subscription);
      return true;
    }
    const fields = { clientId: client.id, filter: subscription.topic };
    this.#options.log.warn(fields, `a subscription is refused: ${problem}`);
    return false;
  }

  #connected(client: Client): void {
    const connection = this.#of(client);
    if (connection?.principal === undefined) return;
    const peer: Peer = {
      clientId: client.id,
      principal: connection.principal.identifier,
      address: connection.transport.address,
    };
    this.#clients.set(client.id, connection);
    connection.connectedAt = this.#options.wall();
    connection.presence = this.#presences.connected(peer, willOf(connection));
  }

  #disconnected(client: Client): void {
    const connection = this.#of(client);
    if (connection?.presence === undefined) return;
    if (this.#clients.get(client.id) === connection) this.#clients.delete(client.id);
    this.#persistence.detach(client);
    if (!client.clean) this.#note(client.id, 'left');
    const { reason } = connection;
    this.#departures.add({ clientId: client.id, at: this.#options.wall(), reason });
    this.#options.metrics.disconnected(reason);
    this.#presences.disconnected(connection.presence, reason);
  }

  #failed(client: Client, error: Error & { readonly code?: unknown }): void {
    this.#options.log.debug({ clientId: client.id, err: error }, 'an MQTT connection failed');
    const isLost = error.code !== undefined || /closed|drain/.test(error.message);
    if (!isLost) this.#of(client)?.endsBecause('CLIENT_ERROR');
  }

  /** A message that a subscriber does not get, because it reads too slowly. */
  #dropped({ id: clientId }: Client, { backlog }: Connection): void {
    this.#options.metrics.dropped('slow_subscriber');
    if (backlog.beginsToDrop())
      this.#options.log.warn(
        { clientId },
        'an MQTT subscriber reads too slowly; messages for it are dropped',
      );
  }

  #note(clientId: string, presence: 'here' | 'left'): void {
    this.#sessions.note(clientId, presence).catch((error: unknown) => {
      this.#options.log.error({ err: error, clientId }, 'an MQTT session could not be written');
    });
  }
}

/** What the library publishes for a client, `authorizePublish` has published before the acknowledgement. */
class DurableAedes extends Aedes {
  override publish(packet: PublishPacket, ...rest: readonly unknown[]): void {
    const done = rest.at(-1);
    const callback = (error?: Error) => {
      if (typeof done === 'function') done(error);
    };
    if (rest.length > 1 && rest[0] !== null) callback();
    else super.publish(packet, callback);
  }

  /** To the subscribers and what is retained. Resolves once the queues of durable sessions have it. */
  forward(packet: PublishPacket): Promise<void> {
    return new Promise((resolve, reject) => {
      super.publish(packet, (error) => (error ? reject(error) : resolve()));
    });
  }
}

/** What has nothing to wait for. */
const DONE = Promise.resolve();

function unavailable(error: unknown): Refusal {
  return new Refusal(
    'credentials',
    RETURN_CODES.unavailable,
    error instanceof Error ? error.message : String(error),
  );
}

function bytesOf(payload: string | Buffer): Buffer {
  return Buffer.isBuffer(payload) ? payload : Buffer.from(payload);
}

function willOf({ connect }: Connection): Message | undefined {
  const will = connect?.will;
  return (
    will && {
      topic: will.topic,
      payload: bytesOf(will.payload),
      qos: will.qos === 0 ? 0 : 1,
      retain: will.retain === true,
    }
  );
}
