import { createHmac } from 'node:crypto';

/** Number of cached keys; each access key needs one for each day and service. */
const MOST_KEYS = 1000;

/** Derives signing keys and caches the recent ones, since each costs four rounds of HMAC. */
export class SigningKeys {
  readonly #keys = new Map<string, Buffer>();

  get(secretAccessKey: string, date: string, region: string, service: string): Buffer {
    const name = [secretAccessKey, date, region, service].join('/');
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(
      hmac,
      `AWS4${secretAccessKey}`,
    ) as Buffer;
    if (this.#keys.size >= MOST_KEYS) this.#keys.clear();
    this.#keys.set(name, key);
    return key;
  }
}

export function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
