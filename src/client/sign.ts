import { createHash, createHmac } from 'node:crypto';
import type { HttpRequest } from './request.ts';

/** An access key; `sessionToken` is required for a temporary one. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Returns the headers of a signed request. */
export type Sign = (
  request: HttpRequest,
  url: URL,
  headers: Readonly<Record<string, string>>,
  signingName: string,
) => Promise<Readonly<Record<string, string>>>;

/** Signature version 4. The signer is loaded with the first signed request. */
export function signer(region: string, credentials: Credentials): Sign {
  return async (request, url, headers, service) => {
    const { SignatureV4 } = await import('@smithy/signature-v4');
    const signature = new SignatureV4({ service, region, credentials, sha256: Sha256 });
    const query: Record<string, string[]> = {};
    for (const [name, value] of request.query) {
      query[name] ??= [];
      query[name].push(value);
    }
    const signed = await signature.sign({
      method: request.method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query,
      headers: { ...headers, host: url.host },
      ...(request.body !== undefined && { body: request.body }),
    });
    // fetch sets the host header itself.
    const { host: _, ...own } = signed.headers;
    return own;
  };
}

/** SHA-256 or HMAC-SHA-256, with the interface that the signer requires. */
class Sha256 {
  readonly #hash: { update(data: string | Uint8Array): unknown; digest(): Uint8Array };

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    if (secret === undefined) this.#hash = createHash('sha256');
    else this.#hash = createHmac('sha256', bytesOf(secret));
  }

  update(data: string | Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error('A hash cannot be reset');
  }
}

function bytesOf(secret: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof secret === 'string') return secret;
  return ArrayBuffer.isView(secret)
    ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
    : new Uint8Array(secret);
}
