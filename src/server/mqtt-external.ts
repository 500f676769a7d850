import { createSecureContext } from 'node:tls';
import type { RemoteAddress } from '../ingest/mqtt/remote/options.ts';
import { RemoteBroker } from '../ingest/mqtt/remote/remote-broker.ts';
import type { SessionStore } from '../ingest/mqtt/remote/remote-state.ts';
import type { ServeConfig } from './config.ts';
import type { Mqtt, MqttOptions } from './mqtt.ts';
import { readSettingFile } from './setting-file.ts';
import { UsageError } from './usage-error.ts';

type ExternalOptions = Pick<MqttOptions, 'config' | 'metrics' | 'rules' | 'log'> & {
  readonly store: SessionStore;
};

/** A connection to the broker at `--mqtt-url`. Rejects with UsageError when its certificates cannot be used. */
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
    get hasProperties() {
      return remote.hasProperties;
    },
    publish: (message) => remote.publish(message),
    publishAs: (_origin, message) => remote.publish(message),
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

/** Reads `--mqtt-ca`, `--mqtt-cert` and `--mqtt-key`. Throws UsageError when they cannot be used. */
export function readMqttTls({ mqttCa, mqttCert, mqttKey }: ServeConfig): Omit<RemoteAddress, 'url'> {
  const read = (flag: string, path: string | undefined) =>
    path === undefined ? undefined : readSettingFile(flag, path);
  const files = {
    ca: read('--mqtt-ca', mqttCa),
    cert: read('--mqtt-cert', mqttCert),
    key: read('--mqtt-key', mqttKey),
  };
  try {
    createSecureContext(files);
    return files;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--mqtt-ca, --mqtt-cert and --mqtt-key cannot be used: ${why}`, { cause: error });
  }
}
