import { OPERATIONS, type Operation } from '../wire/service/table.ts';
import { type ApiException, ConnectionException, exceptionOf } from './errors.ts';
import { encode, readOutput, writeRequest } from './request.ts';
import { type Pacing, retrying, SYSTEM_PACING } from './retry.ts';
import { type Credentials, type Sign, signer } from './sign.ts';
import type { Operations } from './types.ts';

export interface ClientOptions {
  /** `http://127.0.0.1:9470`; one origin serves both planes. */
  readonly endpoint: string;
  /** For signatures; `us-east-1` without it. */
  readonly region?: string;
  /** Without them requests are not signed. */
  readonly credentials?: Credentials;
  /** Of one call, the first included; 3 without it. */
  readonly maxAttempts?: number;
  /** Milliseconds for one attempt; 30 000 without it. */
  readonly timeout?: number;
  readonly pacing?: Pacing;
}

/**
 * A client of both planes: a method an operation, such as `batchPutMessage`, with its types read off the table.
 *
 * A call rejects with the exception's class (`ResourceNotFoundException`, all of them ApiException), with
 * ConnectionException when the server cannot be reached, and with TypeError for an input without its path member.
 * What passes by itself is repeated: throttling, server errors, lost connections. Repeated messages count once, by
 * their messageId.
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

  /** The body of a successful answer. */
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

/** The exception's name is in a header, on some servers in the body, and may be followed by a colon (reference: api 1.1). */
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
    // Whoever stands between may answer with a page.
    return {};
  }
}

/** Whether the same request may succeed a moment later. */
function passes(error: unknown): boolean {
  if (error instanceof ConnectionException) return true;
  const { status = 0 } = error as { readonly status?: number };
  return status === 429 || (status >= 500 && status !== 501);
}

export * from './errors.ts';
export type { Credentials } from './sign.ts';
export type { Input, Output } from './types.ts';
