import { ServiceError } from '../../wire/errors.ts';

/** The parsed Authorization header. */
export interface Authorization {
  readonly accessKeyId: string;
  /** `yyyymmdd` */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  /** Hexadecimal. */
  readonly signature: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const PARTS = ['Credential', 'SignedHeaders', 'Signature'] as const;

/** Parses the header; throws the errors of AWS's front ends when it is incomplete. */
export function readAuthorization(header: string | undefined): Authorization {
  if (header === undefined || header === '')
    throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token');
  const space = header.indexOf(' ');
  if (space < 0 || header.slice(0, space) !== ALGORITHM)
    throw incomplete(
      `Unsupported AWS 'algorithm': '${header.split(' ', 1)[0]}'; this server accepts ${ALGORITHM}`,
    );
  const given = new Map<string, string>();
  for (const part of header.slice(space + 1).split(',')) {
    const equals = part.indexOf('=');
    const name = part.slice(0, equals).trim();
    if (equals < 0 || given.has(name)) throw incomplete('The Authorization header is malformed');
    given.set(name, part.slice(equals + 1).trim());
  }
  const missing = PARTS.filter((name) => !given.get(name));
  if (missing.length > 0)
    throw incomplete(missing.map((name) => `Authorization header requires '${name}' parameter.`).join(' '));
  return { ...readScope(given.get('Credential') ?? ''), ...readSignature(given) };
}

function readScope(credential: string) {
  // An access key id may contain slashes, the scope may not.
  const parts = credential.split('/');
  const [date = '', region = '', service = '', end] = parts.slice(-4);
  const accessKeyId = parts.slice(0, -4).join('/');
  if (parts.length < 5 || accessKeyId === '' || end !== 'aws4_request' || !/^\d{8}$/.test(date))
    throw incomplete(
      'Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/aws4_request',
    );
  return { accessKeyId, date, region, service };
}

function readSignature(given: ReadonlyMap<string, string>) {
  const signedHeaders = (given.get('SignedHeaders') ?? '').split(';');
  const isSorted = signedHeaders.every(
    (name, index) => index === 0 || name > (signedHeaders[index - 1] ?? ''),
  );
  if (!isSorted || signedHeaders.some((name) => !/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name)))
    throw incomplete('SignedHeaders must be lower-case header names, sorted and without duplicates');
  return { signedHeaders, signature: given.get('Signature') ?? '' };
}

function incomplete(message: string): ServiceError {
  return new ServiceError('IncompleteSignatureException', message);
}
