import type { ServiceName, ServiceRequest } from '../core/action/request.ts';
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
import { SendError } from './classify-error.ts';
import { mqttSender } from './mqtt-sender.ts';
import { roleCredentials } from './role-credentials.ts';
import type { Sender } from './sender.ts';
import { smtpSender } from './smtp-sender.ts';

/** Milliseconds. */
const CONNECTION_TIMEOUT = 5_000;
const REQUEST_TIMEOUT = 30_000;

export interface SendersOptions {
  readonly region: string;
  /** The broker that iotTopicPublish goes to; without one it goes to the AWS IoT data plane. */
  readonly mqttUrl?: string | undefined;
  /** The server that mail goes to. */
  readonly smtpUrl?: string | undefined;
  /** Whether requests are sent under the role that comes with them, instead of the process's own credentials. */
  readonly assumeRole?: boolean;
  /** Milliseconds that a service of AWS may take for its answer. */
  readonly requestTimeout?: number;
}

export interface Senders {
  /**
   * Resolves when the target has taken the request; see `classifyError` for what it rejects with. `roleArn` is who
   * acts if roles are assumed; without it the process itself does.
   */
  send(request: ServiceRequest, roleArn?: string): Promise<void>;
  /** Closes all connections; nothing may be sent afterwards. */
  close(): Promise<void>;
}

/** Where the senders go that are no clients of AWS. */
type Urls = Pick<SendersOptions, 'mqttUrl' | 'smtpUrl'>;

type Make = (settings: ClientSettings, urls: Urls) => Promise<Sender>;

const MAKERS: Readonly<Record<ServiceName, Make>> = {
  dynamodb: dynamoDBSender,
  firehose: firehoseSender,
  'iot-data': (settings, { mqttUrl }) =>
    mqttUrl === undefined ? iotDataSender(settings) : mqttSender(mqttUrl),
  'iotevents-data': async () => {
    throw new SendError('TERMINAL', 'Messages of iotEvents actions stay within the server');
  },
  iotsitewise: iotSiteWiseSender,
  lambda: lambdaSender,
  smtp: async (_settings, { smtpUrl }) => {
    if (smtpUrl === undefined)
      throw new SendError('RETRYABLE', 'Mail waits for --smtp-url: without it the server sends none');
    return smtpSender(smtpUrl);
  },
  sns: snsSender,
  sqs: sqsSender,
};

/** Sends requests; each client is loaded and made when its service is first needed, and kept. */
export function createSenders({
  region,
  mqttUrl,
  smtpUrl,
  assumeRole = false,
  requestTimeout = REQUEST_TIMEOUT,
}: SendersOptions): Senders {
  const settings: ClientSettings = {
    region,
    // Trying again is the outbox's, which knows the order and survives a restart.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT,
      requestTimeout,
      throwOnRequestTimeout: true,
      // A socket for each delivery: how many there are is the outbox's to say.
      httpAgent: { maxSockets: Number.POSITIVE_INFINITY },
      httpsAgent: { maxSockets: Number.POSITIVE_INFINITY },
    },
  };
  const made = new Map<string, Promise<Sender>>();
  const senderOf = (service: ServiceName, role: string | undefined): Promise<Sender> => {
    const knowsNoRoles = service === 'smtp' || (service === 'iot-data' && mqttUrl !== undefined);
    const key = role === undefined || knowsNoRoles ? service : `${service} ${role}`;
    const existing = made.get(key);
    if (existing !== undefined) return existing;
    const credentials = role === undefined ? {} : { credentials: roleCredentials(region, role) };
    const making = MAKERS[service]({ ...settings, ...credentials }, { mqttUrl, smtpUrl });
    made.set(key, making);
    // One that could not be made is no sender: the next request tries again.
    making.catch(() => made.delete(key));
    return making;
  };
  return {
    async send(request, roleArn) {
      const sender = await senderOf(request.service, assumeRole ? roleArn : undefined);
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
