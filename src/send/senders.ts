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
  /** The broker that iotTopicPublish goes to; without `publish` and without one it goes to the AWS IoT data plane. */
  readonly mqttUrl?: string | undefined;
  /** What the connection to it needs beside the URL. */
  readonly mqttTls?: BrokerTls;
  /** The server that mail goes to. */
  readonly smtpUrl?: string | undefined;
  /** Whether requests are sent under the role that comes with them, instead of the process's own credentials. */
  readonly assumeRole?: boolean;
  /** The targets that models may name, see `targetOf`; one may end in `*`. Undefined for any. */
  readonly allowedTargets?: readonly string[] | undefined;
  /** Milliseconds that one attempt may take, from its beginning to the last byte of the answer. */
  readonly timeout: number;
  /** Bytes of an answer that are read. */
  readonly answerBytes: number;
}

export interface Senders {
  /**
   * Resolves when the target has taken the request; see `classifyError` for what it rejects with. `roleArn` is who
   * acts if roles are assumed; without it the process itself does.
   */
  send(request: ServiceRequest, roleArn?: string): Promise<void>;
  /**
   * Loads the code that requests to a service need: what cannot be loaded once (no file descriptor is left, say) this
   * process can never load again. Rejects with what kept it from being loaded.
   */
  load(service: ServiceName): Promise<void>;
  /** Closes all connections; nothing may be sent afterwards. */
  close(): Promise<void>;
}

/** How those requests are sent that do not go to AWS. */
type Ways = Pick<SendersOptions, 'publish' | 'mqttUrl' | 'mqttTls' | 'smtpUrl'>;

type Make = (settings: ClientSettings, ways: Ways) => Sender | Promise<Sender>;

/** Loads the code for a service; what that gives makes senders. */
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
      if (smtpUrl === undefined)
        throw new SendError('RETRYABLE', 'Mail waits for --smtp-url: without it the server sends none');
      return connect(smtpUrl);
    };
  },
  sns: snsSender,
  sqs: sqsSender,
};

/** Sends requests; each client is made when its service is first needed, and kept. */
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
    // Trying again is the outbox's, which knows the order and survives a restart.
    maxAttempts: 1,
    answerBytes,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT,
      requestTimeout: timeout,
      throwOnRequestTimeout: true,
      // A socket for each delivery: how many there are is the outbox's to say.
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
    // One that could not be made is no sender: the next request tries again.
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
      // A broker is connected to when there is something to send.
      if (service === 'iot-data' && mqttUrl !== undefined) return;
      const { warm } = await senderOf(service, undefined);
      // Whether there are any is for the first request to say; what is needed to find them is loaded now.
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

/** Throws SendError for what a model may not name. What the server itself is set up with is none of a model's naming. */
function refuseTarget(target: string, allowed: readonly string[]): void {
  if (!target.includes('/')) return;
  const fits = (pattern: string) =>
    pattern.endsWith('*') ? target.startsWith(pattern.slice(0, -1)) : target === pattern;
  if (!allowed.some(fits))
    throw new SendError('TERMINAL', `The target ${target} is not among those that --allowed-targets names`);
}
