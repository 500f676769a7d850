import { OPERATIONS, type Operation } from '../wire/service/table.ts';
import { type ApiException, ConnectionException, exceptionOf } from './errors.ts';
import { encode, readOutput, writeRequest } from './request.ts';
import { type Pacing, retrying, SYSTEM_PACING } from './retry.ts';
import { type Credentials, type Sign, signer } from './sign.ts';
import type { Operations } from './types.ts';

export interface ClientOptions {
  /** Such as `http://127.0.0.1:9470`. One endpoint serves both planes. */
  readonly endpoint: string;
  /** Used in signatures; by default `us-east-1`. */
  readonly region?: string;
  /** Without credentials, requests are not signed. */
  readonly credentials?: Credentials;
  /** Attempts per call, including the first; by default 3. */
  readonly maxAttempts?: number;
  /** The timeout of each attempt in milliseconds; by default 30 000. */
  readonly timeout?: number;
  readonly pacing?: Pacing;
}

/**
 * A client of both planes, with one typed method per operation, such as `batchPutMessage`.
 *
 * A call rejects with a subclass of ApiException such as `ResourceNotFoundException`, with ConnectionException when the
 * server cannot be reached, and with TypeError for an input without its path member. Throttling, server errors and lost
 * connections are retried. A repeated message counts only once, because of its messageId.
 */
export type Client = Operations;

export const Client: new (options: ClientOptions) => Client = class {
  constructor(options: ClientOptions) {
    const caller = new Caller(options);
    for (const operation of OPERATIONS) {
      const name = operation.name.charAt(0).toLowerCase() + operation.name.slice(1);
      const call = (input: Readonly<Record<string, unknown>> = {}) => caller.call(operation, input);
      Object.defineProperty(this, name, { value: call, enumerable: true });
    }
  }
} as new (
  options: ClientOptions,
) => Client;

class Caller {
  readonly #endpoint: string;
  readonly #sign: Sign | undefined;
  readonly #maxAttempts: number;
  readonly #timeout: number;
  readonly #pacing: Pacing;

  constructor({ endpoint, region = 'us-east-1', credentials, ...options }: ClientOptions) {
    this.#endpoint = new URL(endpoint).href.replace(/\/$/, '');
    this.#sign = credentials && signer(region, credentials);
    this.#maxAttempts = options.maxAttempts ?? 3;
    this.#timeout = options.timeout ?? 30_000;
    this.#pacing = options.pacing ?? SYSTEM_PACING;
  }

  async call(operation: Operation, input: Readonly<Record<string, unknown>>): Promise<unknown> {
    const request = writeRequest(operation, input);
    const query = request.query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
    const url = new URL(`${this.#endpoint}${request.path}${query === '' ? '' : `?${query}`}`);
    const plain: Record<string, string> =
      request.body === undefined ? {} : { 'content-type': 'application/json' };
    const attempt = async () => {
      const headers = (await this.#sign?.(request, url, plain, operation.signingName)) ?? plain;
      const { method, body } = request;
      const response = await this.#send(url, { method, headers, ...(body !== undefined && { body }) });
      return readOutput(operation, response);
    };
    return retrying(attempt, passes, this.#maxAttempts, this.#pacing);
  }

  /** Returns the parsed body of a successful response; otherwise throws. */
  async #send(url: URL, init: RequestInit): Promise<unknown> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, { ...init, signal: AbortSignal.timeout(this.#timeout) });
      text = await response.text();
    } catch (cause) {
      const why = cause instanceof Error && cause.name === 'TimeoutError' ? 'in time' : 'at all';
      throw new ConnectionException(`${this.#endpoint} did not answer ${why}`, { cause });
    }
    if (!response.ok) throw failureOf(response, text);
    return text === '' ? {} : JSON.parse(text);
  }
}

/** The exception's name is in a header or in the body, possibly followed by a colon (reference: api 1.1). */
function failureOf(response: Response, text: string): ApiException {
  const body = parseObject(text);
  const textOf = (name: string) => (typeof body[name] === 'string' ? body[name] : undefined);
  const named = response.headers.get('x-amzn-errortype') ?? textOf('__type') ?? textOf('code');
  const name = (named ?? `HTTP ${response.status}`).split(':')[0]?.split('#').at(-1) ?? '';
  return exceptionOf(name, {
    message: textOf('message') ?? textOf('Message') ?? `HTTP ${response.status} ${text.slice(0, 200)}`.trim(),
    status: response.status,
    requestId: response.headers.get('x-amzn-requestid') ?? undefined,
    resourceId: textOf('resourceId'),
    resourceArn: textOf('resourceArn'),
  });
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    // A proxy may respond with an HTML page.
    return {};
  }
}

/** Whether the same request may succeed later. */
function passes(error: unknown): boolean {
  if (error instanceof ConnectionException) return true;
  const { status = 0 } = error as { readonly status?: number };
  return status === 429 || (status >= 500 && status !== 501);
}

export * from './errors.ts';
export type { Credentials } from './sign.ts';
export type { Input, Output } from './types.ts';
