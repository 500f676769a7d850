import type { DeclaredErrorName } from '../wire/errors.ts';

/** An error response of the server. Each exception of the service has its own subclass. */
export class ApiException extends Error {
  override readonly name: string;
  readonly status: number;
  /**
   * Identifies the request in the server's log; undefined when the response did not come from a Tripline or AWS server.
   */
  readonly requestId: string | undefined;
  /** For ResourceAlreadyExistsException: the existing resource. */
  readonly resourceId: string | undefined;
  readonly resourceArn: string | undefined;

  constructor(name: string, answer: Answered) {
    super(answer.message);
    this.name = name;
    this.status = answer.status;
    this.requestId = answer.requestId;
    this.resourceId = answer.resourceId;
    this.resourceArn = answer.resourceArn;
  }
}

export interface Answered {
  readonly message: string;
  readonly status: number;
  readonly requestId: string | undefined;
  readonly resourceId: string | undefined;
  readonly resourceArn: string | undefined;
}

/** The server could not be reached or did not respond in time; see `cause`. */
export class ConnectionException extends Error {
  override readonly name = 'ConnectionException';
}

export class InvalidRequestException extends ApiException {}
export class ResourceNotFoundException extends ApiException {}
export class ResourceAlreadyExistsException extends ApiException {}
export class ResourceInUseException extends ApiException {}
export class LimitExceededException extends ApiException {}
export class ThrottlingException extends ApiException {}
export class InternalFailureException extends ApiException {}
export class UnsupportedOperationException extends ApiException {}
export class ServiceUnavailableException extends ApiException {}

const CLASSES: Readonly<Record<DeclaredErrorName, typeof ApiException>> = {
  InvalidRequestException,
  ResourceNotFoundException,
  ResourceAlreadyExistsException,
  ResourceInUseException,
  LimitExceededException,
  ThrottlingException,
  InternalFailureException,
  UnsupportedOperationException,
  ServiceUnavailableException,
};

/** Creates the exception with that name; an ApiException if the name is unknown. */
export function exceptionOf(name: string, answer: Answered): ApiException {
  const Exception = Object.hasOwn(CLASSES, name) ? CLASSES[name as DeclaredErrorName] : ApiException;
  return new Exception(name, answer);
}
