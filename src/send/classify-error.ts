/** Whether a retry may help. */
export type Failure = 'RETRYABLE' | 'TERMINAL';

/** A failure detected by this process; `failure` is its kind. */
export class SendError extends Error {
  override readonly name = 'SendError';
  readonly failure: Failure;
  constructor(failure: Failure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** Errors that are transient although their status is 4xx; throttling is recognized by name (`isPassing`). */
const PASSING = [
  // Rate or quota exceeded.
  'BandwidthLimitExceeded',
  'LimitExceededException',
  'OverLimit',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'SlowDown',
  'TooManyRequestsException',
  // A conflicting operation is in progress.
  'ConflictingOperationException',
  'PriorRequestNotComplete',
  'ReplicatedWriteConflictException',
  'ResourceConflictException',
  'TransactionConflictException',
  'TransactionInProgressException',
  // Internal errors of the service that arrive without a status, inside a SiteWise answer.
  'InternalFailureException',
  'RequestTimeout',
  'RequestTimeoutException',
  'ServiceUnavailableException',
  // Credentials that may be renewed while the server runs.
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
];

/** Whether errors of that name are transient, whatever their status. */
export function isPassing(name: string): boolean {
  return PASSING.includes(name) || /throttl/i.test(name);
}

/** The members that the SDK adds to its errors. */
interface SdkError {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean };
  /** Set on errors that came in an answer. */
  readonly $fault?: 'client' | 'server';
  /** Set on errors that the service's model declares retryable. */
  readonly $retryable?: object;
}

/** Statuses that do not concern the request itself: proxy authentication, a timeout, throttling. */
const PASSING_STATUSES = [407, 408, 429];

/** The SDK's names for an answer without an error of the service. */
const NAMELESS = ['Unknown', 'UnknownError'];

/**
 * Distinguishes transient from final failures. Only the service itself can fail an action finally, by an error of its
 * own with a 4xx status that does not mean "later". Everything else is transient: no answer, a partial one, an answer
 * from elsewhere, and failures before there is a request.
 */
export function classifyError(error: unknown): Failure {
  if (error instanceof SendError) return error.failure;
  return error instanceof Error && isRefusal(error) ? 'TERMINAL' : 'RETRYABLE';
}

function isRefusal(error: Error): boolean {
  const { $metadata, $fault, $retryable } = error as SdkError;
  if ($fault !== 'client' || NAMELESS.includes(error.name)) return false;
  if (isPassing(error.name) || $retryable !== undefined) return false;
  // The client has learned the service's time from this refusal and now signs with it.
  if ($metadata?.clockSkewCorrected === true) return false;
  const status = $metadata?.httpStatusCode ?? 0;
  return status >= 400 && status <= 499 && !PASSING_STATUSES.includes(status);
}
