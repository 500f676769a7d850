import { SendError } from '../../src/send/index.ts';

/** Failures of a target. All of them are transient. */
export const ANSWERS: readonly ((fate: string) => Error)[] = [
  (fate) => new SendError('RETRYABLE', fate),
  // Throttling by the service.
  () => sdkError('ThrottlingException', 400, 'client'),
  () => sdkError('InternalFailure', 500, 'server'),
  () => sdkError('ExpiredTokenException', 403, 'client'),
  // A proxy that requires authentication, and one that answers with a page.
  () => sdkError('UnknownError', 407, 'client'),
  () => sdkError('Unknown', 404, 'client'),
  () => new SyntaxError('Unexpected token < in JSON'),
  // No answer, a partial one, and one that never ends.
  () => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
  () => new Error('aborted'),
  () => Object.assign(new Error('The operation was aborted'), { name: 'AbortError' }),
  () => Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
];

function sdkError(name: string, httpStatusCode: number, $fault: 'client' | 'server'): Error {
  return Object.assign(new Error(name), { name, $fault, $metadata: { httpStatusCode } });
}
