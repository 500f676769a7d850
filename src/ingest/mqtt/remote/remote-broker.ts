import { setTimeout as wait } from 'node:timers/promises';
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import type { Limits } from '../../../limits.ts';
import type { Log } from '../../../runtime/log.ts';
import type { Publication, Republication, Republisher } from '../../rules/publication.ts';
import type { Message } from '../message.ts';
import type { MqttMetrics } from '../metrics.ts';
import { acknowledgeLate } from './late-acknowledgement.ts';
import type { ProtocolVersion, RemoteAddress } from './options.ts';
import { publicationOf, publishProperties } from './properties.ts';
import { RemoteState, type SessionStore } from './remote-state.ts';

/** The part of the rule engine that a broker uses. */
export interface RuleFeed {
  deliver(publication: Publication): Promise<void>;
  filters(): readonly string[];
  onChange(listener: () => void): () => void;
}

export interface RemoteBrokerOptions {
  readonly address: RemoteAddress;
  readonly clientId: string | undefined;
  /** Name of the shared subscription, whose messages are divided among several processes. */
  readonly group: string | undefined;
  readonly store: SessionStore;
  readonly rules: RuleFeed;
  readonly limits: Limits;
  readonly log: Log;
  readonly metrics: MqttMetrics;
  /** Returns a number in [0, 1), used for the jitter of the backoff. */
  readonly random: () => number;
}

/** The state of the connection. */
export interface RemoteStatus {
  /** Host and port. */
  readonly broker: string;
  readonly isConnected: boolean;
  /** Why there is no connection. */
  readonly reason: string | undefined;
}

/** Milliseconds. */
const CONNECT_TIMEOUT = 10_000;
const SHORTEST_WAIT = 500;
const LONGEST_WAIT = 30_000;
const CLOSE_TIMEOUT = 2000;
/** Seconds. */
const KEEPALIVE = 30;
const SESSION_EXPIRY = 7 * 24 * 60 * 60;
/**
 * After so many failed attempts a subscription counts as refused: some brokers close the connection instead of
 * answering.
 */
const MOST_ATTEMPTS = 3;
/** CONNACK reason codes for an unsupported protocol version, in MQTT 3.1.1 and 5. */
const UNKNOWN_VERSION = [1, 132];

/**
 * A connection to an external broker (docs/devices.md: Using your own broker): a persistent session with one
 * subscription of quality of service 1 for each filter that the rules require, and an acknowledgement for each message
 * when its outcome is durable. Retained messages that the broker replays are ignored: a rule sees a publish once.
 */
export class RemoteBroker implements Republisher {
  readonly comesBack = true;
  readonly #options: RemoteBrokerOptions;
  readonly #state: RemoteState;
  readonly #host: string;
  readonly #stop = new AbortController();
  #client: MqttClient | undefined;
  #version: ProtocolVersion = 5;
  #isConnected = false;
  #reason: string | undefined = 'it has not been connected to yet';
  #running: Promise<void> | undefined;
  #stopListening: (() => void) | undefined;
  /** Ongoing changes of subscriptions, one after the other. */
  #subscribing: Promise<void> = Promise.resolve();
  /** Whether the broker started a new session for us, which has no subscriptions. */
  #isNewSession = false;
  /** Failed attempts by subscription. */
  readonly #attempts = new Map<string, number>();

  static async open(options: RemoteBrokerOptions): Promise<RemoteBroker> {
    return new RemoteBroker(options, await RemoteState.open(options.store, options.clientId));
  }

  private constructor(options: RemoteBrokerOptions, state: RemoteState) {
    this.#options = options;
    this.#state = state;
    // The URL may contain a password, and this is logged and shown.
    this.#host = new URL(options.address.url).host;
    options.metrics.observeRemote(() => this.status);
  }

