import { expect, test } from 'vitest';
import { classifyError, SendError } from './classify-error.ts';

/** An error as the AWS SDK throws it. */
function sdkError(name: string, httpStatusCode?: number, $fault?: 'client' | 'server'): Error {
  return Object.assign(new Error(name), { name, $fault, $metadata: { httpStatusCode } });
}

test.each([
  [sdkError('ThrottlingException', 400, 'client'), 'RETRYABLE'],
  [sdkError('ProvisionedThroughputExceededException', 400, 'client'), 'RETRYABLE'],
  [sdkError('TooManyRequestsException', 429, 'client'), 'RETRYABLE'],
  [sdkError('AnythingElse', 429, 'client'), 'RETRYABLE'],
  [sdkError('RequestThrottled', 400, 'client'), 'RETRYABLE'],
  [sdkError('KMSThrottlingException', 400, 'client'), 'RETRYABLE'],
  [sdkError('KmsThrottled', 400, 'client'), 'RETRYABLE'],
  [sdkError('TransactionConflictException', 400, 'client'), 'RETRYABLE'],
  [sdkError('ResourceConflictException', 409, 'client'), 'RETRYABLE'],
  [Object.assign(sdkError('Modelled', 400, 'client'), { $retryable: {} }), 'RETRYABLE'],
  [
    Object.assign(new Error('Signature expired'), {
      name: 'InvalidSignatureException',
      $metadata: { httpStatusCode: 400, clockSkewCorrected: true },
    }),
    'RETRYABLE',
  ],
  [sdkError('AnythingElse', 408, 'client'), 'RETRYABLE'],
  [sdkError('InternalFailure', 500, 'server'), 'RETRYABLE'],
  [sdkError('ServiceUnavailable', 503, 'server'), 'RETRYABLE'],
  [sdkError('ServerSide', undefined, 'server'), 'RETRYABLE'],
  [sdkError('ExpiredTokenException', 403, 'client'), 'RETRYABLE'],
  [sdkError('CredentialsProviderError'), 'RETRYABLE'],
  [sdkError('TimeoutError'), 'RETRYABLE'],
  [Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'RETRYABLE'],
  [Object.assign(new Error('socket'), { code: 'ECONNRESET' }), 'RETRYABLE'],
  [Object.assign(new Error('no such host'), { code: 'ENOTFOUND' }), 'RETRYABLE'],
  [Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' }), 'RETRYABLE'],
  [new SendError('RETRYABLE', 'not connected'), 'RETRYABLE'],
  [sdkError('AccessDeniedException', 403, 'client'), 'TERMINAL'],
  [sdkError('InvalidSignatureException', 400, 'client'), 'TERMINAL'],
  [sdkError('ConditionalCheckFailedException', 400, 'client'), 'TERMINAL'],
  [sdkError('InvalidRequestContentException', 400, 'client'), 'TERMINAL'],
  [Object.assign(new TypeError('bad argument'), { code: 'ERR_INVALID_ARG_TYPE' }), 'RETRYABLE'],
  [Object.assign(new Error('lost'), { code: 'MODULE_NOT_FOUND' }), 'RETRYABLE'],
  [sdkError('AuthorizationErrorException', 403, 'client'), 'TERMINAL'],
  [sdkError('NotFoundException', 404, 'client'), 'TERMINAL'],
  [sdkError('ResourceNotFoundException', 400, 'client'), 'TERMINAL'],
  [sdkError('ValidationException', 400, 'client'), 'TERMINAL'],
  [sdkError('InvalidParameterValue', undefined, 'client'), 'RETRYABLE'],
  [sdkError('UnknownError', 400, 'client'), 'RETRYABLE'],
  [sdkError('Moved', 302, 'client'), 'RETRYABLE'],
  [sdkError('ProxyAuthenticationRequired', 407, 'client'), 'RETRYABLE'],
  [new TypeError('a fault of our own'), 'RETRYABLE'],
  [new SendError('TERMINAL', 'refused'), 'TERMINAL'],
  ['no error at all', 'RETRYABLE'],
])('%s is %s', (error, failure) => {
  expect(classifyError(error)).toBe(failure);
});
