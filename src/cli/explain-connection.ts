const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

/** The server sent nothing for this long, or did not accept the connection in that time. */
export class TimeoutError extends Error {
  readonly seconds: number;
  readonly isConnected: boolean;

  constructor(seconds: number, isConnected: boolean) {
    super(
      isConnected ? `nothing was received for ${seconds} s` : `there was no connection within ${seconds} s`,
    );
    this.seconds = seconds;
    this.isConnected = isConnected;
  }
}

/** The message for a failed request: what happened, and what to do. `origin` is the server's URL. */
export function explainConnection(error: NodeJS.ErrnoException, origin: string): string {
  const { code = '', message } = error;
  if (UNTRUSTED.has(code))
    return `The certificate of ${origin} is not trusted (${message}). Name its authority with --ca FILE.`;
  if (code === 'CERT_HAS_EXPIRED') return `The certificate of ${origin} has expired. Renew it on the server.`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `The certificate of ${origin} is for another name (${message}). Use a name that it lists.`;
  if (origin.startsWith('https:') && (code === 'EPROTO' || code.startsWith('ERR_SSL')))
    return `${origin} does not speak HTTPS. Use ${origin.replace('https:', 'http:')}.`;
  if (origin.startsWith('http:') && (code === 'ECONNRESET' || code.startsWith('HPE_')))
    return `${origin} closed the connection without an HTTP answer. If it speaks HTTPS, use ${origin.replace('http:', 'https:')}.`;
  if (code === 'ECONNREFUSED')
    return `No server listens at ${origin}. Start one with "tripline serve", or give another address.`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `The name of ${origin} cannot be resolved. Check the address.`;
  if (error instanceof TimeoutError) return explainTimeout(error, origin);
  // An attempt at several addresses fails with one error for each.
  const all = error instanceof AggregateError ? error.errors.map(({ message }) => message).join('; ') : '';
  return `${origin} cannot be reached: ${message || all || code}`;
}

function explainTimeout({ seconds, isConnected }: TimeoutError, origin: string): string {
  return isConnected
    ? `${origin} accepted the connection and then sent nothing for ${seconds} s. Check that a Tripline server listens there; if it is only slow, wait longer with --timeout SECONDS.`
    : `${origin} did not accept a connection within ${seconds} s. Check the address and the firewalls on the way, or wait longer with --timeout SECONDS.`;
}
