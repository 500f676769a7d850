/** Whether sending again may help. */
export type Failure = 'RETRYABLE' | 'TERMINAL';

/** A failure that this process finds itself; `failure` says which kind. */
export class SendError extends Error {
  override readonly name = 'SendError';
  readonly failure: Failure;
  constructor(failure: Failure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

const THROTTLING = [
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'LimitExceededException',
  'OverLimit',
  'ProvisionedThroughputExceededException',
  'PriorRequestNotComplete',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'RequestTimeout',
  'RequestTimeoutException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'TransactionInProgressException',
];

const CREDENTIALS = ['CredentialsProviderError', 'ExpiredToken', 'ExpiredTokenException', 'RequestExpired'];

/**
 * Tells failures that pass from those that stay. What the service refuses for the request itself (4xx) stays;
 * throttling, the service's own faults (5xx), time-outs, lost connections and credentials that may be renewed pass.
 */
export function classifyError(error: unknown): Failure {
  if (error instanceof SendError) return error.failure;
  if (!(error instanceof Error)) return 'TERMINAL';
  const { $metadata, $fault } = error as {
    $metadata?: { httpStatusCode?: number };
    $fault?: 'client' | 'server';
  };
  if (THROTTLING.includes(error.name) || CREDENTIALS.includes(error.name)) return 'RETRYABLE';
  const status = $metadata?.httpStatusCode;
  if (status !== undefined) return status === 429 || status >= 500 ? 'RETRYABLE' : 'TERMINAL';
  if ($fault !== undefined) return $fault === 'server' ? 'RETRYABLE' : 'TERMINAL';
  // No answer at all: the connection failed or timed out.
  return 'code' in error || error.name === 'TimeoutError' || error.name === 'AbortError'
    ? 'RETRYABLE'
    : 'TERMINAL';
}
