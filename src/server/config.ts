import { readFileSync } from 'node:fs';
import { readRuleDefinition } from '../api/rule-definition.ts';
import { DEFAULT_LIMITS, type Limits } from '../limits.ts';
import { fileTrouble } from '../load/file-trouble.ts';
import {
  boolean,
  duration,
  hosts,
  oneOf,
  pattern,
  port,
  type Reader,
  seconds,
  targets,
  text,
  unknown,
  url,
  urls,
  wholeNumber,
} from './settings.ts';
import { UsageError } from './usage-error.ts';

/** The settings of `tripline serve`. Every flag has a key of the same name in the configuration file; flags win. */
export interface ServeConfig {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  /** Where the slots run: in this process, or in the workers of a cluster on Restate. */
  readonly engine: 'embedded' | 'restate';
  readonly restateIngress: string;
  readonly restateAdmin: string;
  readonly clusterName: string;
  readonly actions: 'aws' | 'record';
  /** Whether actions are sent with the role of their model. */
  readonly assumeRole: boolean;
  readonly mqttPort: number;
  /** TLS port of the embedded broker; by default 8883 when there is a certificate. */
  readonly mqttTlsPort: number | undefined;
  /** PEM file with the certificate authorities of device certificates. */
  readonly mqttClientCa: string | undefined;
  /** File with the devices that may connect over MQTT. */
  readonly devices: string | undefined;
  readonly mqttUrl: string | undefined;
  /** Client id at that broker; by default a random one that is kept in the data directory. */
  readonly mqttClientId: string | undefined;
  /** Name of a shared subscription: processes with the same name share the messages among them. */
  readonly mqttGroup: string | undefined;
  /** PEM files: that broker's certificate authority, and the client certificate and key. */
  readonly mqttCa: string | undefined;
  readonly mqttCert: string | undefined;
  readonly mqttKey: string | undefined;
  readonly mqtt: { readonly unsupportedActions: 'refuse' | 'skip' };
  /** Rules from the configuration file, in addition to those created through the API. */
  readonly topicRules: readonly RuleDefinition[];
  /** The server that sends mail for alarm notifications; without it the model's Lambda function sends them. */
  readonly smtpUrl: string | undefined;
  /** File with the addresses of the recipients of alarm notifications. */
  readonly recipients: string | undefined;
  readonly region: string;
  readonly accountId: string;
  /** File with the access keys that may call; without it, everybody may. */
  readonly credentials: string | undefined;
  /** PEM files; both or neither. */
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  /** Host names of the server, in addition to addresses and names without a dot. */
  readonly allowedHosts: readonly string[];
  /** Maximum seconds from the stop signal to the end of the process. */
  readonly stopTimeout: number;
  /** Permitted targets of actions, see `isAllowed`; undefined permits any target that a model names. */
  readonly allowedTargets: readonly string[] | undefined;
  readonly insecure: boolean;
  readonly logLevel: LogLevel;
  /** A file, or `-` for standard output. */
  readonly evaluationLog: string;
  /** A log group of CloudWatch that receives the same entries. */
  readonly cloudwatchLogGroup: string | undefined;
  /** Whether accepted messages are kept, for how long (a duration as users write it), and in how many bytes. */
  readonly history: boolean;
  readonly historyMaxAge: string;
  readonly historyMaxBytes: number;
  readonly limits: Limits;
}

type RuleDefinition = ReturnType<typeof readRuleDefinition>;

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The flags as parsed from the command line: strings and booleans, absent when not given. */
export type ServeFlags = Readonly<Record<string, string | boolean | undefined>>;

export const DEFAULT_CONFIG_FILE = './tripline.config.json';

