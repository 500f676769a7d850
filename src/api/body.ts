import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { invalid } from '../wire/errors.ts';

/** Times the limit that are still read, and thrown away, before the connection is given up. */
const MOST_DISCARDED = 8;

/** The client went away before its request was whole: nobody is there to be answered. */
export class AbortedRequest extends Error {
  override readonly name = 'AbortedRequest';
}

/**
 * Reads a request's body whole; rejects with InvalidRequestException beyond the limit, in bytes, and with
 * AbortedRequest.
 *
 * A body that is somewhat too long is read to its end: a client that is cut off while it sends sees a reset
 * connection in place of the answer.
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const tooLarge = () => reject(invalid(`The request body is larger than the limit of ${limit} bytes`));
    if (Number(request.headers['content-length'] ?? 0) > limit * MOST_DISCARDED) return tooLarge();
    let chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else chunks = [];
      if (size > limit * MOST_DISCARDED) tooLarge();
    });
    request.on('error', (cause) => reject(new AbortedRequest('The request was aborted', { cause })));
    request.on('end', () => {
      if (size > limit) tooLarge();
      else resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
  });
}

/** The body as JSON; undefined when there is none. */
export function parseBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw invalid('The request body is not valid UTF-8');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw invalid(`The request body is not valid JSON: ${error instanceof Error ? error.message : error}`);
  }
}
