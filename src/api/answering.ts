import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Fault } from '../runtime/fault.ts';
import type { Log } from '../runtime/log.ts';
import { type ErrorName, ServiceError } from '../wire/errors.ts';
import { AbortedRequest } from './body.ts';
import type { RequestHead } from './ordinary-request.ts';

export const REQUEST_ID = 'x-amzn-RequestId';

/** An answer that is there as a whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly text?: string;
}

/** Answers a request, with its id as header `REQUEST_ID`. May reject. */
type Answerer = (request: IncomingMessage, response: ServerResponse, requestId: string) => Promise<void>;

/**
 * Assigns each request an id, and answers rejections of `answer` as errors of the service; the returned function never
 * rejects.
 */
export function answering(
  log: Log,
  answer: Answerer,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const requestId = randomUUID();
    try {
      await answer(request, response, requestId);
    } catch (error) {
      // Logged first: a failure counts even when its client has disconnected.
      const failure = failureAnswer(error, request, requestId, log);
      if (response.headersSent || response.destroyed) return;
      if (!request.complete) abandon(request, response);
      sendAnswer(response, failure);
    }
  };
}

/** The error of the service for what has failed; logged unless it is the caller's fault. */
export function failureAnswer(error: unknown, request: RequestHead, requestId: string, log: Log): Answer {
  const { status, code, message, members } = asServiceError(error, request, requestId, log);
  return jsonAnswer(status, { message, ...members }, { [REQUEST_ID]: requestId, 'x-amzn-ErrorType': code });
}

/**
 * `headers` are sent in addition to those of the body, which are added to them: cheaper than setting them one by one
 * before, and Node 20 allocates a copy by spread in the old generation.
 */
export function jsonAnswer(
  status: number,
  body: unknown,
  headers: Record<string, string | number> = {},
): Answer {
  const text = JSON.stringify(body);
  headers['Content-Type'] = 'application/json';
  headers['Content-Length'] = Buffer.byteLength(text);
  return { status, headers, text };
}

export function sendAnswer(response: ServerResponse, { status, headers, text }: Answer): void {
  response.writeHead(status, headers);
  // A text is written together with the head; bytes are not.
  response.end(text);
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  sendAnswer(response, jsonAnswer(status, body));
}

/** The rest of the body is not read, so the connection closes after the answer. */
function abandon(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Connection', 'close');
  request.resume();
}

/** Unexpected errors are logged, and answered without details. */
function asServiceError(error: unknown, request: RequestHead, requestId: string, log: Log): ServiceError {
  if (error instanceof ServiceError) return error;
  if (error instanceof Fault) return new ServiceError(error.code satisfies ErrorName, error.message);
  if (error instanceof AbortedRequest) log.debug({ requestId, url: request.url }, 'request was aborted');
  else log.error({ err: error, requestId, url: request.url }, 'request failed');
  return new ServiceError('InternalFailureException', 'An internal failure occurred');
}
