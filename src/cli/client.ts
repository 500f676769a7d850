import { CommandError } from './usage-error.ts';

/** Calls a server over HTTP, as any client would. Rejects with CommandError for whatever is not an answer to use. */
export class ApiClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async call(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const answer = await this.#send(method, path, body);
    if (answer.ok) return answer.body;
    throw new CommandError(`${method} ${path} was answered with ${answer.error}: ${answer.body.message}`);
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
    const content = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    try {
      return await fetch(this.#url + path, { method, ...content });
    } catch (cause) {
      const why = cause instanceof Error && cause.cause instanceof Error ? ` (${cause.cause.message})` : '';
      throw new CommandError(`No server answers at ${this.#url}${why}. Start one with "tripline serve".`, {
        cause,
      });
    }
  }
}
