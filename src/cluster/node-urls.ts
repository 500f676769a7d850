import { setTimeout as wait } from 'node:timers/promises';

/** A call of Restate that has no answer, or a failure. */
export class IngressError extends Error {
  override readonly name = 'IngressError';
  /** Of the answer; absent when there was none. */
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
  /** Milliseconds in which the call is made again while nodes do not answer; 0: it is made once. */
  readonly repeatFor: number;
}

/** Milliseconds that a node may take to answer, before another one is asked. */
const TIMEOUT = 10_000;
/** What a node says that cannot help just now. */
const ELSEWHERE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** The addresses of one port of Restate's nodes: calls go to one of them, and to the next when it does not answer. */
export class NodeUrls {
  readonly #urls: readonly string[];
  #current = 0;

  /** One or several URLs without paths, with commas between them. */
  constructor(urls: string) {
    this.#urls = urls.split(',').map((each) => each.trim().replace(/\/$/, ''));
  }

  /** Resolves with the text of an answer of success. Rejects with IngressError. */
  async call(call: NodeCall): Promise<string> {
    const until = Date.now() + call.repeatFor;
    for (let pause = 25; ; pause = Math.min(500, pause * 2)) {
      const index = this.#current;
      try {
        return await this.#once(this.#urls[index] as string, call);
      } catch (error) {
        if (!(error instanceof IngressError)) throw error;
        const isElsewhere = error.status === undefined || ELSEWHERE.has(error.status);
        if (isElsewhere && index === this.#current) this.#current = (index + 1) % this.#urls.length;
        if (!isElsewhere || Date.now() + pause > until) throw error;
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
