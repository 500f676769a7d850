/** The exceptions of the service and their HTTP statuses (reference: api 1.1). */
export const ERRORS = {
  InvalidRequestException: 400,
  ResourceNotFoundException: 404,
  ResourceAlreadyExistsException: 409,
  ResourceInUseException: 409,
  LimitExceededException: 410,
  ThrottlingException: 429,
  InternalFailureException: 500,
  UnsupportedOperationException: 501,
  ServiceUnavailableException: 503,
} as const satisfies Record<string, number>;

/** Errors of AWS's front ends, returned before a request reaches the service (reference: api 1.1). */
export const FRONT_END_ERRORS = {
  AccessDeniedException: 403,
  IncompleteSignatureException: 403,
  InvalidSignatureException: 403,
  MissingAuthenticationTokenException: 403,
  UnrecognizedClientException: 403,
} as const satisfies Record<string, number>;

/** Additional exceptions of the topic-rule operations (docs/topic-rules.md: The operations). */
export const RULE_ERRORS = {
  SqlParseException: 400,
  UnauthorizedException: 401,
  ConflictingResourceUpdateException: 409,
  InternalException: 500,
} as const satisfies Record<string, number>;

/** Exceptions that the service's operations declare. */
export type DeclaredErrorName = keyof typeof ERRORS;

export type ErrorName = DeclaredErrorName | keyof typeof FRONT_END_ERRORS | keyof typeof RULE_ERRORS;

const STATUSES: Readonly<Record<ErrorName, number>> = { ...ERRORS, ...FRONT_END_ERRORS, ...RULE_ERRORS };

/** A request failed with one of the service's exceptions. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ErrorName;
  /** Members of the response besides the message. */
  readonly members: Readonly<Record<string, string>>;
  constructor(code: ErrorName, message: string, members: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.members = members;
  }

  get status(): number {
    return STATUSES[this.code];
  }
}

export function invalid(message: string): ServiceError {
  return new ServiceError('InvalidRequestException', message);
}
