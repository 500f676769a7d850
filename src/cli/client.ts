import { type Sign, signer } from '../client/sign.ts';
import { CommandError } from '../server/usage-error.ts';

/**
 * Calls a server over HTTP, as any client would. Requests are signed with the access key of the environment
 * (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION), if there is one. Rejects with CommandError for whatever is
 * not an answer to use.
 */
export class ApiClient {
  readonly #url: string;
  readonly #sign: Sign | undefined;

  constructor(url: string, env: NodeJS.ProcessEnv = {}) {
    this.#url = url;
    const {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_REGION: region,
    } = env;
    if (accessKeyId && secretAccessKey)
      this.#sign = signer(region ?? 'us-east-1', { accessKeyId, secretAccessKey });
  }

  async call(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const answer = await this.#send(method, path, body);
    if (answer.ok) return answer.body;
    throw new CommandError(`${method} ${path} was answered with ${answer.error}: ${answer.body.message}`);
  }

  /** The answer as bytes that come one after the other. */
  async stream(path: string): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#fetch('GET', path);
    if (response.ok && response.body !== null) return response.body;
    const error = response.headers.get('x-amzn-errortype') ?? response.status;
    const { message } = (await response.json().catch(() => ({ message: 'no JSON' }))) as { message?: string };
    throw new CommandError(`GET ${path} was answered with ${error}: ${message}`);
  }

  /** Creates a resource, or updates the one of that name. */
  async put(
    create: readonly [path: string],
    update: readonly [method: string, path: string],
    body: object,
  ): Promise<void> {
    const answer = await this.#send('POST', create[0], body);
    if (answer.ok) return;
    if (answer.error === 'ResourceAlreadyExistsException') await this.call(update[0], update[1], body);
    else
      throw new CommandError(`POST ${create[0]} was answered with ${answer.error}: ${answer.body.message}`);
  }

  async #send(method: string, path: string, body?: object) {
    const response = await this.#fetch(method, path, body);
    try {
      return {
        ok: response.ok,
        error: response.headers.get('x-amzn-errortype') ?? '',
        body: (await response.json()) as Record<string, unknown>,
      };
    } catch (cause) {
      throw new CommandError(
        `${this.#url} answered with ${response.status} and no JSON: is it a Tripline server?`,
        {
          cause,
        },
      );
    }
  }

  async #fetch(method: string, path: string, body?: object): Promise<Response> {
    const url = new URL(this.#url + path);
    const plain = { 'content-type': 'application/json' };
    const content = body && JSON.stringify(body);
    const request = { method, path: url.pathname, query: [...url.searchParams], body: content };
    const headers = (await this.#sign?.(request, url, plain, 'iotevents')) ?? plain;
    try {
      return await fetch(url, { method, headers, ...(content !== undefined && { body: content }) });
    } catch (cause) {
      const why = cause instanceof Error && cause.cause instanceof Error ? ` (${cause.cause.message})` : '';
      throw new CommandError(`No server answers at ${this.#url}${why}. Start one with "tripline serve".`, {
        cause,
      });
    }
  }
}
