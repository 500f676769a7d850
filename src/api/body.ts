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

/** A body being read. */
interface Reading {
  /** Bytes received so far. */
  size: number;
  giveUp(): void;
}

/**
 * Returns a reader that bounds the total bytes of all bodies being read: beyond that, the oldest one is abandoned,
 * since a very slow body is the most likely attack.
 *
 * The reader resolves with the whole body; it rejects with InvalidRequestException beyond the limit in bytes, and with
 * AbortedRequest.
 *
 * A body that is moderately too long is read to its end: a client that is cut off while sending sees a connection reset
 * instead of the answer.
 */
export function createBodyReader({ bodyBytes: limit, bodiesBytes }: BodyLimits): BodyReader {
  const readings = new Set<Reading>();
  let held = 0;
  const release = (reading: Reading) => {
    if (readings.delete(reading)) held -= reading.size;
  };
  const hold = (reading: Reading, bytes: number) => {
    if (!readings.has(reading)) return;
    reading.size += bytes;
    held += bytes;
    for (const oldest of readings) {
      if (held <= bodiesBytes) return;
      release(oldest);
      oldest.giveUp();
    }
  };
  return async (request) => {
    const reading: Reading = { size: 0, giveUp: () => {} };
    readings.add(reading);
    try {
      return await read(request, limit, reading, (bytes) => hold(reading, bytes));
    } finally {
      release(reading);
    }
  };
}

type BodyLimits = Pick<Limits, 'bodyBytes' | 'bodiesBytes'>;

function read(
  request: IncomingMessage,
  limit: number,
  reading: Reading,
  hold: (bytes: number) => void,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const tooLarge = () => reject(invalid(`The request body is larger than the limit of ${limit} bytes`));
    if (Number(request.headers['content-length'] ?? 0) > limit * MOST_DISCARDED) return tooLarge();
    let chunks: Buffer[] = [];
    let size = 0;
    let isGivenUp = false;
    reading.giveUp = () => {
      isGivenUp = true;
      chunks = [];
      reject(new ServiceError('ServiceUnavailableException', TOO_MANY));
    };
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit || isGivenUp) chunks = [];
      else {
        chunks.push(chunk);
        hold(chunk.length);
      }
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
