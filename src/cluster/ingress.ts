import { Fault } from '../runtime/fault.ts';
import { CATALOG_KEY, type ObjectNames, objectNames, type ReadAnswer, type ReadRequest } from './contract.ts';

/** Milliseconds that a call waits for its answer before it is made again under the same key. */
const TIMEOUT = 30_000;

export class IngressError extends Error {
  override readonly name = 'IngressError';
  readonly status: number | undefined;
  constructor(message: string, status?: number, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** Resolves as `call` does; an IngressError becomes the Fault that callers of a host know. */
export async function asFault<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof IngressError)) throw error;
    throw new Fault('ServiceUnavailableException', `The cluster does not answer: ${error.message}`);
  }
}

/**
 * Calls the handlers of the cluster through Restate's ingress. A call under an idempotency key may be repeated: it
 * happens once, and is answered alike. Rejects with IngressError when there is no answer, or a failure.
 */
export class Ingress {
  readonly #url: string;
  readonly names: ObjectNames;

  /** `url` without a path, such as `http://127.0.0.1:8080`; `cluster` is the name of the cluster. */
  constructor(url: string, cluster: string) {
    this.#url = url.replace(/\/$/, '');
    this.names = objectNames(cluster);
  }

  slot<T>(
    number: number,
    handler: 'apply' | 'tick' | 'describe' | 'list',
    body: unknown,
    key?: string,
  ): Promise<T> {
    return this.#call(`${this.names.slot}/${number}/${handler}`, body, key);
  }

  catalog<T>(handler: 'define' | 'read', body: unknown, key?: string): Promise<T> {
    return this.#call(`${this.names.catalog}/${CATALOG_KEY}/${handler}`, body, key);
  }

  readCatalog(request: ReadRequest): Promise<ReadAnswer> {
    return this.catalog('read', request);
  }

  outbox<T>(queue: string, handler: 'redrive' | 'discard', body: unknown): Promise<T> {
    return this.#call(`${this.names.outbox}/${encodeURIComponent(queue)}/${handler}`, body);
  }

  async #call<T>(path: string, body: unknown, key?: string): Promise<T> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${this.#url}/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT),
      });
      text = await response.text();
    } catch (cause) {
      throw new IngressError(`${this.#url} does not answer: ${(cause as Error).message}`, undefined, {
        cause,
      });
    }
    if (!response.ok)
      throw new IngressError(`${path}: ${response.status} ${text.slice(0, 300)}`, response.status);
    // A handler that answers nothing.
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}
