import type { AuthenticateError } from 'aedes';
import type { RefusalReason } from './metrics.ts';
import type { Principal } from './principal.ts';

/** Return codes of a CONNACK (MQTT 3.2.2.3). */
export const RETURN_CODES = { identifier: 2, unavailable: 3, notAuthorized: 5 } as const;

/** A connection that is refused, with what the CONNACK says. */
export class Refusal extends Error implements AuthenticateError {
  readonly reason: RefusalReason;
  readonly returnCode: 2 | 3 | 5;
  /** Who it was, when the credentials are valid and the permissions do not suffice. */
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
