import type { TlsFiles } from '../api/http-server.ts';
import type { Broker } from '../ingest/mqtt/broker.ts';
import type { Transport } from '../ingest/mqtt/connection.ts';
import type { Message } from '../ingest/mqtt/message.ts';
import type { MqttMetrics } from '../ingest/mqtt/metrics.ts';
import type { Authenticate } from '../ingest/mqtt/principal.ts';
import type { Publication, Republisher } from '../ingest/rules/publication.ts';
import type { RuleEngine } from '../ingest/rules/rule-engine.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Store } from '../store/store.ts';
import type { ServeConfig } from './config.ts';
import { openEmbeddedBroker } from './mqtt-embedded.ts';
import { openExternalBroker } from './mqtt-external.ts';

/** What MQTT needs beside the store, and what outlives it. */
export interface MqttSurroundings {
  readonly metrics: MqttMetrics;
  readonly authenticate: Authenticate;
  readonly rules: RuleEngine;
  /** The certificate in force. */
  readonly tls: () => TlsFiles | undefined;
}

/** MQTT as the rest of the server sees it: through the embedded broker, or through an external one. */
export interface Mqtt extends Republisher {
  /**
   * Publishes a message as a client would: subscribers and rules get it. Resolves when its outcome is durable; with an
   * external broker when that has it.
   */
  publishAs(via: Publication['via'], message: Message): Promise<void>;
  /** What `/readyz` says of it. */
  readonly status: string;
  /** Who is connected to it and who has gone lately; absent with an external broker, which does not tell. */
  readonly clients: (() => Pick<Broker, 'clients' | 'departures' | 'figures'>) | undefined;
  /** Takes a connection that has come in otherwise than by a port of MQTT; absent with an external broker. */
  readonly connect: ((transport: Transport) => void) | undefined;
  /** Listens or connects, when everything that messages go to is there. Rejects with CommandError. */
  start(): Promise<void>;
  /** Credentials have changed. */
  revalidate(): void;
  /** The certificate has changed. */
  renewTls(): void;
  close(): Promise<void>;
}

export interface MqttOptions extends MqttSurroundings {
  readonly config: ServeConfig;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/** Whether these settings have an embedded broker. */
export function hasEmbeddedBroker({ mqttUrl, mqttPort, mqttTlsPort }: ServeConfig): boolean {
  return mqttUrl === undefined && (mqttPort !== 0 || (mqttTlsPort ?? 0) !== 0);
}

/** Opens what the settings ask for; undefined without any broker. Nothing comes in before `start`. */
export async function openMqtt(options: MqttOptions): Promise<Mqtt | undefined> {
  const { mqttUrl } = options.config;
  if (mqttUrl !== undefined) return openExternalBroker(mqttUrl, options);
  return hasEmbeddedBroker(options.config) ? openEmbeddedBroker(options) : undefined;
}
