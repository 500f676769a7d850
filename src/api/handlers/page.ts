import { Fault } from '../../runtime/fault.ts';

/** The paging members of a list request (reference: api 1.2). */
export interface PageRequest {
  readonly nextToken?: string;
  readonly maxResults?: number;
}

/** Separates the name of the list from the position in a token; it is in no name. */
const SEPARATOR = '\n';

/**
 * Encodes a position in a list as an opaque token, and decodes it. A token of another list is refused: its position
 * would begin a page somewhere, and leave out what is before it.
 */
export function encodeToken(list: string, position: string): string {
  return Buffer.from(`${list}${SEPARATOR}${position}`, 'utf8').toString('base64url');
}

export function decodeToken(list: string, token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  const position = text.slice(list.length + SEPARATOR.length);
  if (encodeToken(list, position) !== token) throw new Fault('InvalidRequestException', 'Invalid nextToken');
  return position;
}

/**
 * One page of the elements of a list, sorted by a text. The token contains the last text, so that it stays valid when
 * elements are created or deleted.
 */
export function pageOf<T>(
  list: string,
  sorted: readonly T[],
  textOf: (item: T) => string,
  request: PageRequest,
  pageSize: number,
): { readonly items: readonly T[]; readonly nextToken?: string } {
  // Some clients begin with an empty token.
  const after = request.nextToken ? decodeToken(list, request.nextToken) : undefined;
  const rest = after === undefined ? sorted : sorted.filter((item) => textOf(item) > after);
  const items = rest.slice(0, request.maxResults ?? pageSize);
  const last = items.at(-1);
  if (last === undefined || items.length === rest.length) return { items };
  return { items, nextToken: encodeToken(list, textOf(last)) };
}
