import { readFileSync } from 'node:fs';
import type { TlsOptions } from 'node:tls';
import type { TlsFiles } from '../api/http-server.ts';
import { Broker } from '../ingest/mqtt/broker.ts';
import { type Listener, type ListenerOptions, openListener } from '../ingest/mqtt/listener.ts';
import type { Log } from '../runtime/log.ts';
import { isLoopback, type ServeConfig } from './config.ts';
import { explainPort } from './explain-port.ts';
import type { Mqtt, MqttOptions } from './mqtt.ts';
import { CommandError } from './usage-error.ts';

const DEFAULT_TLS_PORT = 8883;

/** The embedded broker with its ports. Rejects with CommandError. */
export async function openEmbeddedBroker(options: MqttOptions): Promise<Mqtt> {
  const { config, store, metrics, authenticate, rules, tls, clock, log } = options;
  const { limits, mqttPort, mqttTlsPort = DEFAULT_TLS_PORT } = config;
  const broker = await Broker.open({
    ...{ store, limits, log, metrics, authenticate },
    deliver: (publication) => rules.deliver(publication),
    now: () => clock.now(),
    wall: () => clock.wall(),
  });
  const opened: Listener[] = [];
  const listen = async (at: Pick<ListenerOptions, 'host' | 'port' | 'tls'>, flag: string) => {
    const bounds = { connections: limits.mqttConnections, handshakeTimeout: limits.mqttConnectTimeout };
    try {
      const listener = await openListener({ ...at, ...bounds }, (transport) => broker.connect(transport));
      opened.push(listener);
      log.info({ host: at.host, port: listener.port, tls: at.tls !== undefined }, 'MQTT is ready');
    } catch (error) {
      throw new CommandError(explainPort(error, at.host, at.port, flag), { cause: error });
    }
  };
  return {
    comesBack: false,
    hasProperties: false,
    publish: ({ topic, payload, qos }) => broker.forward({ topic, payload, qos, retain: false }),
    publishAs: (origin, message) => broker.publish(message, origin),
    clients: () => broker,
    connect: (transport) => broker.connect(transport),
    get status() {
      return `embedded MQTT broker: ${broker.figures.connections} clients`;
    },
    async start() {
      broker.start();
      if (mqttPort !== 0) await listen({ host: plainHost(config, log), port: mqttPort }, '--mqtt-port');
      const files = tls();
      if (files === undefined || mqttTlsPort === 0) return;
      const secure = { host: config.host, port: mqttTlsPort, tls: tlsOptions(config, files) };
      await listen(secure, '--mqtt-tls-port');
    },
    revalidate: () => broker.revalidate(),
    renewTls() {
      const files = tls();
      if (files !== undefined) for (const each of opened) each.renewTls(tlsOptions(config, files));
    },
    async close() {
      await broker.close();
      for (const each of opened.splice(0)) await each.close();
    },
  };
}

/**
 * Without TLS, MQTT listens on 127.0.0.1 only, since passwords would be readable on the network, unless `--insecure` is
 * set.
 */
function plainHost({ host, insecure }: ServeConfig, log: Log): string {
  if (insecure || isLoopback(host)) return host;
  log.warn(
    { host },
    'MQTT without TLS listens on 127.0.0.1 only; for devices on other machines use TLS (--tls-cert, --tls-key), or --insecure',
  );
  return '127.0.0.1';
}

function tlsOptions({ mqttClientCa }: ServeConfig, files: TlsFiles): TlsOptions {
  const options: TlsOptions = { ...files, minVersion: 'TLSv1.2' };
  if (mqttClientCa === undefined) return options;
  // A client without a certificate may still use a password; one with an unverified certificate is treated the same
  // way.
  return { ...options, ca: readFileSync(mqttClientCa), requestCert: true, rejectUnauthorized: false };
}
