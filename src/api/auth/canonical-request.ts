import { createHash } from 'node:crypto';

/** The parts of a request that its signature covers. */
export interface SignedParts {
  readonly method: string;
  /** As received, percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** All values of each header, by lower-case name. */
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>;
  /** Lower-case names, sorted. */
  readonly signedHeaders: readonly string[];
  /** SHA-256 of the body, hexadecimal. */
  readonly bodyHash: string;
}

/** The canonical request of AWS Signature Version 4. */
export function canonicalRequest(parts: SignedParts): string {
  const { method, path, query, headers, signedHeaders, bodyHash } = parts;
  const lines = signedHeaders.map((name) => `${name}:${headerValue(headers[name] ?? [])}\n`);
  return [
    method,
    canonicalPath(path),
    canonicalQuery(query),
    lines.join(''),
    signedHeaders.join(';'),
    bodyHash,
  ].join('\n');
}

export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Dot segments resolved, repeated slashes merged, and the received text encoded once more. */
function canonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  const slash = segments.length > 0 && path.endsWith('/') ? '/' : '';
  return encode(`/${segments.join('/')}${slash}`).replaceAll('%2F', '/');
}

function canonicalQuery(query: URLSearchParams): string {
  const pairs = [...query].map(([name, value]) => [encode(name), encode(value)] as const);
  pairs.sort(([a, x], [b, y]) => compare(a, b) || compare(x, y));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

function headerValue(values: readonly string[]): string {
  return values.map((value) => value.trim().replaceAll(/\s+/g, ' ')).join(',');
}

/** Percent-encodes everything except letters, digits and `-._~`. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** By bytes, since the texts are ASCII. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
