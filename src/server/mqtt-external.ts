import { RemoteBroker } from '../ingest/mqtt/remote/remote-broker.ts';
import type { SessionStore } from '../ingest/mqtt/remote/remote-state.ts';
import type { Mqtt, MqttOptions } from './mqtt.ts';
import { readMqttTls } from './mqtt-certificates.ts';

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