  get status(): RemoteStatus {
    return { broker: this.#host, isConnected: this.#isConnected, reason: this.#reason };
  }

  get hasProperties(): boolean {
    return this.#version === 5;
  }

  /** Connects, and reconnects whenever the connection is lost. */
  start(): void {
    this.#stopListening = this.#options.rules.onChange(() => {
      this.#attempts.clear();
      this.#subscribeAgain();
    });
    this.#running = this.#run();
  }

  /**
   * Resolves when the broker has acknowledged the message. Rejects without a connection, or when it is lost before
   * that.
   */
  async publish(message: Message | Republication): Promise<void> {
    const client = this.#client;
    if (client === undefined || !this.#isConnected)
      throw new Error(`The MQTT broker ${this.#host} is not connected: ${this.#reason}`);
    const { topic, payload, qos } = message;
    const retain = 'retain' in message && message.retain;
    const isFive = this.hasProperties && 'hops' in message;
    await client.publishAsync(topic, payload, {
      qos,
      retain,
      ...(isFive && { properties: publishProperties(message) }),
    });
  }

  /** Closes the connection; the session remains at the broker. */
  async close(): Promise<void> {
    this.#stopListening?.();
    this.#stop.abort();
    const client = this.#client;
    if (client !== undefined) {
      const overdue = setTimeout(() => client.stream.destroy(), CLOSE_TIMEOUT);
      await client.endAsync(!this.#isConnected);
      clearTimeout(overdue);
    }
    await this.#running;
    await this.#subscribing;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    let failures = 0;
    while (!signal.aborted) {
      const wasConnected = await this.#connection();
      failures = wasConnected ? 0 : failures + 1;
      const longest = Math.min(LONGEST_WAIT, SHORTEST_WAIT * 2 ** failures);
      const pause = longest * (0.5 + this.#options.random() / 2);
      await wait(pause, undefined, { signal }).catch(() => {});
    }
  }

  /** Runs one connection until it ends. Resolves with whether the broker had accepted it. */
  async #connection(): Promise<boolean> {
    const { log } = this.#options;
    const client = mqtt.connect(this.#options.address.url, this.#connectOptions());
    this.#client = client;
    let wasConnected = false;
    let reason = 'the connection was closed';
    const accept = async (packet: IPublishPacket) => {
      try {
        await this.#take(packet);
      } catch (error) {
        reason = `a message could not be accepted: ${error instanceof Error ? error.message : error}`;
        throw error;
      }
    };
    acknowledgeLate(client, accept, this.#options.limits.mqttInFlight);
    client.on('connect', ({ sessionPresent }) => {
      wasConnected = true;
      this.#isConnected = true;
      this.#reason = undefined;
      const version = this.#version === 5 ? '5' : '3.1.1';
      log.info({ broker: this.#host, version, sessionPresent }, 'the MQTT broker is connected');
      this.#isNewSession ||= !sessionPresent;
      this.#subscribeAgain();
    });
    client.on('error', (error: Error & { readonly code?: unknown }) => {
      reason = error.message || String(error.code);
      if (this.#version === 5 && !wasConnected && UNKNOWN_VERSION.includes(Number(error.code))) {
        log.warn({ broker: this.#host }, 'the MQTT broker does not speak MQTT 5; MQTT 3.1.1 is used');
        this.#version = 4;
      }
    });
    await new Promise<void>((resolve) => client.once('close', resolve));
    if (this.#isConnected || this.#reason !== reason) {
      const fields = { broker: this.#host, reason };
      if (this.#stop.signal.aborted) log.info(fields, 'the connection to the MQTT broker is closed');
      else log.warn(fields, 'the MQTT broker is not connected; it will be tried again');
    }
    this.#isConnected = false;
    this.#reason = reason;
    // Rejects publishes that still wait for the broker's acknowledgement.
    client.end(true);
    return wasConnected;
  }

  #connectOptions(): IClientOptions {
    const { address, limits } = this.#options;
    const { ca, cert, key } = address;
    const isFive = this.#version === 5;
    return {
      clientId: this.#state.clientId,
      clean: false,
      protocolVersion: this.#version,
      connectTimeout: CONNECT_TIMEOUT,
      keepalive: KEEPALIVE,
      // The library must not reconnect; that is done here, with backoff.
      reconnectPeriod: 0,
      resubscribe: false,
      ...(isFive && {
        properties: { sessionExpiryInterval: SESSION_EXPIRY, receiveMaximum: limits.mqttInFlight },
      }),
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
    };
  }

  async #take(packet: IPublishPacket): Promise<void> {
    const { metrics, rules } = this.#options;
    metrics.received(packet.qos);
    // Set only on replayed messages: the subscriptions do not ask to keep the flag of live ones.
    if (packet.retain) metrics.ignoredRetained();
    else if (!packet.topic.startsWith('$SYS/'))
      await rules.deliver(publicationOf(packet, this.hasProperties));
  }

  #subscribeAgain(): void {
    this.#subscribing = this.#subscribing.then(async () => {
      try {
        await this.#subscribe();
      } catch (error) {
        this.#options.log.warn(
          { err: error, broker: this.#host },
          'subscribing was cut short; it is tried again',
        );
        // If the connection is gone, the next one subscribes; otherwise storing the state has failed.
        const { signal } = this.#stop;
        await wait(SHORTEST_WAIT, undefined, { signal }).catch(() => {});
        if (this.#isConnected && !signal.aborted) this.#subscribeAgain();
      }
    });
  }

  /** Updates the session's subscriptions to what the rules require. */
  async #subscribe(): Promise<void> {
    const client = this.#client;
    if (client === undefined || !this.#isConnected) return;
    if (this.#isNewSession) await this.#state.write([]);
    this.#isNewSession = false;
    const wanted = this.#options.rules.filters().map((filter) => this.#shared(filter));
    const known = this.#state.filters;
    const superfluous = known.filter((filter) => !wanted.includes(filter));
    // Reserved topics last, since a broker may close the connection over one.
    const missing = wanted
      .filter((filter) => !known.includes(filter) && (this.#attempts.get(filter) ?? 0) < MOST_ATTEMPTS)
      .sort((a, b) => Number(a.includes('$aws/')) - Number(b.includes('$aws/')));
    const present = new Set(known);
    for (const filter of missing) {
      // MQTT.js never answers requests to a client that has ended.
      if (this.#stop.signal.aborted || !client.connected) return;
      if (!(await this.#subscribeTo(client, filter))) continue;
      present.add(filter);
      await this.#state.write([...present]);
    }
    if (superfluous.length === 0) return;
    // Afterwards, so that messages arriving in between still have a subscription.
    await client.unsubscribeAsync([...superfluous]);
    await this.#state.write([...present].filter((filter) => wanted.includes(filter)));
  }

  /** Resolves with false when the broker refuses the filter. Rejects when the connection is lost. */
  async #subscribeTo(client: MqttClient, filter: string): Promise<boolean> {
    // MQTT 5 omits retained messages with this option; in MQTT 3.1.1 they are recognized by their flag.
    const options = this.#version === 5 ? { qos: 1 as const, rh: 2 } : { qos: 1 as const };
    const attempts = (this.#attempts.get(filter) ?? 0) + 1;
    this.#attempts.set(filter, attempts);
    try {
      await client.subscribeAsync(filter, options);
      this.#attempts.delete(filter);
      return true;
    } catch (error) {
      if (!client.connected && attempts < MOST_ATTEMPTS) throw error;
      this.#attempts.set(filter, MOST_ATTEMPTS);
      this.#options.log.error(
        { err: error, broker: this.#host, filter },
        'the MQTT broker refuses a subscription',
      );
      return false;
    }
  }

  #shared(filter: string): string {
    const { group } = this.#options;
    return group === undefined ? filter : `$share/${group}/${filter}`;
  }
}
