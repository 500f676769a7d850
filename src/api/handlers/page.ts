import { Fault } from '../../runtime/fault.ts';

/** The paging members of a list request (reference: api 1.2). */
export interface PageRequest {
  readonly nextToken?: string;
  readonly maxResults?: number;
}

/** Encodes a position as an opaque token, and decodes it. */
export function encodeToken(position: string): string {
  return Buffer.from(position, 'utf8').toString('base64url');
}

export function decodeToken(token: string): string {
  const position = Buffer.from(token, 'base64url').toString('utf8');
  if (encodeToken(position) !== token) throw new Fault('InvalidRequestException', 'Invalid nextToken');
  return position;
}

/**
 * One page of elements sorted by a text. The token contains the last text, so that it stays valid when elements are
 * created or deleted.
 */
export function pageOf<T>(
  sorted: readonly T[],
  textOf: (item: T) => string,
  request: PageRequest,
  pageSize: number,
): { readonly items: readonly T[]; readonly nextToken?: string } {
  const after = request.nextToken === undefined ? undefined : decodeToken(request.nextToken);
  const rest = after === undefined ? sorted : sorted.filter((item) => textOf(item) > after);
  const items = rest.slice(0, request.maxResults ?? pageSize);
  const last = items.at(-1);
  if (last === undefined || items.length === rest.length) return { items };
  return { items, nextToken: encodeToken(textOf(last)) };
}