const READERS: Readonly<Record<keyof ServeConfig, Reader>> = {
  host: text,
  port,
  dataDir: text,
  engine: oneOf(['embedded', 'restate']),
  restateIngress: urls(/^https?:$/, 'http://127.0.0.1:8080'),
  restateAdmin: urls(/^https?:$/, 'http://127.0.0.1:9070'),
  clusterName: pattern(/^[a-z][a-z0-9-]{0,31}$/, 'lower-case letters, digits and -'),
  actions: oneOf(['aws', 'record']),
  assumeRole: boolean,
  mqttPort: port,
  mqttTlsPort: port,
  mqttClientCa: text,
  devices: text,
  mqtt,
  topicRules,
  mqttUrl: url(/^(mqtts?|tcp|tls|wss?):$/, 'mqtt://broker:1883'),
  mqttClientId: pattern(/^[^\0$][^\0]{0,127}$/, 'a client id of at most 128 characters'),
  mqttGroup: pattern(/^[^\0/+#]{1,128}$/, 'a name of at most 128 characters without / + #'),
  mqttCa: text,
  mqttCert: text,
  mqttKey: text,
  smtpUrl: url(/^smtps?:$/, 'smtp://mail.example.com:587'),
  recipients: text,
  region: pattern(/^[a-z]{2}(-[a-z]+)+-\d+$/, 'a region such as us-east-1'),
  accountId: pattern(/^\d{12}$/, 'an account id of twelve digits'),
  credentials: text,
  tlsCert: text,
  tlsKey: text,
  allowedHosts: hosts,
  stopTimeout: seconds,
  allowedTargets: targets,
  insecure: boolean,
  logLevel: oneOf(LOG_LEVELS),
  evaluationLog: text,
  cloudwatchLogGroup: pattern(/^[.\-_/#A-Za-z0-9]{1,512}$/, 'the name of a log group'),
  history: boolean,
  historyMaxAge: duration,
  historyMaxBytes: wholeNumber,
  limits,
};

/** The default settings. */
export function defaults(env: NodeJS.ProcessEnv): ServeConfig {
  return {
    host: '127.0.0.1',
    port: 9470,
    dataDir: './tripline-data',
    engine: 'embedded',
    restateIngress: 'http://127.0.0.1:8080',
    restateAdmin: 'http://127.0.0.1:9070',
    clusterName: 'tripline',
    actions: 'aws',
    assumeRole: false,
    mqttPort: 1883,
    mqttTlsPort: undefined,
    mqttClientCa: undefined,
    devices: undefined,
    mqttUrl: undefined,
    mqttClientId: undefined,
    mqttGroup: undefined,
    mqttCa: undefined,
    mqttCert: undefined,
    mqttKey: undefined,
    mqtt: { unsupportedActions: 'refuse' },
    topicRules: [],
    smtpUrl: undefined,
    recipients: undefined,
    region: env.AWS_REGION ?? 'us-east-1',
    accountId: '000000000000',
    credentials: undefined,
    tlsCert: undefined,
    tlsKey: undefined,
    allowedHosts: [],
    stopTimeout: 10,
    allowedTargets: undefined,
    insecure: false,
    logLevel: 'info',
    evaluationLog: '-',
    cloudwatchLogGroup: undefined,
    history: false,
    historyMaxAge: '7d',
    historyMaxBytes: 1024 * 1024 * 1024,
    limits: DEFAULT_LIMITS,
  };
}

/** Applies defaults, then the file, then the flags. Throws UsageError that names the unusable setting. */
export function resolveConfig(flags: ServeFlags, env: NodeJS.ProcessEnv): ServeConfig {
  const { config: file, ...own } = flags;
  const settings: Record<string, unknown> = { ...defaults(env) };
  const filed: Partial<ServeConfig> = readAll(readFile(file), (key) => `${key} in the configuration file`);
  Object.assign(settings, filed, readAll(own, flagName));
  // The default port applies to a single machine only, not to a cluster.
  if (settings.engine === 'restate' && own.mqttPort === undefined && filed.mqttPort === undefined)
    settings.mqttPort = 0;
  const config = settings as unknown as ServeConfig;
  if (config.engine === 'restate') checkCluster(config);
  if (!isLoopback(config.host) && !config.insecure && config.credentials === undefined) {
    throw new UsageError(
      `--host ${config.host} would let the network in without credentials. ` +
        'Name a file of access keys with --credentials, add --insecure if it is meant, or listen on 127.0.0.1.',
    );
  }
  if ((config.tlsCert === undefined) !== (config.tlsKey === undefined))
    throw new UsageError('--tls-cert and --tls-key must be given together');
  if ((config.mqttCert === undefined) !== (config.mqttKey === undefined))
    throw new UsageError('--mqtt-cert and --mqtt-key must be given together');
  for (const [flag, value] of [
    ['--mqtt-client-ca', config.mqttClientCa],
    ['--mqtt-tls-port', config.mqttTlsPort || undefined],
  ] as const)
    if (value !== undefined && config.tlsCert === undefined)
      throw new UsageError(`${flag} needs a certificate: --tls-cert and --tls-key`);
  return config;
}

/** These settings need a single machine. */
function checkCluster({ mqttPort, mqttTlsPort, history }: ServeConfig): void {
  if (mqttPort !== 0 || (mqttTlsPort ?? 0) !== 0)
    throw new UsageError('--engine restate has no embedded MQTT broker; name one with --mqtt-url');
  if (history) throw new UsageError('--engine restate keeps no message history');
}

function readAll(given: Readonly<Record<string, unknown>>, nameOf: (key: string) => string): object {
  const read: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(READERS, key))
      throw new UsageError(unknown(nameOf(key), 'setting', key, Object.keys(READERS)));
    read[key] = READERS[key as keyof ServeConfig](value, nameOf(key));
  }
  return read;
}

function readFile(named: string | boolean | undefined): Readonly<Record<string, unknown>> {
  const path = typeof named === 'string' ? named : DEFAULT_CONFIG_FILE;
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    if (named === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new UsageError(`--config ${path} cannot be read: ${fileTrouble(error)}`);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch (error) {
    throw new UsageError(`--config ${path} is not JSON: ${(error as Error).message}`);
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
    return parsed as Record<string, unknown>;
  throw new UsageError(`--config ${path} is not a JSON object`);
}

function mqtt(value: unknown, name: string): ServeConfig['mqtt'] {
  const { unsupportedActions = 'refuse', ...others } = { ...(value as object) } as Record<string, unknown>;
  const [other] = Object.keys(others);
  if (other !== undefined)
    throw new UsageError(unknown(`${name}.${other}`, 'setting', other, ['unsupportedActions']));
  const read = oneOf(['refuse', 'skip'])(unsupportedActions, `${name}.unsupportedActions`);
  return { unsupportedActions: read === 'skip' ? 'skip' : 'refuse' };
}

/** Only in the configuration file; accepts every form of rule files. */
function topicRules(value: unknown, name: string): readonly RuleDefinition[] {
  if (!Array.isArray(value)) throw new UsageError(`${name} must be a list of topic rules`);
  const rules = value.map((each: unknown, index) => {
    try {
      return readRuleDefinition(each);
    } catch (error) {
      throw new UsageError(`${name}[${index}]: ${(error as Error).message}`);
    }
  });
  const names = rules.map(({ ruleName }) => ruleName);
  const twice = names.find((ruleName, index) => names.indexOf(ruleName) !== index);
  if (twice !== undefined) throw new UsageError(`${name} contains the rule ${twice} twice`);
  return rules;
}

/** Overrides of individual limits; only in the configuration file. */
function limits(value: unknown, name: string): Limits {
  if (typeof value !== 'object' || value === null) throw new UsageError(`${name} must be an object`);
  for (const [key, limit] of Object.entries(value)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, key))
      throw new UsageError(unknown(`limits.${key}`, 'limit', key, Object.keys(DEFAULT_LIMITS)));
    if (!Number.isSafeInteger(limit) || (limit as number) < 0) {
      throw new UsageError(`limits.${key} must be a whole number, not ${JSON.stringify(limit)}`);
    }
  }
  return { ...DEFAULT_LIMITS, ...value };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function flagName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
