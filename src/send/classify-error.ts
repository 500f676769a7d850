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

/** Errors that pass although their status is 4xx; throttling is told by its name (`isPassing`). */
const PASSING = [
  // Too much at once.
  'BandwidthLimitExceeded',
  'LimitExceededException',
  'OverLimit',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'SlowDown',
  'TooManyRequestsException',
  // Something else is under way on the same thing.
  'ConflictingOperationException',
  'PriorRequestNotComplete',
  'ReplicatedWriteConflictException',
  'ResourceConflictException',
  'TransactionConflictException',
  'TransactionInProgressException',
  // The service's own trouble, where it comes without a status: inside a SiteWise answer.
  'InternalFailureException',
  'RequestTimeout',
  'RequestTimeoutException',
  'ServiceUnavailableException',
  // Credentials that are renewed while the server runs.
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
];

/** Whether an error of that name passes, whatever its status. */
export function isPassing(name: string): boolean {
  return PASSING.includes(name) || /throttl/i.test(name);
}

/** What the SDK puts on its errors. */
interface SdkError {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean };
  readonly $fault?: 'client' | 'server';
  /** On errors that the service's model calls retryable. */
  readonly $retryable?: object;
  readonly code?: unknown;
}

/**
 * Tells failures that pass from those that stay. What the service refuses for the request itself (4xx) stays;
 * throttling, the service's own faults (5xx), time-outs, lost connections and credentials that may be renewed pass.
 */
export function classifyError(error: unknown): Failure {
  if (error instanceof SendError) return error.failure;
  return error instanceof Error && passes(error) ? 'RETRYABLE' : 'TERMINAL';
}

function passes(error: Error): boolean {
  const { $metadata, $fault, $retryable, code } = error as SdkError;
  if (isPassing(error.name) || $retryable !== undefined) return true;
  // The client has learned the service's time from this refusal and signs by it from now on.
  if ($metadata?.clockSkewCorrected === true) return true;
  const status = $metadata?.httpStatusCode;
  if (status !== undefined) return status === 408 || status === 429 || status >= 500;
  if ($fault !== undefined) return $fault === 'server';
  // No answer at all: a time-out, or an error of the system such as ECONNREFUSED; ERR_… are Node's own refusals.
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return true;
  return typeof code === 'string' && /^E(?!RR_)/.test(code);
}
