import {
  type ClientSettings,
  dynamoDBSender,
  firehoseSender,
  iotDataSender,
  iotSiteWiseSender,
  lambdaSender,
  snsSender,
  sqsSender,
} from './aws-senders.ts';
import { type InputMessage, inputSender } from './input-sender.ts';
import { mqttSender } from './mqtt-sender.ts';
import type { ServiceName, ServiceRequest } from './request.ts';
import type { Sender } from './sender.ts';

/** Milliseconds. */
const CONNECTION_TIMEOUT = 5_000;
const REQUEST_TIMEOUT = 30_000;

export interface SendersOptions {
  readonly region: string;
  /** The broker that iotTopicPublish goes to; without one it goes to the AWS IoT data plane. */
  readonly mqttUrl?: string | undefined;
  /** Takes the message of an iotEvents action; rejects when it is refused. */
  readonly putMessage: (message: InputMessage) => Promise<void>;
  /** Milliseconds that a service of AWS may take for its answer. */
  readonly requestTimeout?: number;
}

export interface Senders {
  /** Resolves when the target has taken the request; see `classifyError` for what it rejects with. */
  send(request: ServiceRequest): Promise<void>;
  /** Closes all connections; nothing may be sent afterwards. */
  close(): Promise<void>;
}

/** Sends requests; each client is loaded and made when its service is first needed, and kept. */
export function createSenders({
  region,
  mqttUrl,
  putMessage,
  requestTimeout = REQUEST_TIMEOUT,
}: SendersOptions): Senders {
  const settings: ClientSettings = {
    region,
    // Trying again is the outbox's, which knows the order and survives a restart.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: CONNECTION_TIMEOUT, requestTimeout, throwOnRequestTimeout: true },
  };
  const makers: Readonly<Record<ServiceName, () => Promise<Sender>>> = {
    dynamodb: () => dynamoDBSender(settings),
    firehose: () => firehoseSender(settings),
    'iot-data': () => (mqttUrl === undefined ? iotDataSender(settings) : mqttSender(mqttUrl)),
    'iotevents-data': async () => inputSender(putMessage),
    iotsitewise: () => iotSiteWiseSender(settings),
    lambda: () => lambdaSender(settings),
    sns: () => snsSender(settings),
    sqs: () => sqsSender(settings),
  };
  const made = new Map<ServiceName, Promise<Sender>>();
  const senderOf = (service: ServiceName): Promise<Sender> => {
    const existing = made.get(service);
    if (existing !== undefined) return existing;
    const making = makers[service]();
    made.set(service, making);
    // One that could not be made is no sender: the next request tries again.
    making.catch(() => made.delete(service));
    return making;
  };
  return {
    async send(request) {
      const sender = await senderOf(request.service);
      await sender.send(request);
    },
    async close() {
      const senders = await Promise.allSettled(made.values());
      await Promise.all(
        senders.map((each) => (each.status === 'fulfilled' ? each.value.close() : undefined)),
      );
    },
  };
}
