import { isIP } from 'node:net';
import { ServiceError } from '../wire/errors.ts';

/** The headers by which a browser reports the origin of a request. */
export interface Provenance {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly 'sec-fetch-site'?: string | string[] | undefined;
  readonly 'sec-fetch-mode'?: string | string[] | undefined;
  readonly 'sec-fetch-dest'?: string | string[] | undefined;
}

/**
 * Refuses requests that a web page of another site makes a browser send: such a page may use its own host name that
 * resolves to this server, or simply post here. Throws AccessDeniedException.
 *
 * An address, a name without a dot and `*.localhost` cannot belong to another site; other names must be allowed.
 *
 * @param isPage whether the browser may come here by a link on another site, in its own tab
 */
export function refuseForeign(headers: Provenance, allowedHosts: readonly string[], isPage = false): void {
  // Without a rest: copying the headers takes longer than everything else here.
  const { host, origin } = headers;
  const name = hostName(host ?? '');
  if (host !== undefined && !isOwn(name) && !allowedHosts.includes(name)) {
    throw denied(`The host ${name} is not allowed; add it to allowedHosts if it is this server's`);
  }
  if (isPage && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document') return;
  const isForeign = origin !== undefined && hostOf(origin) !== host?.toLowerCase();
  const site = headers['sec-fetch-site'];
  if (isForeign || site === 'cross-site' || site === 'same-site')
    throw denied(
      `Requests from pages of another origin${origin === undefined ? '' : `, ${origin},`} are not accepted`,
    );
}

function isOwn(name: string): boolean {
  return isIP(name) !== 0 || !name.includes('.') || name.endsWith('.localhost');
}

/** Without port and brackets, in lower case. */
function hostName(host: string): string {
  // What nearly every request has.
  if (host === latest.host) return latest.name;
  const name = readHostName(host);
  latest = { host, name };
  return name;
}

let latest = { host: '', name: '' };

function readHostName(host: string): string {
  const lower = host.toLowerCase();
  const bracketed = /^\[(.*)\](:\d+)?$/.exec(lower);
  return bracketed?.[1] ?? lower.replace(/:\d+$/, '').replace(/\.$/, '');
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function denied(message: string): ServiceError {
  return new ServiceError('AccessDeniedException', message);
}
