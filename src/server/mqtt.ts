import { readFileSync } from 'node:fs';
import { createSecureContext, type TlsOptions } from 'node:tls';
import type { TlsFiles } from '../api/http-server.ts';
import { Broker } from '../ingest/mqtt/broker.ts';
import { type Listener, type ListenerOptions, openListener } from '../ingest/mqtt/listener.ts';
import type { MqttMetrics } from '../ingest/mqtt/metrics.ts';
import type { Authenticate } from '../ingest/mqtt/principal.ts';
import type { RuleEngine } from '../ingest/rules/rule-engine.ts';
import type { Log } from '../runtime/log.ts';
import type { Store } from '../store/store.ts';
import type { ServeConfig } from './config.ts';
import { isLoopback } from './config.ts';
import { explainPort } from './explain-port.ts';
import { CommandError } from './usage-error.ts';

/** What the embedded broker needs beside the store; it outlives the broker. */
export interface MqttSurroundings {
  readonly metrics: MqttMetrics;
  readonly authenticate: Authenticate;
  readonly rules: RuleEngine;
  /** The certificate in force. */
  readonly tls: () => TlsFiles | undefined;
}

/** The embedded broker with its ports. */
export interface EmbeddedBroker {
  readonly broker: Broker;
  /** Publishes what a crash left over, and listens. Rejects with CommandError when a port cannot be had. */
  start(): Promise<void>;
  renewTls(): void;
  close(): Promise<void>;
}

/** Whether these settings have an embedded broker. */
export function hasEmbeddedBroker({ mqttUrl, mqttPort, mqttTlsPort }: ServeConfig): boolean {
  return mqttUrl === undefined && (mqttPort !== 0 || mqttTlsPort !== 0);
}

/** Opens the broker over the store; nobody can connect before `start`. */
export async function openEmbeddedBroker(
  config: ServeConfig,
  store: Store,
  { metrics, authenticate, rules, tls }: MqttSurroundings,
  log: Log,
): Promise<EmbeddedBroker> {
  const { limits, mqttPort, mqttTlsPort } = config;
  const broker = await Broker.open({
    ...{ store, limits, log, metrics, authenticate },
    deliver: (publication) => rules.deliver(publication),
    now: Date.now,
  });
  const opened: Listener[] = [];
  const listen = async (options: Pick<ListenerOptions, 'host' | 'port' | 'tls'>, flag: string) => {
    const { mqttConnections: connections, mqttConnectTimeout: handshakeTimeout } = limits;
    try {
      const listener = await openListener({ ...options, connections, handshakeTimeout }, (transport) =>
        broker.connect(transport),
      );
      opened.push(listener);
      log.info({ host: options.host, port: listener.port, tls: options.tls !== undefined }, 'MQTT is spoken');
    } catch (error) {
      throw new CommandError(explainPort(error, options.host, options.port, flag), { cause: error });
    }
  };
  return {
    broker,
    async start() {
      broker.start();
      if (mqttPort !== 0) await listen({ host: plainHost(config, log), port: mqttPort }, '--mqtt-port');
      const files = tls();
      const securePort = mqttTlsPort ?? DEFAULT_TLS_PORT;
      if (files !== undefined && securePort !== 0)
        await listen(
          { host: config.host, port: securePort, tls: tlsOptions(config, files) },
          '--mqtt-tls-port',
        );
    },
    renewTls() {
      const files = tls();
      if (files !== undefined) for (const each of opened) each.renewTls(tlsOptions(config, files));
    },
    async close() {
      await broker.close();
      for (const each of opened) await each.close();
    },
  };
}

const DEFAULT_TLS_PORT = 8883;

/** Passwords do not leave the machine in clear text, unless that is meant. */
function plainHost({ host, insecure }: ServeConfig, log: Log): string {
  if (insecure || isLoopback(host)) return host;
  log.warn(
    { host },
    'MQTT without TLS is spoken on 127.0.0.1 alone; devices elsewhere use the TLS port (--tls-cert, --tls-key), or --insecure',
  );
  return '127.0.0.1';
}

function tlsOptions({ mqttClientCa }: ServeConfig, files: TlsFiles): TlsOptions {
  const options: TlsOptions = { ...files, minVersion: 'TLSv1.2' };
  if (mqttClientCa === undefined) return options;
  // A client without a certificate may still have a password; one whose certificate is not verified has none.
  return { ...options, ca: readFileSync(mqttClientCa), requestCert: true, rejectUnauthorized: false };
}

/** Throws CommandError when `--mqtt-client-ca` cannot be used. */
export function checkClientCa({ mqttClientCa }: ServeConfig): void {
  if (mqttClientCa === undefined) return;
  try {
    createSecureContext({ ca: readFileSync(mqttClientCa) });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(`--mqtt-client-ca ${mqttClientCa} cannot be used: ${why}`, { cause: error });
  }
}
