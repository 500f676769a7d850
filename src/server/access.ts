import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { type AccessKeys, readCredentials } from '../api/auth/credentials-file.ts';
import { createGate, type Gate } from '../api/auth/gate.ts';
import type { TlsFiles } from '../api/http-server.ts';
import { fileTrouble } from '../load/file-trouble.ts';
import type { Log } from '../runtime/log.ts';
import type { ServeConfig } from './config.ts';
import { readSettingFile } from './setting-file.ts';
import { UsageError } from './usage-error.ts';
import { watchFiles } from './watched-files.ts';

export interface OpenedGate {
  readonly gate: Gate;
  readonly keys: () => AccessKeys;
  close(): void;
}

/**
 * Opens `--credentials`; the file is read again when it changes, and `onChange` is called. Throws UsageError for an
 * unusable file.
 */
export function openGate(
  { credentials: path, region, accountId, limits }: ServeConfig,
  log: Log,
  onChange: () => void,
): OpenedGate | undefined {
  if (path === undefined) return undefined;
  let keys = explain(`--credentials ${path} cannot be used`, () =>
    readCredentials(readFileSync(path, 'utf8')),
  );
  if ((statSync(path).mode & 0o077) !== 0)
    log.warn({ path }, 'the credentials file can be read by other users of this machine');
  const close = watchFiles(
    [path],
    ([content = '']) => {
      keys = readCredentials(content);
      log.info({ path, keys: keys.size }, 'credentials were read again');
      onChange();
    },
    (error) =>
      log.error({ err: error, path }, 'the credentials file cannot be used; the previous keys stay in force'),
  );
  const gate = createGate({ keys: () => keys, now: Date.now, region, accountId, limits });
  return { gate, keys: () => keys, close };
}

/** Reads `--tls-cert` and `--tls-key`. Throws UsageError unless they are a certificate and its key. */
export function readTls({ tlsCert, tlsKey }: ServeConfig): TlsFiles | undefined {
  if (tlsCert === undefined || tlsKey === undefined) return undefined;
  const cert = readSettingFile('--tls-cert', tlsCert).toString();
  const key = readSettingFile('--tls-key', tlsKey).toString();
  return explain(`--tls-cert ${tlsCert} and --tls-key ${tlsKey} cannot be used`, () => {
    createSecureContext({ cert, key });
    return { cert, key };
  });
}

/** Reloads the certificate when its files change. Returns a function that stops watching. */
export function renewTls(
  { tlsCert, tlsKey }: ServeConfig,
  renew: (files: TlsFiles) => void,
  log: Log,
): () => void {
  if (tlsCert === undefined || tlsKey === undefined) return () => {};
  return watchFiles(
    [tlsCert, tlsKey],
    ([cert = '', key = '']) => {
      renew({ cert, key });
      log.info({ tlsCert }, 'the certificate was renewed');
    },
    // While only one of the two files has been replaced they do not match; the next check finds the other.
    (error) =>
      log.error({ err: error, tlsCert }, 'the certificate cannot be renewed; the previous one stays in use'),
  );
}

function explain<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(`${what}: ${fileTrouble(error)}`, { cause: error });
  }
}
