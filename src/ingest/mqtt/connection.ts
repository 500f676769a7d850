import type { Duplex } from 'node:stream';
import type { ConnectPacket } from 'aedes';
import type { Backlog } from './backlog.ts';
import { Inbound } from './inbound.ts';
import { PublishIntake } from './intake.ts';
import type { DisconnectReason, Presence } from './presence.ts';
import type { Principal } from './principal.ts';
import type { Qos } from './sessions.ts';
import { matches } from './topics.ts';

/** The transport of a client's connection. */
export interface Transport {
  readonly stream: Duplex;
  /** The peer's IP address. */
  readonly address: string;
  readonly isEncrypted: boolean;
  /** DER of the verified client certificate. */
  readonly certificate?: Buffer | undefined;
  /** Whether the client has closed the connection in due form, where the transport has one besides DISCONNECT. */
  readonly isClosedByClient?: () => boolean;
}

/** Topics for which a permission is cached. */
const REMEMBERED = 1000;

/** The broker's state of one connection. */
export class Connection {
  readonly transport: Transport;
  readonly intake: PublishIntake;
  readonly inbound: Inbound;
  readonly backlog: Backlog;
  /** The granted quality of service by filter. */
  readonly subscriptions = new Map<string, Qos>();
  /** Its CONNECT packet. */
  connect: ConnectPacket | undefined;
  /** Set once the client is admitted. */
  principal: Principal | undefined;
  presence: Presence | undefined;
  /** Milliseconds since the epoch, once it is admitted. */
  connectedAt = 0;
  hasSentDisconnect = false;
  #reason: DisconnectReason | undefined;
  /** Cached permissions by topic. */
  readonly #mayReceive = new Map<string, boolean>();
  readonly #mayPublish = new Map<string, boolean>();

  constructor(transport: Transport, backlog: Backlog, inFlight: number) {
    this.transport = transport;
    this.backlog = backlog;
    this.intake = new PublishIntake(transport.stream, inFlight);
    this.inbound = new Inbound(inFlight);
  }

  /** Why the connection has ended: the first reason recorded. */
  get reason(): DisconnectReason {
    const isIntended = this.hasSentDisconnect || this.transport.isClosedByClient?.() === true;
    return this.#reason ?? (isIntended ? 'CLIENT_INITIATED_DISCONNECT' : 'CONNECTION_LOST');
  }

  endsBecause(reason: DisconnectReason): void {
    this.#reason ??= reason;
  }

  mayReceive(topic: string, clientId: string): boolean {
    const known = this.#mayReceive.get(topic);
    if (known !== undefined) return known;
    return remember(this.#mayReceive, topic, this.principal?.mayReceive(topic, clientId) === true);
  }

  mayPublish(topic: string, clientId: string): boolean {
    const known = this.#mayPublish.get(topic);
    if (known !== undefined) return known;
    return remember(this.#mayPublish, topic, this.principal?.mayPublish(topic, clientId) === true);
  }

  /**
   * The highest quality of service of its subscriptions to the topic, up to `most`. Without one, the message was queued
   * before the client unsubscribed, and its delivery goes on as it began.
   */
  granted(topic: string, most: Qos): Qos {
    let found: Qos | undefined;
    for (const [filter, qos] of this.subscriptions)
      if (qos > (found ?? -1) && matches(filter, topic)) found = qos;
    return found === undefined || found > most ? most : found;
  }

  /** Clears cached permissions after they have changed. */
  forgetPermissions(): void {
    this.#mayReceive.clear();
    this.#mayPublish.clear();
  }
}

function remember(known: Map<string, boolean>, topic: string, answer: boolean): boolean {
  if (known.size >= REMEMBERED) known.clear();
  known.set(topic, answer);
  return answer;
}
