/** The exceptions of the service, with their HTTP status (spec: api 1.1). */
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

export type ErrorName = keyof typeof ERRORS;

/** A request that is answered with one of the service's exceptions. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ErrorName;
  /** Members of the answer beside the message. */
  readonly members: Readonly<Record<string, string>>;
  constructor(code: ErrorName, message: string, members: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.members = members;
  }

  get status(): number {
    return ERRORS[this.code];
  }
}

export function invalid(message: string): ServiceError {
  return new ServiceError('InvalidRequestException', message);
}
