import type { Client, Subscription } from 'aedes';
import type { Log } from '../../runtime/log.ts';
import type { Publication } from '../rules/publication.ts';
import type { Admission } from './admission.ts';
import type { Departures } from './clients.ts';
import type { Connection } from './connection.ts';
import type { Connections } from './connections.ts';
import { type DurableAedes, refreshKeepAlive } from './durable-aedes.ts';
import type { FanOut } from './fan-out.ts';
import type { MqttMetrics } from './metrics.ts';
import { bytesOf, willOf } from './packets.ts';
import { NO_SUBSCRIPTION, type Persistence } from './persistence.ts';
import type { Peer, Presences } from './presence.ts';
import { RETURN_CODES, Refusal } from './refusal.ts';
import type { Sessions } from './sessions.ts';
import type { Published, Traffic } from './traffic.ts';

export interface ClientHooksOptions {
  readonly connections: Connections;
  readonly admission: Admission;
  readonly sessions: Sessions;
  readonly persistence: Persistence;
  readonly presences: Presences;
  readonly departures: Departures;
  readonly fanOut: FanOut;
  readonly traffic: Traffic;
  /** The permitted subscriptions, as the objects that the library passes. */
  readonly permitted: WeakSet<object>;
  readonly metrics: MqttMetrics;
  readonly log: Log;
  /** The time shown in events; milliseconds since the epoch. */
  readonly wall: () => number;
}

/** Maximum seconds of silence of a client that requests no keep-alive (docs/devices.md: Limits). */
const LONGEST_KEEPALIVE = 1200;
const DONE = Promise.resolve();

/** Handles connects, publishes, subscriptions and disconnects: the hooks of the broker library. */
export class ClientHooks {
  readonly #options: ClientHooksOptions;

  constructor(options: ClientHooksOptions) {
    this.#options = options;
  }

  /** Installs the hooks. */
  install(aedes: DurableAedes): void {
    aedes.preConnect = (client, packet, done) => {
      packet.keepalive ||= LONGEST_KEEPALIVE;
      const connection = this.#options.connections.of(client);
      if (connection !== undefined) connection.connect = packet;
      done(null, true);
    };
    aedes.authenticate = (client, username, password, done) => {
      this.#admit(client, username, password).then(
        () => done(null, true),
        (error: unknown) => done(error instanceof Refusal ? error : unavailable(error), null),
      );
    };
    aedes.authorizePublish = (client, packet, done) => {
      const connection = client === null ? undefined : this.#options.connections.of(client);
      if (client === null || connection === undefined) {
        done(new Error('The client has disconnected'));
        return;
      }
      const isRepeated = packet.qos === 2 && this.#options.persistence.hasReceived(client, packet);
      const answer = (error?: Error) => {
        connection.intake.flush();
        done(error);
      };
      this.#take(client, connection, packet, answer, isRepeated);
    };
    aedes.authorizeSubscribe = (client, subscription, done) =>
      done(
        null,
        subscription !== NO_SUBSCRIPTION && this.#permit(client, subscription) ? subscription : null,
      );
    aedes.authorizeForward = (client, packet) => {
      const connection = this.#options.connections.of(client);
      if (connection === undefined || !connection.mayReceive(packet.topic, client.id)) return null;
      // The library never lowers it to what a subscription with wildcards has, nor at all for a retained message.
      if (packet.retain || packet.qos === 2) packet.qos = connection.granted(packet.topic, packet.qos);
      const onDrop = () => this.#dropped(client, connection);
      return this.#options.fanOut.admits(client.id, connection.backlog, packet, onDrop) ? packet : null;
    };
    aedes.on('client', (client) => this.#connected(client));
    aedes.on('clientReady', (client) => {
      this.#open(client);
      if (client.clean) return;
      this.#options.sessions.begin(client.id);
      this.#options.persistence.attach(client);
      this.#note(client.id, 'here');
    });
    aedes.on('clientDisconnect', (client) => this.#disconnected(client));
    aedes.on('keepaliveTimeout', (client) =>
      this.#options.connections.of(client)?.endsBecause('MQTT_KEEP_ALIVE_TIMEOUT'),
    );
    aedes.on('clientError', (client, error) => this.#failed(client, error));
    aedes.on('connectionError', (client, error) => this.#failed(client, error));
    aedes.on('subscribe', (subscriptions, client) => {
      const topics = subscriptions
        .filter((each) => this.#options.permitted.has(each))
        .map(({ topic }) => topic);
      const presence = this.#options.connections.of(client)?.presence;
      if (presence !== undefined && topics.length > 0)
        this.#options.presences.subscriptions('subscribed', presence, topics);
    });
    aedes.on('unsubscribe', (topics, client) => {
      const connection = this.#options.connections.of(client);
      // The library also unsubscribes clients that disconnect.
      if (connection?.presence === undefined || client.closed) return;
      for (const topic of topics) connection.subscriptions.delete(topic);
      this.#options.presences.subscriptions('unsubscribed', connection.presence, topics);
    });
  }

  /** Rejects with a Refusal when the client may not connect. */
  async #admit(client: Client, username: string | undefined, password: Buffer | undefined): Promise<void> {
    const { connections, admission, metrics, log, presences } = this.#options;
    const connection = connections.of(client);
    if (connection === undefined) throw new Error('The connection does not belong to this broker');
    const { address, stream } = connection.transport;
    try {
      const principal = await admission.connect(client, connection, { username, password });
      if (stream.destroyed) return;
      connections.admit(connection, principal, client.id);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { reason, message, principal } = error;
      metrics.refused(reason);
      log.warn({ clientId: client.id, username, address }, `an MQTT client is refused: ${message}`);
      if (principal !== undefined)
        presences.refused({ clientId: client.id, principal: principal.identifier, address });
      throw error;
    }
  }

  /** From now on the client's ordinary messages are taken directly from its connection. */
  #open(client: Client): void {
    const connection = this.#options.connections.of(client);
    connection?.intake.begin({
      onActivity: () => refreshKeepAlive(client),
      onPublish: (packet, done) => this.#take(client, connection, packet, done, false),
      fail: (error) => client.emit('error', error),
    });
  }

  /**
   * A client has published; `done` is called when the message may be acknowledged. A repeated one has had its effect
   * already.
   */
  #take(
    client: Client,
    connection: Connection,
    packet: Published,
    done: (error?: Error) => void,
    isRepeated: boolean,
  ): void {
    const problem = this.#options.admission.publish(client, connection, packet);
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
    const { traffic } = this.#options;
    const accept = () => (isRepeated ? DONE : traffic.accept(publication, packet));
    traffic.begin();
    connection.inbound.take(accept, (error) => {
      traffic.end();
      if (error !== undefined) connection.endsBecause('SERVER_ERROR');
      done(error);
    });
  }

  #permit(client: Client, subscription: Subscription): boolean {
    const connection = this.#options.connections.of(client);
    if (connection === undefined) return false;
    const problem = this.#options.admission.subscribe(client, connection, subscription);
    if (problem === undefined) {
      this.#options.permitted.add(subscription);
      return true;
    }
    const fields = { clientId: client.id, filter: subscription.topic };
    this.#options.log.warn(fields, `a subscription is refused: ${problem}`);
    return false;
  }

