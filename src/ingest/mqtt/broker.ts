import type { Limits } from '../../limits.ts';
import type { Log } from '../../runtime/log.ts';
import type { Store } from '../../store/store.ts';
import type { Origin, Publication } from '../rules/publication.ts';
import { Admission } from './admission.ts';
import { ClientHooks } from './client-hooks.ts';
import { type ConnectedClient, type Departure, Departures } from './clients.ts';
import type { Transport } from './connection.ts';
import { Connections } from './connections.ts';
import { DurableAedes } from './durable-aedes.ts';
import { FanOut } from './fan-out.ts';
import type { Message } from './message.ts';
import type { BrokerFigures, MqttMetrics } from './metrics.ts';
import { Persistence } from './persistence.ts';
import { Presences } from './presence.ts';
import type { Authenticate } from './principal.ts';
import { RetainedMessages } from './retained.ts';
import { Sessions } from './sessions.ts';
import { topicProblem } from './topics.ts';
import { Traffic } from './traffic.ts';

export interface BrokerOptions {
  readonly store: Store;
  readonly limits: Limits;
  readonly log: Log;
  readonly metrics: MqttMetrics;
  readonly authenticate: Authenticate;
  /** Receives every published message; resolves when its outcome is durable. */
  readonly deliver: (publication: Publication) => Promise<void>;
  /** The host's time, used for session expiry; milliseconds. */
  readonly now: () => number;
  /** The time shown in events; milliseconds since the epoch. */
  readonly wall: () => number;
}

/** Milliseconds. */
const SWEEP = 60_000;
const DRAIN_TIMEOUT = 60_000;
const CLOSE_GRACE = 5000;
/** Packets that a client may send before its CONNECT is answered. */
const EARLY_PACKETS = 1000;

/**
 * The embedded MQTT 3.1.1 broker. A message of quality of service 1 is acknowledged once its outcome is durable: the
 * result of `deliver`, the queues of durable sessions, and the retained message it changes.
 */
export class Broker {
  readonly #options: BrokerOptions;
  readonly #sessions: Sessions;
  readonly #retained: RetainedMessages;
  readonly #presences: Presences;
  readonly #connections: Connections;
  readonly #departures = new Departures();
  readonly #aedes: DurableAedes;
  readonly #traffic: Traffic;
  readonly #sweep: NodeJS.Timeout;
  #isClosing = false;

  /** Reads the durable state. Rejects with StoreError. */
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
      most: limits.mqttKnownClients,
      publish: async (message) => broker?.publish(message, { via: 'mqtt' }),
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
    const { limits, metrics, log, wall, deliver } = options;
    this.#connections = new Connections(limits);
    const permitted = new WeakSet<object>();
    const persistence = new Persistence({
      sessions,
      retained,
      isPermitted: (subscription) => permitted.has(subscription),
      onNotRetained: (topic) => {
        metrics.dropped('retained_full');
        log.warn(
          { topic, retained: retained.count },
          'a message is not retained: the limit of retained messages is reached',
        );
      },
    });
    const fanOut = new FanOut((packet) => persistence.sessionsWith(packet));
    this.#aedes = new DurableAedes({
      mq: fanOut,
      persistence,
      connectTimeout: limits.mqttConnectTimeout,
      drainTimeout: DRAIN_TIMEOUT,
      queueLimit: EARLY_PACKETS,
      maxInflightInbound: limits.mqttInFlight,
    });
    this.#traffic = new Traffic({ aedes: this.#aedes, fanOut, sessions, deliver });
    const admission = new Admission({
      limits,
      authenticate: options.authenticate,
      hasSessionRoom: (clientId) => sessions.has(clientId) || sessions.hasRoom,
    });
    new ClientHooks({
      ...{ admission, sessions, persistence, presences, fanOut, permitted, metrics, log, wall },
      connections: this.#connections,
      departures: this.#departures,
      traffic: this.#traffic,
    }).install(this.#aedes);
    this.#sweep = setInterval(() => void this.#expire(), SWEEP);
    this.#sweep.unref();
    metrics.observe(() => this.figures);
  }

  get figures(): BrokerFigures {
    return {
      connections: this.#connections.size,
      sessions: this.#sessions.count,
      queuedMessages: this.#sessions.queued,
      retainedMessages: this.#retained.count,
      backlogBytes: this.#connections.backlogBytes,
    };
  }

  /** Connected clients. */
  get clients(): readonly ConnectedClient[] {
    return this.#connections.clients;
  }

  /** Recently disconnected clients, newest first. */
  get departures(): readonly Departure[] {
    return this.#departures.list;
  }

  /** Takes a connection and speaks MQTT on it. */
  connect(transport: Transport): void {
    const { stream } = transport;
    if (this.#connections.isFull || this.#isClosing) {
      this.#options.metrics.refused('limit');
      stream.on('error', () => {});
      stream.destroy();
      return;
    }
    this.#connections.open(transport);
    this.#aedes.handle(stream);
  }

  /**
   * Publishes a message of this process to the rules and the subscribers. Resolves once its outcome is durable; rejects
   * when it is not, or when the topic is invalid.
   */
  async publish(message: Message, origin: Origin): Promise<void> {
    this.#traffic.begin();
    try {
      await this.#traffic.accept({ topic: message.topic, payload: message.payload, ...origin }, message);
    } finally {
      this.#traffic.end();
    }
  }

  /** Publishes to the subscribers only. Resolves when the message is in the queues of durable sessions. */
  async forward(message: Message): Promise<void> {
    const problem = topicProblem(message.topic, this.#options.limits.mqttTopicBytes);
    if (problem !== undefined) throw new Error(`Nothing can be published to ${message.topic}: ${problem}`);
    if (this.#isClosing) throw new Error('The MQTT broker is closing');
    await this.#aedes.forward({ cmd: 'publish', dup: false, ...message });
  }

  /** Credentials or permissions have changed: closes connections whose credentials are no longer valid. */
  revalidate(): void {
    for (const connection of this.#connections) {
      connection.forgetPermissions();
      if (connection.principal?.isValid() !== false) continue;
      connection.endsBecause('AUTH_ERROR');
      connection.transport.stream.destroy();
    }
  }

  /** Disconnects all clients, publishes their events and wills, and waits for work in progress, up to a timeout. */
  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    clearInterval(this.#sweep);
    for (const connection of this.#connections) connection.endsBecause('SERVER_INITIATED_DISCONNECT');
    await new Promise<void>((resolve) => this.#aedes.close(() => resolve()));
    for (const { transport } of this.#connections) transport.stream.destroy();
    const settled = Promise.allSettled([this.#traffic.untilIdle(), this.#presences.close()]);
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
}
