/** The exceptions of the API that the runtime itself decides on (spec: api 1.1). */
export type FaultCode =
  | 'InvalidRequestException'
  | 'ResourceNotFoundException'
  | 'ResourceAlreadyExistsException'
  | 'ResourceInUseException'
  | 'LimitExceededException'
  | 'ThrottlingException'
  | 'InternalFailureException'
  | 'ServiceUnavailableException';

/** A request that the runtime refuses; nothing has changed. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  /** For ResourceAlreadyExistsException: the resource there is. */
  readonly resource: { readonly resourceId: string; readonly resourceArn: string } | undefined;
  constructor(code: FaultCode, message: string, resource?: Fault['resource']) {
    super(message);
    this.code = code;
    this.resource = resource;
  }
}
