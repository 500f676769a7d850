import type { ServiceName, ServiceRequest } from '../core/action/request.ts';
import { targetOf } from '../core/action/target.ts';
import { within } from './answer.ts';
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
import { brokerSender, type Publish } from './broker-sender.ts';
import { SendError } from './classify-error.ts';
import { type BrokerTls, mqttSender } from './mqtt-sender.ts';
import { type CredentialsOf, loadRoles } from './role-credentials.ts';
import type { Sender } from './sender.ts';
import { smtpSender } from './smtp-sender.ts';

/** Milliseconds. */
const CONNECTION_TIMEOUT = 5_000;

export interface SendersOptions {
  readonly region: string;
  /** Publishes through the embedded broker; resolves when the message is durable there. */
  readonly publish?: Publish | undefined;
  /** The broker for iotTopicPublish; without this and `publish`, messages go to the AWS IoT data plane. */
  readonly mqttUrl?: string | undefined;
  /** TLS files for that connection. */
  readonly mqttTls?: BrokerTls;
  /** The server for mail. */
  readonly smtpUrl?: string | undefined;
  /** Whether requests are sent with the role that comes with them, instead of the process's own credentials. */
  readonly assumeRole?: boolean;
  /** The targets that models may name, see `targetOf`; an entry may end in `*`. Undefined for any. */
  readonly allowedTargets?: readonly string[] | undefined;
  /** Milliseconds that one attempt may take, up to the last byte of the answer. */
  readonly timeout: number;
  /** Maximum bytes of an answer. */
  readonly answerBytes: number;
}

export interface Senders {
  /**
   * Resolves when the target has accepted the request; see `classifyError` for rejections. `roleArn` is the role to
   * assume, if roles are assumed; without it the process's own credentials are used.
   */
  send(request: ServiceRequest, roleArn?: string): Promise<void>;
  /**
   * Loads the code for requests to a service early, since a module that failed to load once, for instance for lack of a
   * file descriptor, can never be loaded again by this process. Rejects with the reason.
   */
  load(service: ServiceName): Promise<void>;
  /** Closes all connections; nothing may be sent afterwards. */
  close(): Promise<void>;
}

/** Options for requests that do not go to AWS. */
type Ways = Pick<SendersOptions, 'publish' | 'mqttUrl' | 'mqttTls' | 'smtpUrl'>;

type Make = (settings: ClientSettings, ways: Ways) => Sender | Promise<Sender>;

/** Loads the code for a service; the result creates senders. */
const LOADERS: Readonly<Record<ServiceName, (ways: Ways) => Promise<Make>>> = {
  dynamodb: dynamoDBSender,
  firehose: firehoseSender,
  'iot-data': async ({ publish, mqttUrl, mqttTls }) => {
    if (publish !== undefined) return () => brokerSender(publish);
    if (mqttUrl === undefined) return iotDataSender();
    const connect = await mqttSender();
    return () => connect(mqttUrl, mqttTls);
  },
  'iotevents-data': async () => () => {
    throw new SendError('TERMINAL', 'Messages of iotEvents actions stay within the server');
  },
  iotsitewise: iotSiteWiseSender,
  lambda: lambdaSender,
  smtp: async ({ smtpUrl }) => {
    const connect = await smtpSender();
    return () => {
      if (smtpUrl === undefined) throw new SendError('RETRYABLE', 'Mail cannot be sent without --smtp-url');
      return connect(smtpUrl);
    };
  },
  sns: snsSender,
  sqs: sqsSender,
};

/** Sends requests; each client is created when its service is first needed, and kept. */
export function createSenders(options: SendersOptions): Senders {
  const {
    region,
    publish,
    mqttUrl,
    mqttTls = {},
    smtpUrl,
    assumeRole = false,
    timeout,
    answerBytes,
  } = options;
  const settings: ClientSettings = {
    region,
    // The outbox does the retries: it knows the order and survives restarts.
    maxAttempts: 1,
    answerBytes,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT,
      requestTimeout: timeout,
      throwOnRequestTimeout: true,
      // The outbox limits the deliveries in progress, so sockets need no limit.
      httpAgent: { maxSockets: Number.POSITIVE_INFINITY },
      httpsAgent: { maxSockets: Number.POSITIVE_INFINITY },
    },
  };
  const ways: Ways = { publish, mqttUrl, mqttTls, smtpUrl };
  const made = new Map<string, Promise<Sender>>();
  let roles: Promise<CredentialsOf> | undefined;
  const credentialsOf = async (role: string | undefined) => {
    if (role === undefined) return {};
    roles ??= loadRoles(settings);
    return { credentials: (await roles)(role) };
  };
  const knowsRoles = (service: ServiceName) =>
    assumeRole && service !== 'smtp' && (service !== 'iot-data' || (publish ?? mqttUrl) === undefined);
  const make = async (service: ServiceName, role: string | undefined): Promise<Sender> => {
    const maker = await LOADERS[service](ways);
    return maker({ ...settings, ...(await credentialsOf(role)) }, ways);
  };
  const senderOf = (service: ServiceName, role: string | undefined): Promise<Sender> => {
    const key = role === undefined ? service : `${service} ${role}`;
    const existing = made.get(key);
    if (existing !== undefined) return existing;
    const making = make(service, role);
    made.set(key, making);
    // A failed creation is not cached: the next request tries again.
    making.catch(() => made.delete(key));
    return making;
  };
  return {
    async send(request, roleArn) {
      const { allowedTargets } = options;
      if (allowedTargets !== undefined) refuseTarget(targetOf(request), allowedTargets);
      return within(timeout, async (signal) => {
        const sender = await senderOf(request.service, knowsRoles(request.service) ? roleArn : undefined);
        await sender.send(request, signal);
      });
    },
    async load(service) {
      await LOADERS[service](ways);
      if (service === 'iotevents-data' || service === 'smtp') return;
      if (knowsRoles(service)) await credentialsOf('');
      // A broker is connected when there is something to send.
      if (service === 'iot-data' && mqttUrl !== undefined) return;
      const { warm } = await senderOf(service, undefined);
      // Missing credentials fail the first request; this only loads the code that looks for them.
      await warm?.().catch(() => undefined);
    },
    async close() {
      const senders = await Promise.allSettled(made.values());
      await Promise.all(
        senders.map((each) => (each.status === 'fulfilled' ? each.value.close() : undefined)),
      );
    },
  };
}

/** Throws SendError for a target that models may not name. The server's own settings are not restricted by this. */
function refuseTarget(target: string, allowed: readonly string[]): void {
  if (!target.includes('/')) return;
  const fits = (pattern: string) =>
    pattern.endsWith('*') ? target.startsWith(pattern.slice(0, -1)) : target === pattern;
  if (!allowed.some(fits))
    throw new SendError('TERMINAL', `The target ${target} is not among those that --allowed-targets names`);
}
