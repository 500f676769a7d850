import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Limits } from '../limits.ts';
import { Fault } from '../runtime/fault.ts';
import type { Log } from '../runtime/log.ts';
import { AbortedRequest, parseBody, readBody } from './body.ts';
import { type ErrorName, ServiceError } from './errors.ts';
import { compileReader, type RequestReader } from './reader.ts';
import { Router } from './router.ts';
import { OPERATIONS, type Operation, type OperationName } from './service/table.ts';
import type { InputOf, OutputOf } from './service/types.ts';
import { parseQuery, parseTarget } from './target.ts';
import { compileWriter, type ResponseWriter } from './writer.ts';

/** What is built of the service: an operation without a handler answers UnsupportedOperationException. */
export type Handlers = {
  readonly [O in OperationName]?: (input: InputOf<O>) => Promise<OutputOf<O>> | OutputOf<O>;
};

export interface ApiOptions {
  /** Undefined while the server is starting. */
  readonly handlers: () => Handlers | undefined;
  readonly limits: Limits;
  readonly log: Log;
}

/** Answers a request of the AWS API, whatever it says: never rejects. */
export type Api = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

interface Compiled {
  readonly read: RequestReader;
  readonly write: ResponseWriter;
}

/** The AWS wire protocol (rest-json) of both planes on one origin, driven by the table (spec: api 1). */
export function createApi({ handlers, limits, log }: ApiOptions): Api {
  const router = new Router(OPERATIONS);
  const compiled = new Map<Operation, Compiled>();
  for (const operation of OPERATIONS) {
    compiled.set(operation, { read: compileReader(operation), write: compileWriter(operation) });
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { path, query } = parseTarget(request.url ?? '/');
    const route = router.find(request.method ?? '', path);
    if (route.operation === undefined) {
      request.resume();
      return sendUnknown(response, `${request.method} ${path}`, route.allowed);
    }
    const { read, write } = compiled.get(route.operation) as Compiled;
    const body = parseBody(await readBody(request, limits.bodyBytes));
    const built = handlers();
    if (built === undefined) throw new ServiceError('ServiceUnavailableException', 'The server is starting');
    const input = read({ path: route.path, query: parseQuery(query), body });
    const handle = built[route.operation.name] as ((input: unknown) => unknown) | undefined;
    if (handle === undefined) {
      throw new ServiceError(
        'UnsupportedOperationException',
        `Operation ${route.operation.name} is not supported`,
      );
    }
    const output = await handle(input);
    send(response, route.operation.status, write(output));
  }

  return async (request, response) => {
    response.setHeader('x-amzn-RequestId', randomUUID());
    try {
      await answer(request, response);
    } catch (error) {
      // First the log: what fails while its client goes away is a failure all the same.
      const answered = asServiceError(error, request, response, log);
      if (response.headersSent || response.destroyed) return;
      if (!request.complete) abandon(request, response);
      sendError(response, answered);
    }
  };
}

/** Nobody reads the rest of this body: the connection ends with the answer. */
function abandon(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Connection', 'close');
  request.resume();
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (status === 204) {
    response.writeHead(204).end();
    return;
  }
  sendJson(response, status, body);
}

function sendError(response: ServerResponse, error: ServiceError): void {
  response.setHeader('x-amzn-ErrorType', error.code);
  sendJson(response, error.status, { message: error.message, ...error.members });
}

/** What the service's front end answers to a call it does not know. */
function sendUnknown(response: ServerResponse, call: string, allowed: readonly string[]): void {
  response.setHeader('x-amzn-ErrorType', 'UnknownOperationException');
  if (allowed.length > 0) response.setHeader('Allow', allowed.join(', '));
  const hint = allowed.length > 0 ? `; the methods of this path are ${allowed.join(', ')}` : '';
  sendJson(response, allowed.length > 0 ? 405 : 404, {
    message: `${call} is no operation of this service${hint}`,
  });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': text.length });
  response.end(text);
}

/** What was not foreseen is logged and answered without its details. */
function asServiceError(
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  log: Log,
): ServiceError {
  if (error instanceof ServiceError) return error;
  if (error instanceof Fault) {
    return new ServiceError(error.code satisfies ErrorName, error.message, { ...error.resource });
  }
  const requestId = response.getHeader('x-amzn-RequestId');
  if (error instanceof AbortedRequest) log.debug({ requestId, url: request.url }, 'request was aborted');
  else log.error({ err: error, requestId, url: request.url }, 'request failed');
  return new ServiceError('InternalFailureException', 'An internal failure occurred');
}
