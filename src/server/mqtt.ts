import type { Publish } from '../api/extras/topics.ts';
import type { TlsFiles } from '../api/http-server.ts';
import type { Broker } from '../ingest/mqtt/broker.ts';
import type { Transport } from '../ingest/mqtt/connection.ts';
import type { Message } from '../ingest/mqtt/message.ts';
import type { MqttMetrics } from '../ingest/mqtt/metrics.ts';
import type { Authenticate } from '../ingest/mqtt/principal.ts';
import type { Origin, Republisher } from '../ingest/rules/publication.ts';
import type { RuleEngine } from '../ingest/rules/rule-engine.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Store } from '../store/store.ts';
import type { ServeConfig } from './config.ts';

/** What MQTT needs beside the store; lives longer than one runtime. */
export interface MqttSurroundings {
  readonly metrics: MqttMetrics;
  readonly authenticate: Authenticate;
  readonly rules: RuleEngine;
  /** The current certificate. */
  readonly tls: () => TlsFiles | undefined;
}

/** MQTT as the rest of the server sees it, through the embedded or an external broker. */
export interface Mqtt extends Republisher {
  /**
   * Publishes a message as a client would: subscribers and rules receive it. Resolves when its outcome is durable; with
   * an external broker, when that has acknowledged the message.
   */
  publishAs(origin: Origin, message: Message): Promise<void>;
  /** The line in `/readyz`. */
  readonly status: string;
  /** Connected and recently disconnected clients; absent with an external broker, which does not report them. */
  readonly clients: (() => Pick<Broker, 'clients' | 'departures' | 'figures'>) | undefined;
  /** Takes a connection that did not arrive at an MQTT port; absent with an external broker. */
  readonly connect: ((transport: Transport) => void) | undefined;
  /** Listens or connects; call it once everything that receives messages is ready. Rejects with CommandError. */
  start(): Promise<void>;
  /** Called when credentials have changed. */
  revalidate(): void;
  /** Called when the certificate has changed. */
  renewTls(): void;
  close(): Promise<void>;
}

export interface MqttOptions extends MqttSurroundings {
  readonly config: ServeConfig;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/** Whether the settings include an embedded broker. */
export function hasEmbeddedBroker({ mqttUrl, mqttPort, mqttTlsPort }: ServeConfig): boolean {
  return mqttUrl === undefined && (mqttPort !== 0 || (mqttTlsPort ?? 0) !== 0);
}

/**
 * Loads the code of the configured broker, which is a good part of all; resolves with what opens it, or with undefined when
 * there is no broker. No message arrives before `start`.
 */
export async function loadMqtt(
  config: ServeConfig,
): Promise<((options: MqttOptions) => Promise<Mqtt>) | undefined> {
  const { mqttUrl } = config;
  if (mqttUrl !== undefined) {
    const { openExternalBroker } = await import('./mqtt-external.ts');
    return (options) => openExternalBroker(mqttUrl, options);
  }
  return hasEmbeddedBroker(config) ? (await import('./mqtt-embedded.ts')).openEmbeddedBroker : undefined;
}

/** Publishes what arrives over HTTP: through the broker, or without one to the rules alone. */
export function publishHttp(mqtt: Mqtt | undefined, rules: RuleEngine): Publish {
  return ({ traceId, ...message }) => {
    const origin: Origin = { via: 'http', traceId };
    const { topic, payload } = message;
    return mqtt === undefined
      ? rules.deliver({ topic, payload, ...origin })
      : mqtt.publishAs(origin, message);
  };
}
