import type { AuthenticateError } from 'aedes';
import type { RefusalReason } from './metrics.ts';
import type { Principal } from './principal.ts';

/** Return codes of a CONNACK (MQTT 3.2.2.3). */
export const RETURN_CODES = { identifier: 2, unavailable: 3, notAuthorized: 5 } as const;

/** A refused connection, with the return code of its CONNACK. */
export class Refusal extends Error implements AuthenticateError {
  readonly reason: RefusalReason;
  readonly returnCode: 2 | 3 | 5;
  /** Set when the credentials are valid but the permissions are not sufficient. */
  readonly principal: Principal | undefined;
  constructor(
    reason: RefusalReason,
    returnCode: Refusal['returnCode'],
    message: string,
    principal?: Principal,
  ) {
    super(message);
    this.principal = principal;
    this.reason = reason;
    this.returnCode = returnCode;
  }
}
