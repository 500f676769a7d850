import type { ServiceRequest } from '../action/request.ts';
import type { ExternalActionType } from '../model/definition.ts';

export type ExecutionStatus = 'PENDING' | 'DELIVERED' | 'RECORDED' | 'FAILED';

/** One execution of one external action: a row of the outbox, and what `GET /_tripline/actions` lists. */
export interface Execution {
  readonly actionExecutionId: string;
  readonly type: ExternalActionType;
  readonly detectorModelName: string;
  readonly keyValue?: string;
  readonly eventName: string;
  readonly status: ExecutionStatus;
  readonly attempts: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly lastError?: string;
  /** As it was or would be sent; absent when it could not be built (then FAILED says why). */
  readonly request?: ServiceRequest;
}
