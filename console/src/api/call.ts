import { type Called, type Input, type Output, requestOf } from './operations.ts';
import { noteReach } from './reach.ts';
import { type OutgoingRequest, send } from './session.ts';
import type { AccessKey } from './sign.ts';

/** What the server answered in place of a result, or why it did not answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** The exception's name, such as `ResourceNotFoundException`; `Unreachable` when nothing answered. */
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Calls an operation of the AWS API. Rejects with ApiError. */
export async function call<O extends Called>(
  operation: O,
  input: Input<O>,
  signal?: AbortSignal,
): Promise<Output<O>> {
  return (await exchange({ ...requestOf(operation, input), signal })) as Output<O>;
}

/** A request to a route of Tripline's own, below `/_tripline/`. Rejects with ApiError. */
export async function own<T>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  query: Readonly<Record<string, string | undefined>> = {},
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value] as const],
  );
  const text = body === undefined ? undefined : JSON.stringify(body);
  return (await exchange({ method, path: `/_tripline/${path}`, query: given, body: text, signal })) as T;
}

/** A request to a path of the origin that is no operation of the table. Rejects with ApiError. */
export async function raw<T>(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  query: OutgoingRequest['query'] = [],
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return (await exchange({ method, path, query, body: text, signal })) as T;
}

/** What `own` does, signed with a key that has not signed in yet. */
export async function ownAs<T>(as: AccessKey, path: string, query: OutgoingRequest['query']): Promise<T> {
  return (await exchange({ method: 'GET', path: `/_tripline/${path}`, query, body: undefined, as })) as T;
}

async function exchange(request: OutgoingRequest): Promise<unknown> {
  const response = await attempt(request);
  const text = await response.text();
  if (response.ok) return text === '' ? {} : JSON.parse(text);
  throw errorOf(response, text);
}

/** Sends; rejects with ApiError when nothing answers. */
export async function attempt(request: OutgoingRequest): Promise<Response> {
  try {
    const response = await send(request);
    noteReach(true);
    return response;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    noteReach(false);
    throw new ApiError('Unreachable', 0, 'The server does not answer. It may be stopped or restarting.');
  }
}

export function errorOf(response: Response, text: string): ApiError {
  const code = response.headers.get('x-amzn-errortype') ?? `HTTP ${response.status}`;
  return new ApiError(code, response.status, messageIn(text) ?? `The server answered ${response.status}`);
}

function messageIn(text: string): string | undefined {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === 'string' ? message : undefined;
  } catch {
    // A proxy in between may answer with a page.
    return undefined;
  }
}

/** Whether the request was not, or not rightly, signed. */
export function isSignInError(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    [
      'MissingAuthenticationTokenException',
      'UnrecognizedClientException',
      'InvalidSignatureException',
      'IncompleteSignatureException',
    ].includes(error.code)
  );
}

/** All items of a listing, page by page. */
export async function allPages<T>(
  page: (
    nextToken: string | undefined,
  ) => Promise<{ readonly items: readonly T[]; readonly nextToken: string | undefined }>,
): Promise<T[]> {
  const all: T[] = [];
  let nextToken: string | undefined;
  do {
    const answer = await page(nextToken);
    all.push(...answer.items);
    nextToken = answer.nextToken;
  } while (nextToken !== undefined);
  return all;
}
