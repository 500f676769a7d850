import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Limits } from '../limits.ts';
import type { Log } from '../runtime/log.ts';
import { compileReader, type RequestReader } from '../wire/reader.ts';
import { OPERATIONS, type Operation, type OperationName, RULE_OPERATIONS } from '../wire/service/table.ts';
import type { InputOf, OutputOf } from '../wire/service/types.ts';
import { compileWriter, type ResponseWriter } from '../wire/writer.ts';
import { answering, sendJson } from './answering.ts';
import type { Gate } from './auth/gate.ts';
import { type BodyReader, createBodyReader, parseBody } from './body.ts';
import { Router } from './router.ts';
import { parseQuery, parseTarget } from './target.ts';

/** The implementation of each operation. */
export type Handlers = {
  readonly [O in OperationName]: (input: InputOf<O>) => Promise<OutputOf<O>> | OutputOf<O>;
};

export interface ApiOptions {
  /** Throws ServiceError while there is no runtime. */
  readonly handlers: () => Handlers;
  /** Absent when everybody may call. */
  readonly gate?: Gate | undefined;
  readonly limits: Limits;
  /** Shared with other routes, to bound the bytes of all bodies; by default a reader of its own. */
  readonly readBody?: BodyReader;
  /** Called for each request that the gate has admitted. */
  readonly onAdmitted?: ((request: IncomingMessage) => void) | undefined;
  readonly log: Log;
  /** Called with the milliseconds for which parsing a large request has blocked the event loop. */
  readonly onLarge?: (milliseconds: number) => void;
}

/** Minimum bytes of a body worth measuring. */
const LARGE = 64 * 1024;

/** Answers a request of the AWS API; never rejects. */
export type Api = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

interface Compiled {
  readonly read: RequestReader;
  readonly write: ResponseWriter;
}

/**
 * The AWS wire protocol (rest-json) of both planes on one origin, driven by the operations table (reference: api 1).
 */
export function createApi({
  handlers,
  gate,
  limits,
  readBody = createBodyReader(limits),
  onAdmitted,
  log,
  onLarge,
}: ApiOptions): Api {
  const operations = [...OPERATIONS, ...RULE_OPERATIONS];
  const router = new Router(operations);
  const compiled = new Map<Operation, Compiled>();
  for (const operation of operations) {
    compiled.set(operation, { read: compileReader(operation), write: compileWriter(operation) });
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = parseTarget(request.url ?? '/');
    const { path, query } = target;
    gate?.expect({ message: request, target });
    const bytes = await readBody(request);
    const caller = gate?.admit({ message: request, target, body: bytes });
    if (caller !== undefined) onAdmitted?.(request);
    const route = router.find(request.method ?? '', path, () => serviceOf(request, query, bytes));
    if (route.operation === undefined)
      return sendUnknown(response, `${request.method} ${path}`, route.allowed);
    const { read, write } = compiled.get(route.operation) as Compiled;
    const began = performance.now();
    const body = parseBody(bytes);
    if (bytes.length >= LARGE) onLarge?.(performance.now() - began);
    const built = handlers();
    const input = read({ path: route.path, query: parseQuery(query), headers: request.headers, body });
    caller?.callOperation(route.operation.name, input);
    const handle = built[route.operation.name] as (input: unknown) => unknown;
    const output = await handle(input);
    send(response, route.operation, write(output));
  }

  return answering(log, answer);
}

/**
 * The service of a call that exists in two services: the one it is signed for, otherwise the one that owns its resource
 * (docs/topic-rules.md: The operations).
 */
function serviceOf(request: IncomingMessage, query: string, bytes: Buffer): string | undefined {
  const signed = /Credential=[^,\s]*\/([a-z]+)\/aws4_request/.exec(request.headers.authorization ?? '')?.[1];
  if (signed !== undefined) return signed;
  const { resourceArn } = (parseBody(bytes) ?? {}) as { readonly resourceArn?: unknown };
  const arn = parseQuery(query).get('resourceArn') ?? resourceArn;
  return typeof arn === 'string' ? arn.split(':')[2] : undefined;
}

function send(response: ServerResponse, { status, output, signingName }: Operation, body: unknown): void {
  if (status === 204) {
    response.writeHead(204).end();
    return;
  }
  if (output === undefined && signingName === 'iot') {
    response.writeHead(status, { 'Content-Length': '0' }).end();
    return;
  }
  sendJson(response, status, body);
}

/** Answers an unknown call like the service's front end. */
function sendUnknown(response: ServerResponse, call: string, allowed: readonly string[]): void {
  response.setHeader('x-amzn-ErrorType', 'UnknownOperationException');
  if (allowed.length > 0) response.setHeader('Allow', allowed.join(', '));
  const hint = allowed.length > 0 ? `; the methods of this path are ${allowed.join(', ')}` : '';
  sendJson(response, allowed.length > 0 ? 405 : 404, {
    message: `${call} is not an operation of this service${hint}`,
  });
}
