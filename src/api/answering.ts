import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Fault } from '../runtime/fault.ts';
import type { Log } from '../runtime/log.ts';
import { type ErrorName, ServiceError } from '../wire/errors.ts';
import { AbortedRequest } from './body.ts';

/** Answers a request; never rejects. */
export type Answer<Rest extends unknown[]> = (
  request: IncomingMessage,
  response: ServerResponse,
  ...rest: Rest
) => Promise<void>;

/** Assigns each request an id, and answers rejections of `answer` as errors of the service. */
export function answering<Rest extends unknown[]>(log: Log, answer: Answer<Rest>): Answer<Rest> {
  return async (request, response, ...rest) => {
    response.setHeader('x-amzn-RequestId', randomUUID());
    try {
      await answer(request, response, ...rest);
    } catch (error) {
      // Logged first: a failure counts even when its client has disconnected.
      const failure = asServiceError(error, request, response, log);
      if (response.headersSent || response.destroyed) return;
      if (!request.complete) abandon(request, response);
      response.setHeader('x-amzn-ErrorType', failure.code);
      sendJson(response, failure.status, { message: failure.message, ...failure.members });
    }
  };
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  });
  // A text is written together with the head; bytes are not.
  response.end(text);
}

/** The rest of the body is not read, so the connection closes after the answer. */
function abandon(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Connection', 'close');
  request.resume();
}

/** Unexpected errors are logged, and answered without details. */
function asServiceError(
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  log: Log,
): ServiceError {
  if (error instanceof ServiceError) return error;
  if (error instanceof Fault) return new ServiceError(error.code satisfies ErrorName, error.message);
  const requestId = response.getHeader('x-amzn-RequestId');
  if (error instanceof AbortedRequest) log.debug({ requestId, url: request.url }, 'request was aborted');
  else log.error({ err: error, requestId, url: request.url }, 'request failed');
  return new ServiceError('InternalFailureException', 'An internal failure occurred');
}
