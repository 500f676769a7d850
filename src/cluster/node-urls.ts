import { setTimeout as wait } from 'node:timers/promises';

/** A call to Restate that failed or got no answer. */
export class IngressError extends Error {
  override readonly name = 'IngressError';
  /** The status of the answer; absent when there was none. */
  readonly status: number | undefined;
  constructor(message: string, status?: number, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

export interface NodeCall {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds for which the call is retried while nodes do not answer; 0 for a single attempt. */
  readonly repeatFor: number;
}

/** Milliseconds that a node may take to answer before the next one is tried. */
const TIMEOUT = 10_000;
/** Statuses of a node that is temporarily unable to help. */
const ELSEWHERE: ReadonlySet<number> = new Set([429, 502, 503, 504]);
/** What a node answers to a query, with status 500, while a partition moves to or from it. */
const MOVING = /partition \d+ doesn't exist on this node/;

/** What a node answers, with status 404, until it has heard that a worker was registered with another one. */
const NOT_HEARD = /service '[^']*' not found/;
/**
 * Milliseconds for which a node may not have heard: usually 40 at most, but Restate only promises that it asks for news every
 * ten seconds. After that there is no such worker.
 */
const HEARS_WITHIN = 10_000;

/**
 * The URLs of one port on each of Restate's nodes: calls go to one of them, and to the next when it does not answer.
 */
export class NodeUrls {
  readonly #urls: readonly string[];
  #current = 0;

  /** One or several URLs without paths, comma-separated. */
  constructor(urls: string) {
    this.#urls = urls.split(',').map((each) => each.trim().replace(/\/$/, ''));
  }

  /** Resolves with the body of a successful answer. Rejects with IngressError. */
  async call(call: NodeCall): Promise<string> {
    const began = Date.now();
    for (let pause = 25; ; pause = Math.min(500, pause * 2)) {
      const index = this.#current;
      try {
        return await this.#once(this.#urls[index] as string, call);
      } catch (error) {
        if (!(error instanceof IngressError)) throw error;
        const { status, message } = error;
        const hasNotHeard = status === 404 && NOT_HEARD.test(message);
        const isElsewhere =
          hasNotHeard || status === undefined || ELSEWHERE.has(status) || MOVING.test(message);
        if (isElsewhere && index === this.#current) this.#current = (index + 1) % this.#urls.length;
        const most = hasNotHeard ? Math.min(call.repeatFor, HEARS_WITHIN) : call.repeatFor;
        if (!isElsewhere || Date.now() + pause > began + most) throw error;
        await wait(pause);
      }
    }
  }

  async #once(url: string, { method, path, headers, body, repeatFor }: NodeCall): Promise<string> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(url + path, {
        method,
        headers,
        ...(body !== undefined && { body }),
        signal: AbortSignal.timeout(repeatFor === 0 ? 3 * TIMEOUT : TIMEOUT),
      });
      text = await response.text();
    } catch (cause) {
      throw new IngressError(`${url} does not answer: ${(cause as Error).message}`, undefined, { cause });
    }
    if (!response.ok)
      throw new IngressError(`${path}: ${response.status} ${text.slice(0, 300)}`, response.status);
    return text;
  }
}
