import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { invalid, ServiceError } from '../../wire/errors.ts';
import { parseQuery, type Target } from '../target.ts';
import { type Authorization, readAuthorization } from './authorization.ts';
import { canonicalRequest, sha256 } from './canonical-request.ts';
import { hmac, type SigningKeys } from './signing-key.ts';

/** A request with everything that its signature covers. */
export interface SignedRequest {
  readonly message: Pick<IncomingMessage, 'method' | 'headersDistinct'>;
  readonly target: Target;
  readonly body: Buffer;
}

export interface VerifyOptions {
  /** The secret of an access key; undefined for an unknown key. */
  readonly secretOf: (accessKeyId: string) => string | undefined;
  readonly region: string;
  readonly keys: SigningKeys;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Both planes share one origin, and older clients sign data requests for the control plane (reference: api 1). */
const SERVICES = ['iotevents', 'ioteventsdata', 'iot', 'iotdata'];
/** Minutes that a client's clock may be off. */
const SKEW = 5;
/** Headers that would be ambiguous if repeated. */
const SINGLE = [
  'authorization',
  'host',
  'x-amz-date',
  'date',
  'x-amz-content-sha256',
  'content-length',
  'content-type',
];
/** Must be signed in every request; without it the signature would not be bound to this server. */
const ALWAYS_SIGNED = ['host'];

/**
 * Verifies a request's AWS Signature Version 4 like AWS's front ends, and returns the access key id that signed it.
 * Throws ServiceError with AWS's codes and messages.
 */
export function verifySignature(request: SignedRequest, options: VerifyOptions): string {
  const { headersDistinct: headers, method = '' } = request.message;
  const { authorization, time } = checkHead(request, options);
  const bodyHash = sha256(request.body);
  const declared = headers['x-amz-content-sha256']?.[0];
  if (declared !== undefined && declared.toLowerCase() !== bodyHash)
    throw mismatch(
      'The x-amz-content-sha256 header is not the hash of the body; unsigned and streamed bodies are not accepted.',
    );
  const secret = options.secretOf(authorization.accessKeyId);
  const { date, region, service, signedHeaders, signature } = authorization;
  const canonical = canonicalRequest({
    ...{ method, path: request.target.path, query: parseQuery(request.target.query) },
    ...{ headers, signedHeaders, bodyHash },
  });
  const scope = `${date}/${region}/${service}/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`;
  // An unknown key takes as long as a wrong secret.
  const key = options.keys.get(secret ?? '', date, region, service);
  const isRight = equal(hmac(key, text).toString('hex'), signature);
  if (secret === undefined) throw unknownKey();
  if (!isRight)
    throw mismatch(
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access ' +
        'Key and signing method. Consult the service documentation for details.',
    );
  return authorization.accessKeyId;
}

type Headers = NodeJS.Dict<string[]>;

/**
 * The checks that need no body: the signature is well-formed, for this server, current, and by a known key. Throws
 * ServiceError.
 */
export function expectSignature(request: Omit<SignedRequest, 'body'>, options: VerifyOptions): void {
  const { authorization } = checkHead(request, options);
  if (options.secretOf(authorization.accessKeyId) === undefined) throw unknownKey();
}

function checkHead(
  { message: { headersDistinct: headers }, target }: Omit<SignedRequest, 'body'>,
  { now, region }: VerifyOptions,
): { readonly authorization: Authorization; readonly time: string } {
  refuseTricks(target, headers);
  const authorization = readAuthorization(headers.authorization?.[0]);
  const time = readTime(headers, authorization, now);
  checkScope(authorization, region);
  checkSignedHeaders(authorization, headers);
  return { authorization, time };
}

function unknownKey(): ServiceError {
  const message = 'The security token included in the request is invalid.';
  return new ServiceError('UnrecognizedClientException', message);
}

/** Refuses requests that could be signed in one meaning and read in another. */
function refuseTricks({ path, query }: Target, headers: Headers): void {
  if (/\/\/|\/(\.|%2e){1,2}(\/|$)/i.test(path)) throw invalid('The path is not normalised');
  for (const name of SINGLE) {
    if ((headers[name]?.length ?? 0) > 1) throw invalid(`The header ${name} may be given only once`);
  }
  const members = parseQuery(query);
  if (members.has('X-Amz-Signature') || members.has('X-Amz-Algorithm'))
    throw new ServiceError(
      'IncompleteSignatureException',
      'Signatures in the query are not accepted; use the Authorization header',
    );
  if (headers['x-amz-security-token'] !== undefined)
    throw new ServiceError(
      'UnrecognizedClientException',
      'The security token included in the request is invalid. This server knows long-term access keys only.',
    );
}

/** The time of signing, in the form of its header. */
function readTime(headers: Headers, { date }: Authorization, now: number): string {
  const given = headers['x-amz-date']?.[0] ?? basicTime(headers.date?.[0]);
  const parts = given === undefined ? null : /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(given);
  if (given === undefined || parts === null)
    throw new ServiceError(
      'IncompleteSignatureException',
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    );
  if (given.slice(0, 8) !== date)
    throw mismatch(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${given.slice(0, 8)}'.`,
    );
  const [, year, month, day, hour, minute, second] = parts.map(Number);
  const time = Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, second);
  const bound = (minutes: number) =>
    `${basicTime(new Date(now + minutes * 60_000))} (${basicTime(new Date(now))} ${minutes < 0 ? '-' : '+'} ${SKEW} min.)`;
  // An invalid time is NaN and fails both comparisons.
  if (!(time >= now - SKEW * 60_000))
    throw mismatch(`Signature expired: ${given} is now earlier than ${bound(-SKEW)}`);
  if (time > now + SKEW * 60_000)
    throw mismatch(`Signature not yet current: ${given} is still later than ${bound(SKEW)}`);
  return given;
}

/** In the form `yyyymmddThhmmssZ`; undefined for an invalid time. */
function basicTime(given: string | Date | undefined): string | undefined {
  const time = new Date(given ?? Number.NaN);
  if (Number.isNaN(time.getTime())) return undefined;
  return time.toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
}

function checkScope({ region, service }: Authorization, own: string): void {
  if (region !== own)
    throw mismatch(
      `Credential should be scoped to a valid region, not '${region}'; this server is in '${own}'.`,
    );
  if (!SERVICES.includes(service))
    throw mismatch(
      `Credential should be scoped to correct service: '${SERVICES.join("' or '")}', not '${service}'.`,
    );
}

/** Every AWS header must be signed, since an unsigned one could have been added by anybody. */
function checkSignedHeaders({ signedHeaders }: Authorization, headers: Headers): void {
  const needed = [...ALWAYS_SIGNED, ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))];
  for (const name of needed) {
    if (!signedHeaders.includes(name))
      throw mismatch(`'${name}' must be a 'SignedHeader' in the AWS Authorization.`);
  }
  for (const name of signedHeaders) {
    if (headers[name] === undefined) throw mismatch(`The signed header '${name}' is not in the request.`);
  }
}

function equal(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function mismatch(message: string): ServiceError {
  return new ServiceError('InvalidSignatureException', message);
}
