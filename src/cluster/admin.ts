import { NodeUrls } from './node-urls.ts';

/** Milliseconds in which a call is made again while nodes do not answer: each may be made twice. */
const REPEAT = 5000;

/** Restate's admin API: health, deployments, and queries over the entries of objects. */
export class Admin {
  readonly #nodes: NodeUrls;

  /** `urls` of one node or several, as `NodeUrls` takes them. */
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
   * Registers a worker's address. What an older deployment has under way stays with it; new invocations go to the
   * newest one.
   */
  async register(uri: string): Promise<void> {
    await this.#call('POST', '/deployments', { uri, use_http_11: false });
  }

  /** The keys of the objects of a name that keep something. */
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

  /** The rows of a SQL query. */
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
