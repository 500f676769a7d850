import { CommandError } from '../usage-error.ts';

/** Calls the AWS API over HTTP, as any client would. */
export class ApiClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async call(method: string, path: string, body: object): Promise<Record<string, unknown>> {
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

  async #send(method: string, path: string, body: object) {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(this.#url + path, { method, headers, body: JSON.stringify(body) });
    return {
      ok: response.ok,
      error: response.headers.get('x-amzn-errortype') ?? '',
      body: (await response.json()) as Record<string, unknown>,
    };
  }
}
