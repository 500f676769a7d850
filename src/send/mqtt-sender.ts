import type Mqtt from 'mqtt';
import type { MqttClient } from 'mqtt';
import { SendError } from './classify-error.ts';
import type { Sender } from './sender.ts';

/** Milliseconds. */
const CONNECT_TIMEOUT = 5_000;
const RECONNECT_PERIOD = 1_000;
const CLOSE_TIMEOUT = 2_000;
/** Seconds; the connection is closed when the broker is silent for one and a half times as long. */
const KEEPALIVE = 30;

/** Contents of PEM files: the broker's certificate authority, and the client certificate and key. */
export interface BrokerTls {
  readonly ca?: Buffer | undefined;
  readonly cert?: Buffer | undefined;
  readonly key?: Buffer | undefined;
}

/**
 * Publishes through one connection to a broker, which is reopened whenever it is lost. Resolves when the first attempt
 * is over, whether or not it succeeded. Without a connection a message is refused, not queued: the outbox keeps it.
 */
export async function mqttSender(): Promise<(url: string, tls?: BrokerTls) => Promise<Sender>> {
  const { default: mqtt } = await import('mqtt');
  return (url, tls = {}) => connect(mqtt, url, tls);
}

async function connect(mqtt: typeof Mqtt, url: string, { ca, cert, key }: BrokerTls): Promise<Sender> {
  const client = mqtt.connect(url, {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    connectTimeout: CONNECT_TIMEOUT,
    reconnectPeriod: RECONNECT_PERIOD,
    keepalive: KEEPALIVE,
    queueQoSZero: false,
  });
  // Each message in progress listens for the loss of the connection.
  client.setMaxListeners(0);
  // The URL may contain a password, and errors are logged and listed.
  const broker = new URL(url).host;
  let reason = '';
  client.on('connect', () => {
    reason = '';
  });
  // Without a listener an error would end the process.
  client.on('error', (error) => {
    reason = `: ${error.message || ('code' in error ? error.code : error.name)}`;
  });
  await firstAttempt(client);
  return {
    async send({ input }) {
      if (!client.connected)
        throw new SendError('RETRYABLE', `The MQTT broker ${broker} is not connected${reason}`);
      try {
        await publish(client, input.topic as string, input.payload as string);
      } catch (cause) {
        throw new SendError('RETRYABLE', `The MQTT broker ${broker} did not accept the message`, { cause });
      }
    },
    close: () => disconnect(client),
  };
}

async function firstAttempt(client: MqttClient): Promise<void> {
  await new Promise<void>((resolve) => {
    client.once('connect', () => resolve());
    client.once('error', () => resolve());
    client.once('close', () => resolve());
  });
}

/**
 * Resolves when the broker has acknowledged the message (quality of service 1). Rejects when the connection is lost
 * before that, and removes the message from the library's store, so that only the outbox sends it again.
 */
async function publish(client: MqttClient, topic: string, payload: string): Promise<void> {
  let isPending = true;
  const published = client.publishAsync(topic, payload, { qos: 1, retain: false });
  const id = client.getLastMessageId();
  const closed = () => {
    if (isPending) client.removeOutgoingMessage(id);
  };
  client.once('close', closed);
  try {
    await published;
  } finally {
    isPending = false;
    client.off('close', closed);
  }
}

/** Lets written packets leave first, up to a timeout. */
async function disconnect(client: MqttClient): Promise<void> {
  if (!client.connected) return client.endAsync(true);
  const overdue = setTimeout(() => client.stream.destroy(), CLOSE_TIMEOUT);
  try {
    await client.endAsync();
  } finally {
    clearTimeout(overdue);
  }
}