  #connected(client: Client): void {
    const connection = this.#options.connections.of(client);
    if (connection?.principal === undefined) return;
    const peer: Peer = {
      clientId: client.id,
      principal: connection.principal.identifier,
      address: connection.transport.address,
    };
    this.#options.connections.enter(client.id, connection);
    connection.connectedAt = this.#options.wall();
    connection.presence = this.#options.presences.connected(peer, willOf(connection.connect));
  }

  #disconnected(client: Client): void {
    const connection = this.#options.connections.of(client);
    if (connection?.presence === undefined) return;
    this.#options.connections.leave(client.id, connection);
    this.#options.persistence.detach(client);
    if (!client.clean) this.#note(client.id, 'left');
    const { reason } = connection;
    this.#options.departures.add({ clientId: client.id, at: this.#options.wall(), reason });
    this.#options.metrics.disconnected(reason);
    this.#options.presences.disconnected(connection.presence, reason);
  }

  #failed(client: Client, error: Error & { readonly code?: unknown }): void {
    this.#options.log.debug({ clientId: client.id, err: error }, 'an MQTT connection failed');
    const isLost = error.code !== undefined || /closed|drain/.test(error.message);
    if (!isLost) this.#options.connections.of(client)?.endsBecause('CLIENT_ERROR');
  }

  /** Records that a subscriber does not get a message because it reads too slowly. */
  #dropped({ id: clientId }: Client, { backlog }: Connection): void {
    this.#options.metrics.dropped('slow_subscriber');
    if (backlog.beginsToDrop())
      this.#options.log.warn(
        { clientId },
        'an MQTT subscriber reads too slowly; messages for it are dropped',
      );
  }

  #note(clientId: string, presence: 'here' | 'left'): void {
    this.#options.sessions.note(clientId, presence).catch((error: unknown) => {
      this.#options.log.error({ err: error, clientId }, 'an MQTT session could not be written');
    });
  }
}

function unavailable(error: unknown): Refusal {
  return new Refusal(
    'credentials',
    RETURN_CODES.unavailable,
    error instanceof Error ? error.message : String(error),
  );
}
