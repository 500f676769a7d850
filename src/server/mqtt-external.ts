import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { RemoteAddress } from '../ingest/mqtt/remote/options.ts';
import { RemoteBroker } from '../ingest/mqtt/remote/remote-broker.ts';
import type { SessionStore } from '../ingest/mqtt/remote/remote-state.ts';
import type { ServeConfig } from './config.ts';
import type { Mqtt, MqttOptions } from './mqtt.ts';
import { CommandError } from './usage-error.ts';

type ExternalOptions = Pick<MqttOptions, 'config' | 'metrics' | 'rules' | 'log'> & {
  readonly store: SessionStore;
};

/** A connection to the broker at `--mqtt-url`. Rejects with CommandError when its certificates cannot be used. */
export async function openExternalBroker(
  url: string,
  { config, store, metrics, rules, log }: ExternalOptions,
): Promise<Mqtt> {
  const { limits, mqttClientId: clientId, mqttGroup: group } = config;
  const remote = await RemoteBroker.open({
    address: { url, ...readMqttTls(config) },
    ...{ clientId, group, store, rules, limits, log, metrics },
    random: Math.random,
  });
  return {
    comesBack: true,
    publish: (message) => remote.publish(message),
    publishAs: (_via, message) => remote.publish(message),
    clients: undefined,
    connect: undefined,
    get status() {
      const { broker, isConnected, reason } = remote.status;
      return `MQTT broker ${broker}: ${isConnected ? 'connected' : `not connected (${reason})`}`;
    },
    async start() {
      remote.start();
    },
    revalidate: () => {},
    renewTls: () => {},
    close: () => remote.close(),
  };
}

/** Reads `--mqtt-ca`, `--mqtt-cert` and `--mqtt-key`. Throws CommandError when they cannot be used. */
export function readMqttTls({ mqttCa, mqttCert, mqttKey }: ServeConfig): Omit<RemoteAddress, 'url'> {
  try {
    const read = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path));
    const files = { ca: read(mqttCa), cert: read(mqttCert), key: read(mqttKey) };
    createSecureContext(files);
    return files;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(`--mqtt-ca, --mqtt-cert and --mqtt-key cannot be used: ${why}`, { cause: error });
  }
}
