import { IngressError, NodeUrls } from './node-urls.ts';

/** Milliseconds for which a call is retried while nodes do not answer; every call must be safe to repeat. */
const REPEAT = 5000;

/** An object that a worker serves. */
export interface Served {
  readonly name: string;
  readonly handlers: readonly string[];
}

/**
 * Restate's admin API: health, deployments, and queries over the entries of objects. All methods reject with
 * IngressError.
 */
export class Admin {
  readonly #nodes: NodeUrls;

  /** `urls` of one or several nodes, as for `NodeUrls`. */
  constructor(urls: string) {
    this.#nodes = new NodeUrls(urls);
  }

  /** Resolves when the cluster answers queries. Rejects with IngressError after `milliseconds`, or where no admin API is. */
  async ready(milliseconds: number): Promise<void> {
    const until = performance.now() + milliseconds;
    for (;;) {
      try {
        await this.query('SELECT count(1) AS n FROM sys_invocation');
        return;
      } catch (error) {
        const status = error instanceof IngressError ? error.status : undefined;
        if (status === 400 || status === 404)
          throw new IngressError(
            `it is no admin API of Restate, whose port is 9070: ${(error as Error).message}`,
            status,
          );
        if (performance.now() > until) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  /** The version of Restate. */
  async version(): Promise<string> {
    const { version } = (await this.#call('GET', '/version')) as { readonly version: string };
    return version;
  }

  /**
   * Registers a worker's address. Invocations in progress on an older deployment stay there; new ones go to the newest
   * deployment. A known address is discovered again only if Restate knows less than what is served there: resolves with
   * true then.
   */
  async register(uri: string, served: readonly Served[] = []): Promise<boolean> {
    const deployment = { uri, use_http_11: false };
    const { services } = (await this.#call('POST', '/deployments', deployment)) as {
      readonly services: readonly {
        readonly name: string;
        readonly handlers: readonly { readonly name: string }[];
      }[];
    };
    const known = new Set(
      services.flatMap(({ name, handlers }) => handlers.map((handler) => `${name}/${handler.name}`)),
    );
    const isComplete = served.every(({ name, handlers }) =>
      handlers.every((each) => known.has(`${name}/${each}`)),
    );
    if (!isComplete) await this.#call('POST', '/deployments', { ...deployment, force: true });
    return !isComplete;
  }

  /** The keys of all objects of that name that have entries. */
  async keys(object: string): Promise<string[]> {
    const rows = await this.query<{ service_key: string }>(
      `SELECT DISTINCT service_key FROM state WHERE service_name = '${object}'`,
    );
    return rows.map(({ service_key }) => service_key).sort();
  }

  /** All entries of an object, as JSON text. */
  async entries(object: string, key: string): Promise<Map<string, string>> {
    const rows = await this.query<{ key: string; value_utf8: string }>(
      `SELECT key, value_utf8 FROM state WHERE service_name = '${object}' ` +
        `AND service_key = '${key.replaceAll("'", "''")}'`,
    );
    return new Map(rows.map(({ key: name, value_utf8 }) => [name, value_utf8]));
  }

  /** The result rows of a SQL query. */
  async query<T>(sql: string): Promise<T[]> {
    const { rows } = (await this.#call('POST', '/query', { query: sql })) as { rows: T[] };
    return rows;
  }

  async #call(method: string, path: string, body?: object): Promise<unknown> {
    const text = await this.#nodes.call({
      method,
      path,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      repeatFor: REPEAT,
    });
    return text === '' ? {} : JSON.parse(text);
  }
}
