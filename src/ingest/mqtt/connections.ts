import type { Client } from 'aedes';
import type { Limits } from '../../limits.ts';
import { Backlogs } from './backlog.ts';
import type { ConnectedClient } from './clients.ts';
import { Connection, type Transport } from './connection.ts';
import { guardPackets } from './packet-guard.ts';

/** The type of a DISCONNECT packet (MQTT 2.1.2). */
const DISCONNECT = 14;
/** Maximum bytes of a packet beside its payload: a topic, or the filters of a SUBSCRIBE. */
const BESIDE_PAYLOAD = 64 * 1024;

/** The open connections, within their limits; those of admitted clients are also found by client id. */
export class Connections implements Iterable<Connection> {
  readonly #limits: Limits;
  readonly #all = new Set<Connection>();
  readonly #byStream = new WeakMap<Transport['stream'], Connection>();
  readonly #clients = new Map<string, Connection>();
  readonly #backlogs: Backlogs;
  #unauthenticated = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#backlogs = new Backlogs(limits);
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#all.values();
  }

  /** The number of connected clients. */
  get size(): number {
    return this.#clients.size;
  }

  /** Connected clients. */
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
          subscriptions: [...subscriptions.keys()],
        },
      ];
    });
    return clients.sort((a, b) => (a.clientId < b.clientId ? -1 : 1));
  }

  get backlogBytes(): number {
    return this.#backlogs.bytes;
  }

  get isFull(): boolean {
    const { mqttConnections, mqttUnauthenticatedConnections } = this.#limits;
    return this.#all.size >= mqttConnections || this.#unauthenticated >= mqttUnauthenticatedConnections;
  }

  /** Watches a connection until it ends: no packet may be larger than its client is currently allowed to send. */
  open(transport: Transport): void {
    const { stream } = transport;
    const { mqttInFlight, mqttConnectBytes, mqttPayloadBytes } = this.#limits;
    const connection = new Connection(transport, this.#backlogs.open(), mqttInFlight);
    this.#all.add(connection);
    this.#byStream.set(stream, connection);
    this.#unauthenticated++;
    stream.once('close', () => {
      this.#all.delete(connection);
      if (connection.principal === undefined) this.#unauthenticated--;
    });
    guardPackets(stream, {
      limit: () =>
        connection.principal === undefined ? mqttConnectBytes : mqttPayloadBytes + BESIDE_PAYLOAD,
      onPacket: (type) => {
        if (type === DISCONNECT) connection.hasSentDisconnect = true;
      },
      isFull: () => connection.intake.isFull,
      take: (chunk) => connection.intake.take(chunk),
    });
  }

  /** The connection of the library's client object. */
  of(client: Client): Connection | undefined {
    return this.#byStream.get(client.conn);
  }

  /** Admits the client; an existing connection with the same client id is closed. */
  admit(connection: Connection, principal: NonNullable<Connection['principal']>, clientId: string): void {
    connection.principal = principal;
    this.#unauthenticated--;
    this.#clients.get(clientId)?.endsBecause('DUPLICATE_CLIENTID');
  }

  enter(clientId: string, connection: Connection): void {
    this.#clients.set(clientId, connection);
  }

  leave(clientId: string, connection: Connection): void {
    if (this.#clients.get(clientId) === connection) this.#clients.delete(clientId);
  }
}
