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
  /** On errors that an answer carried. */
  readonly $fault?: 'client' | 'server';
  /** On errors that the service's model calls retryable. */
  readonly $retryable?: object;
}

/** Statuses that say nothing of the request itself: a proxy wants to know who asks, a time-out, too much at once. */
const PASSING_STATUSES = [407, 408, 429];

/** The SDK's names for an answer that carries no error of the service. */
const NAMELESS = ['Unknown', 'UnknownError'];

/**
 * Tells failures that pass from those that stay. Only the service itself ends an action, by an error of its own with a
 * status of 4xx that does not mean "later". All else may pass: no answer, half of one, somebody else's, and what fails
 * before there is a request.
 */
export function classifyError(error: unknown): Failure {
  if (error instanceof SendError) return error.failure;
  return error instanceof Error && isRefusal(error) ? 'TERMINAL' : 'RETRYABLE';
}

function isRefusal(error: Error): boolean {
  const { $metadata, $fault, $retryable } = error as SdkError;
  if ($fault !== 'client' || NAMELESS.includes(error.name)) return false;
  if (isPassing(error.name) || $retryable !== undefined) return false;
  // The client has learned the service's time from this refusal and signs by it from now on.
  if ($metadata?.clockSkewCorrected === true) return false;
  const status = $metadata?.httpStatusCode ?? 0;
  return status >= 400 && status <= 499 && !PASSING_STATUSES.includes(status);
}
