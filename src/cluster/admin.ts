import { NodeUrls } from './node-urls.ts';

/** Milliseconds for which a call is retried while nodes do not answer; every call must be safe to repeat. */
const REPEAT = 5000;

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
   * Registers a worker's address. Invocations in progress on an older deployment stay there; new ones go to the newest
   * deployment.
   */
  async register(uri: string): Promise<void> {
    await this.#call('POST', '/deployments', { uri, use_http_11: false });
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
