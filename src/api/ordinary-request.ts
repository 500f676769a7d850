import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Limits } from '../limits.ts';
import { parseTarget, type Target } from './target.ts';

/** What the API reads of a request beside its body. */
export type RequestHead = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'headersDistinct' | 'socket'>;

/** A whole request, read from the bytes of its connection. */
export interface OrdinaryRequest {
  readonly head: OrdinaryHead;
  readonly body: Buffer;
}

const END_OF_HEAD = '\r\n\r\n';
const REQUEST_LINE = /^(GET|POST|PUT|DELETE) (\/[!$-~]*) HTTP\/1\.1$/;
const NAME = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
const VALUE = /^[ -~]*$/;
const LENGTH = /^\d{1,9}$/;
/** Headers that change how a request is framed or answered, or that Node represents in another way. */
const UNUSUAL = new Set(['transfer-encoding', 'expect', 'upgrade', 'trailer', 'set-cookie']);

/**
 * Reads a chunk that is exactly one request whose meaning nobody could doubt: HTTP/1.1 on a connection that is kept, ASCII,
 * each header once, the whole body by its length. Returns undefined for everything else, including what is not HTTP:
 * that is for Node's HTTP server (docs/decisions/025).
 *
 * @param latest the head of the request before, which clients that do not sign usually repeat
 */
export function readOrdinary(
  chunk: Buffer,
  socket: Socket,
  limits: RequestLimits,
  latest?: OrdinaryHead,
): OrdinaryRequest | undefined {
  const end = chunk.indexOf(END_OF_HEAD);
  if (end < 0 || end > limits.headerBytes) return undefined;
  const text = chunk.toString('latin1', 0, end);
  const head = text === latest?.text ? latest : readHead(text, socket);
  if (head === undefined || head.length > limits.bodyBytes) return undefined;
  const begin = end + END_OF_HEAD.length;
  return chunk.length === begin + head.length ? { head, body: chunk.subarray(begin) } : undefined;
}

export type RequestLimits = Pick<Limits, 'headerBytes' | 'bodyBytes'>;

const KEEP_ALIVE = 'keep-alive';

/** The head of an ordinary request, with the members of Node's own. */
export class OrdinaryHead implements RequestHead {
  /** All of it, without the empty line. */
  readonly text: string;
  readonly method: string;
  readonly url: string;
  readonly target: Target;
  readonly headers: IncomingHttpHeaders;
  /** Bytes of the body. */
  readonly length: number;
  readonly socket: Socket;
  #distinct: NodeJS.Dict<string[]> | undefined;

  constructor(text: string, method: string, url: string, headers: IncomingHttpHeaders, socket: Socket) {
    this.text = text;
    this.method = method;
    this.url = url;
    this.target = parseTarget(url);
    this.headers = headers;
    this.length = Number(headers['content-length'] ?? 0);
    this.socket = socket;
  }

  /** Made when asked for, which only a signature does. */
  get headersDistinct(): NodeJS.Dict<string[]> {
    this.#distinct ??= Object.fromEntries(
      Object.entries(this.headers).map(([name, value]) => [name, [String(value)]]),
    );
    return this.#distinct;
  }
}

/** Undefined when it is not ordinary. */
function readHead(text: string, socket: Socket): OrdinaryHead | undefined {
  const endOfLine = text.indexOf('\r\n');
  if (endOfLine < 0) return undefined;
  const [, method, url] = REQUEST_LINE.exec(text.slice(0, endOfLine)) ?? [];
  const headers = readHeaders(text, endOfLine + 2);
  if (method === undefined || url === undefined || headers?.host === undefined) return undefined;
  const { connection = KEEP_ALIVE, 'content-length': length = '0' } = headers;
  if (connection.toLowerCase() !== KEEP_ALIVE || !LENGTH.test(length)) return undefined;
  return new OrdinaryHead(text, method, url, headers, socket);
}

/** The headers from `at` on; undefined when one is unusual or given twice. */
function readHeaders(text: string, at: number): IncomingHttpHeaders | undefined {
  const headers: IncomingHttpHeaders = {};
  for (let begin = at; begin < text.length; ) {
    const found = text.indexOf('\r\n', begin);
    const end = found < 0 ? text.length : found;
    const colon = text.indexOf(':', begin);
    if (colon < 0 || colon > end) return undefined;
    const name = text.slice(begin, colon).toLowerCase();
    const value = text.slice(colon + 1, end);
    if (!NAME.test(name) || !VALUE.test(value) || UNUSUAL.has(name)) return undefined;
    // Given twice, or the name of something that every object has.
    if (headers[name] !== undefined) return undefined;
    headers[name] = value.trim();
    begin = end + 2;
  }
  return headers;
}
