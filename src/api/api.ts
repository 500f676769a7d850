import { compileReader, type RequestReader } from '../wire/reader.ts';
import { OPERATIONS, type Operation, type OperationName, RULE_OPERATIONS } from '../wire/service/table.ts';
import type { InputOf, OutputOf } from '../wire/service/types.ts';
import { compileWriter, type ResponseWriter } from '../wire/writer.ts';
import { type Answer, jsonAnswer, REQUEST_ID } from './answering.ts';
import type { Gate } from './auth/gate.ts';
import { parseBody } from './body.ts';
import type { RequestHead } from './ordinary-request.ts';
import { Router } from './router.ts';
import { parseQuery, type Target } from './target.ts';

/** The implementation of each operation. */
export type Handlers = {
  readonly [O in OperationName]: (input: InputOf<O>) => Promise<OutputOf<O>> | OutputOf<O>;
};

export interface ApiOptions {
  /** Throws ServiceError while there is no runtime. */
  readonly handlers: () => Handlers;
  /** Absent when everybody may call. */
  readonly gate?: Gate | undefined;
  /** Called for each request that the gate has admitted. */
  readonly onAdmitted?: ((request: RequestHead) => void) | undefined;
  /** Called with the milliseconds for which parsing a large request has blocked the event loop. */
  readonly onLarge?: (milliseconds: number) => void;
}

/** Minimum bytes of a body worth measuring. */
const LARGE = 64 * 1024;

export interface Api {
  /** Whether a call is certainly an operation: false for those with members in their path. */
  owns(method: string, path: string): boolean;
  /**
   * Answers a request of the AWS API; `body` is called once its head is found admissible. Rejects with ServiceError,
   * Fault, or what `body` rejects with.
   */
  answer(
    request: RequestHead,
    target: Target,
    requestId: string,
    body: () => Buffer | Promise<Buffer>,
  ): Promise<Answer>;
}

/** A call of an operation that may be executed. */
interface Call {
  readonly operation: Operation;
  readonly input: unknown;
  readonly handle: (input: unknown) => unknown;
  readonly write: ResponseWriter;
}

interface Compiled {
  readonly read: RequestReader;
  readonly write: ResponseWriter;
}

/**
 * The AWS wire protocol (rest-json) of both planes on one origin, driven by the operations table (reference: api 1).
 */
export function createApi({ handlers, gate, onAdmitted, onLarge = () => {} }: ApiOptions): Api {
  const operations = [...OPERATIONS, ...RULE_OPERATIONS];
  const router = new Router(operations);
  const compiled = new Map<Operation, Compiled>();
  for (const operation of operations) {
    compiled.set(operation, { read: compileReader(operation), write: compileWriter(operation) });
  }

  const parse = (bytes: Buffer): unknown => {
    if (bytes.length < LARGE) return parseBody(bytes);
    const began = performance.now();
    try {
      return parseBody(bytes);
    } finally {
      onLarge(performance.now() - began);
    }
  };

  /** Everything up to the handler: the operation and its input, or the methods of a path that has another. */
  const admit = (request: RequestHead, target: Target, bytes: Buffer): Call | readonly string[] => {
    const { path, query } = target;
    const caller = gate?.admit({ message: request, target, body: bytes });
    if (caller !== undefined) onAdmitted?.(request);
    const route = router.find(request.method ?? '', path, () => serviceOf(request, query, bytes));
    const { operation } = route;
    if (operation === undefined) return route.allowed;
    const { read, write } = compiled.get(operation) as Compiled;
    const body = parse(bytes);
    const built = handlers();
    const input = read({ path: route.path, query: parseQuery(query), headers: request.headers, body });
    caller?.callOperation(operation.name, input);
    return { operation, handle: built[operation.name] as Call['handle'], input, write };
  };

  // What is local to an asynchronous function is kept on the heap while it waits, so there is little of it here.
  const answer: Api['answer'] = async (request, target, requestId, body) => {
    gate?.expect({ message: request, target });
    const call = admit(request, target, await body());
    return 'operation' in call
      ? answerOf(call, requestId, await call.handle(call.input))
      : unknown(`${request.method} ${target.path}`, requestId, call);
  };

  return { owns: (method, path) => router.owns(method, path), answer };
}

/**
 * The service of a call that exists in two services: the one it is signed for, otherwise the one that owns its resource
 * (docs/topic-rules.md: The operations).
 */
function serviceOf(request: RequestHead, query: string, bytes: Buffer): string | undefined {
  const signed = /Credential=[^,\s]*\/([a-z]+)\/aws4_request/.exec(request.headers.authorization ?? '')?.[1];
  if (signed !== undefined) return signed;
  const { resourceArn } = (parseBody(bytes) ?? {}) as { readonly resourceArn?: unknown };
  const arn = parseQuery(query).get('resourceArn') ?? resourceArn;
  return typeof arn === 'string' ? arn.split(':')[2] : undefined;
}

function answerOf(
  { operation: { status, output, signingName }, write }: Call,
  requestId: string,
  result: unknown,
): Answer {
  const headers: Record<string, string> = { [REQUEST_ID]: requestId };
  if (status === 204) return { status, headers };
  if (output === undefined && signingName === 'iot')
    return { status, headers: { ...headers, 'Content-Length': '0' } };
  return jsonAnswer(status, write(result), headers);
}

/** The answer to an unknown call, like that of the service's front end. */
function unknown(call: string, requestId: string, allowed: readonly string[]): Answer {
  const headers = { [REQUEST_ID]: requestId, 'x-amzn-ErrorType': 'UnknownOperationException' };
  const message = `${call} is not an operation of this service`;
  if (allowed.length === 0) return jsonAnswer(404, { message }, headers);
  const methods = allowed.join(', ');
  return jsonAnswer(
    405,
    { message: `${message}; the methods of this path are ${methods}` },
    { ...headers, Allow: methods },
  );
}
