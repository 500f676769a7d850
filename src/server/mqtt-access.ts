import { readFileSync } from 'node:fs';
import type { AccessKey, AccessKeys } from '../api/auth/credentials-file.ts';
import { allows } from '../api/auth/policy.ts';
import { isSecret } from '../api/auth/secret.ts';
import { DeviceDirectory, readDevices, thumbprintOf } from '../ingest/mqtt/devices.ts';
import { ANONYMOUS, type Authenticate, type Principal } from '../ingest/mqtt/principal.ts';
import { fileTrouble } from '../load/file-trouble.ts';
import type { Log } from '../runtime/log.ts';
import type { ServeConfig } from './config.ts';
import { UsageError } from './usage-error.ts';
import { watchFiles } from './watched-files.ts';

/** Authentication for the embedded broker. */
export interface MqttAccess {
  readonly authenticate: Authenticate;
  close(): void;
}

type Place = Pick<ServeConfig, 'region' | 'accountId'>;

/**
 * Access keys, devices and client certificates; when none are configured, everybody is admitted. `onChange` is called
 * when the devices file has changed. Throws UsageError when the file cannot be used.
 */
export function openMqttAccess(
  config: ServeConfig,
  keys: (() => AccessKeys) | undefined,
  log: Log,
  onChange: () => void,
): MqttAccess {
  const { devices: path, mqttClientCa } = config;
  const opened = path === undefined ? undefined : openDevices(path, log, onChange);
  const authenticate: Authenticate = async (credentials) => {
    const { username, password, certificate } = credentials;
    const device = await opened?.directory.authenticate(credentials);
    if (device !== undefined) return device;
    const key = username === undefined ? undefined : keys?.().get(username);
    if (keys !== undefined && key !== undefined && isSecret(key.secretAccessKey, password))
      return ofKey(key, keys, config);
    // Without a devices file, a certificate of the authority is sufficient; with one, the file decides which
    // certificates are accepted.
    if (certificate !== undefined && path === undefined) return ofCertificate(certificate);
    const isOpen =
      keys === undefined && path === undefined && (mqttClientCa === undefined || !credentials.isEncrypted);
    return isOpen ? ANONYMOUS : undefined;
  };
  return { authenticate, close: () => opened?.close() };
}

function openDevices(path: string, log: Log, onChange: () => void) {
  const read = () => {
    try {
      return readDevices(readFileSync(path, 'utf8'));
    } catch (error) {
      throw new UsageError(`--devices ${path} cannot be used: ${fileTrouble(error)}`, { cause: error });
    }
  };
  let devices = read();
  const close = watchFiles(
    [path],
    ([content = '']) => {
      devices = readDevices(content);
      log.info({ path, devices: devices.size }, 'the devices file was read again');
      onChange();
    },
    (error) =>
      log.error({ err: error, path }, 'the devices file cannot be used; the previous devices stay in force'),
  );
  return { directory: new DeviceDirectory(() => devices), close };
}

/** The principal of an access key: its current policy, with the actions and resources of AWS IoT. */
function ofKey({ accessKeyId, secretAccessKey }: AccessKey, keys: () => AccessKeys, place: Place): Principal {
  const present = () => keys().get(accessKeyId);
  const may = (action: string, kind: string, name: string) => {
    const key = present();
    if (key === undefined) return false;
    const resource = `arn:aws:iot:${place.region}:${place.accountId}:${kind}/${name}`;
    return key.policy === undefined || allows(key.policy, { action: `iot:${action}`, resource });
  };
  return {
    identifier: accessKeyId,
    thumbprint: undefined,
    isValid: () => present()?.secretAccessKey === secretAccessKey,
    mayConnect: (clientId) => may('Connect', 'client', clientId),
    mayPublish: (topic) => may('Publish', 'topic', topic),
    maySubscribe: (filter) => may('Subscribe', 'topicfilter', filter),
    mayReceive: (topic) => may('Receive', 'topic', topic),
  };
}

function ofCertificate(certificate: Buffer): Principal {
  const thumbprint = thumbprintOf(certificate);
  return { ...ANONYMOUS, identifier: thumbprint, thumbprint };
}
