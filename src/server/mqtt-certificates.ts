import { createSecureContext } from 'node:tls';
import type { RemoteAddress } from '../ingest/mqtt/remote/options.ts';
import type { ServeConfig } from './config.ts';
import { readSettingFile } from './setting-file.ts';
import { UsageError } from './usage-error.ts';

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

/** Throws UsageError when `--mqtt-client-ca` cannot be used. */
export function checkClientCa({ mqttClientCa }: ServeConfig): void {
  if (mqttClientCa === undefined) return;
  const ca = readSettingFile('--mqtt-client-ca', mqttClientCa);
  try {
    createSecureContext({ ca });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--mqtt-client-ca ${mqttClientCa} cannot be used: ${why}`, { cause: error });
  }
}
