import type { MqttClient } from 'mqtt';
import { SendError } from './classify-error.ts';

export interface MqttSender {
  publish(topic: string, payload: string): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds. */
const CONNECT_TIMEOUT = 5_000;
const RECONNECT_PERIOD = 1_000;

/**
 * Publishes through one connection to a broker, made at the first message and again whenever it is lost. While
 * there is none a message is refused, not queued: the outbox holds it.
 */
export function createMqttSender(url: string): MqttSender {
  let connecting: Promise<MqttClient> | undefined;
  // The URL may carry a password; errors are logged and listed.
  const broker = new URL(url).host;
  return {
    async publish(topic, payload) {
      connecting ??= connect(url);
      const client = await connecting;
      if (!client.connected) throw new SendError('RETRYABLE', `The MQTT broker ${broker} is not connected`);
      await client.publishAsync(topic, payload, { qos: 0, retain: false });
    },
    async close() {
      await (await connecting)?.endAsync(true);
    },
  };
}

/** A client whose first attempt is over, whether it succeeded or not; it goes on trying by itself. */
async function connect(url: string): Promise<MqttClient> {
  const { default: mqtt } = await import('mqtt');
  const client = mqtt.connect(url, {
    connectTimeout: CONNECT_TIMEOUT,
    reconnectPeriod: RECONNECT_PERIOD,
    queueQoSZero: false,
  });
  await new Promise<void>((resolve) => {
    client.once('connect', () => resolve());
    client.once('close', () => resolve());
    // Each failure is followed by `close`; without a listener it would end the process.
    client.on('error', () => resolve());
  });
  return client;
}
