import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { encode } from './operations.ts';

/*
 * AWS Signature Version 4 in plain JavaScript: the browser's own cryptography is there on secure origins only, and a
 * server on the plant's network is often none.
 */

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What a signature covers; the path and the query as they go over the wire. */
export interface Signable {
  readonly method: string;
  readonly path: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  /** By names in lower case, `host` and `x-amz-date` among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface Scope {
  readonly region: string;
  readonly service: string;
}

/** `yyyymmddThhmmssZ` */
export function amzDate(time: Date): string {
  return time.toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** The Authorization header of a request. */
export function authorization(request: Signable, key: AccessKey, { region, service }: Scope): string {
  const date = request.headers['x-amz-date'] ?? '';
  const day = date.slice(0, 8);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, hash(canonical(request))].join('\n');
  let signing = utf8ToBytes(`AWS4${key.secretAccessKey}`);
  for (const part of [day, region, service, 'aws4_request'])
    signing = hmac(sha256, signing, utf8ToBytes(part));
  const signature = bytesToHex(hmac(sha256, signing, utf8ToBytes(text)));
  const names = signedNames(request).join(';');
  return `AWS4-HMAC-SHA256 Credential=${key.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}

function canonical(request: Signable): string {
  const { method, path, query, headers, body } = request;
  // The path is percent-encoded once more than on the wire, as for every service but S3.
  const twice = path.split('/').map(encode).join('/');
  const pairs = query
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, b], [c, d]) => compare(a, c) || compare(b ?? '', d ?? ''))
    .map((pair) => pair.join('='));
  const lines = signedNames(request).map(
    (name) => `${name}:${(headers[name] ?? '').trim().replace(/\s+/g, ' ')}\n`,
  );
  return [
    method,
    twice,
    pairs.join('&'),
    lines.join(''),
    signedNames(request).join(';'),
    hash(body ?? ''),
  ].join('\n');
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function signedNames({ headers }: Signable): string[] {
  return Object.keys(headers).sort();
}

function hash(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}
