import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Limits } from '../limits.ts';
import { invalid, ServiceError } from '../wire/errors.ts';

/** Multiple of the limit that is still read and discarded before the connection is closed. */
const MOST_DISCARDED = 8;

const TOO_MANY = 'Too many request bodies are being sent at once; send it again';

/** The client disconnected before its request was complete, so there is nobody to answer. */
export class AbortedRequest extends Error {
  override readonly name = 'AbortedRequest';
}

/** Reads a request's whole body; see `createBodyReader` for rejections. */
export type BodyReader = (request: IncomingMessage) => Promise<Buffer>;

/**
 * Returns a reader that bounds the total bytes of all bodies being sent: beyond that, the oldest one is abandoned,
 * since a very slow body is the most likely attack.
 *
 * The reader resolves with the whole body; it rejects with InvalidRequestException beyond the limit in bytes, and with
 * AbortedRequest.
 *
 * A body that is moderately too long is read to its end: a client that is cut off while sending sees a connection reset
 * instead of the answer.
 */
export function createBodyReader({ bodyBytes, bodiesBytes }: BodyLimits): BodyReader {
  const budget = new Budget(bodiesBytes);
  return (request) =>
    new Promise((resolve, reject) => {
      const announced = request.headers['content-length'];
      const length = announced === undefined ? undefined : Number(announced);
      const body = new Body(bodyBytes, length, budget, resolve, reject);
      if (length !== undefined && length > bodyBytes * MOST_DISCARDED) {
        body.refuse();
        return;
      }
      request.on('data', (chunk: Buffer) => body.take(chunk));
      request.on('error', (cause) => body.fail(new AbortedRequest('The request was aborted', { cause })));
      request.on('end', () => body.end());
    });
}

type BodyLimits = Pick<Limits, 'bodyBytes' | 'bodiesBytes'>;

/** A body being read. */
class Body {
  readonly #limit: number;
  readonly #length: number | undefined;
  readonly #budget: Budget;
  readonly #resolve: (body: Buffer) => void;
  readonly #reject: (error: Error) => void;
  #chunks: Buffer[] = [];
  #size = 0;
  #isGivenUp = false;
  /** Bytes that count towards the budget. */
  held = 0;

  /** `length` is in bytes, as announced; undefined when it is not. */
  constructor(
    limit: number,
    length: number | undefined,
    budget: Budget,
    resolve: (body: Buffer) => void,
    reject: (error: Error) => void,
  ) {
    this.#limit = limit;
    this.#length = length;
    this.#budget = budget;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  take(chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > this.#limit || this.#isGivenUp) this.#chunks = [];
    else {
      this.#chunks.push(chunk);
      // What is complete is on its way to the handler, not waiting for its client.
      if (this.#length === undefined || this.#size < this.#length) this.#budget.hold(this, chunk.length);
    }
    if (this.#size > this.#limit * MOST_DISCARDED) this.refuse();
  }

  end(): void {
    if (this.#size > this.#limit) {
      this.refuse();
      return;
    }
    this.#budget.release(this);
    const chunks = this.#chunks;
    this.#resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
  }

  refuse(): void {
    this.fail(invalid(`The request body is larger than the limit of ${this.#limit} bytes`));
  }

  giveUp(): void {
    this.#isGivenUp = true;
    this.#chunks = [];
    this.fail(new ServiceError('ServiceUnavailableException', TOO_MANY));
  }

  fail(error: Error): void {
    this.#budget.release(this);
    this.#reject(error);
  }
}

/** The bytes of all bodies being sent. */
class Budget {
  readonly #limit: number;
  /** Oldest first. */
  readonly #bodies = new Set<Body>();
  #held = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  hold(body: Body, bytes: number): void {
    this.#bodies.add(body);
    body.held += bytes;
    this.#held += bytes;
    for (const oldest of this.#bodies) {
      if (this.#held <= this.#limit) return;
      oldest.giveUp();
    }
  }

  release(body: Body): void {
    if (body.held === 0) return;
    this.#bodies.delete(body);
    this.#held -= body.held;
    body.held = 0;
  }
}

/** Parses a JSON body; undefined when there is none. */
export function parseBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw invalid('The request body is not valid UTF-8');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw invalid(`The request body is not valid JSON: ${error instanceof Error ? error.message : error}`);
  }
}
