import { IngressError } from './ingress.ts';

/** Restate's admin API: health, deployments, and queries over the entries of objects. */
export class Admin {
  readonly #url: string;

  /** `url` without a path, such as `http://127.0.0.1:9070`. */
  constructor(url: string) {
    this.#url = url.replace(/\/$/, '');
  }

  /** Resolves when the cluster answers queries; rejects with IngressError after `milliseconds`. */
  async ready(milliseconds: number): Promise<void> {
    const until = performance.now() + milliseconds;
    for (;;) {
      try {
        await this.query('SELECT count(1) AS n FROM sys_invocation');
        return;
      } catch (error) {
        if (performance.now() > until) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  /**
   * Registers a worker's address. What an older deployment has under way stays with it; new invocations go to the
   * newest one.
   */
  async register(uri: string): Promise<void> {
    await this.#call('POST', '/deployments', { uri, use_http_11: false });
  }

  /** The addresses of the workers that serve an object, also of those that are gone. */
  async workers(object: string): Promise<string[]> {
    const { deployments } = (await this.#call('GET', '/deployments')) as {
      deployments: { readonly uri?: string; readonly services: readonly { readonly name: string }[] }[];
    };
    const own = deployments.filter(({ services }) => services.some(({ name }) => name === object));
    return [...new Set(own.flatMap(({ uri }) => (uri === undefined ? [] : [uri])))];
  }

  /** The rows of a SQL query. */
  async query<T>(sql: string): Promise<T[]> {
    const { rows } = (await this.#call('POST', '/query', { query: sql })) as { rows: T[] };
    return rows;
  }

  async #call(method: string, path: string, body?: object): Promise<unknown> {
    let response: Response;
    try {
      response = await fetch(this.#url + path, {
        method,
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(30_000),
      });
    } catch (cause) {
      throw new IngressError(`${this.#url} does not answer: ${(cause as Error).message}`, undefined, {
        cause,
      });
    }
    const text = await response.text();
    if (!response.ok)
      throw new IngressError(`${path}: ${response.status} ${text.slice(0, 300)}`, response.status);
    return text === '' ? {} : JSON.parse(text);
  }
}
