import type { ServiceRequest } from '../../core/action/request.ts';
import { EXTERNAL_ACTION_TYPES } from '../../core/model/action-fields.ts';

export const EXECUTION_STATUSES = ['PENDING', 'DELIVERED', 'RECORDED', 'FAILED'] as const;
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];

/** The external actions and the alarm notifications. */
export const EXECUTION_TYPES = [...EXTERNAL_ACTION_TYPES, 'notification'] as const;
export type ExecutionType = (typeof EXECUTION_TYPES)[number];

/** One execution of one external action: a row of the outbox and an entry of `GET /_tripline/actions`. */
export interface Execution {
  readonly actionExecutionId: string;
  readonly type: ExecutionType;
  /** Exactly one of the two is set. */
  readonly detectorModelName?: string;
  readonly alarmModelName?: string;
  readonly keyValue?: string;
  readonly eventName: string;
  readonly status: ExecutionStatus;
  readonly attempts: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly lastError?: string;
  /** The role of the model version that acted; `--assume-role` sends the request with it. */
  readonly roleArn: string;
  /** The destination; see `targetOf`. */
  readonly target?: string;
  /** The shared queue it waits in; absent when it waits in its target's own queue. */
  readonly queue?: string;
  /** Messages that the delivery of an iotEvents action may still cause, itself included. */
  readonly chain?: number;
  /** The request as it was or would be sent; absent when it could not be built (status FAILED, with the reason). */
  readonly request?: ServiceRequest;
}

/** An execution with its order among all executions; see `rows.ts`. */
export interface Stored {
  readonly order: string;
  readonly execution: Execution;
}

/**
 * An execution that waits for delivery, with its position in a queue: its target's own, or one that several targets
 * share.
 */
export interface Queued extends Stored {
  readonly queue: string;
  readonly position: string;
}

/** The queue that an execution waits in; undefined without a target, when it was never sent. */
export function queueOf({ queue, target }: Execution): string | undefined {
  return queue ?? target;
}

/** The log fields of an execution. Excludes the request, which may contain confidential data. */
export function fieldsOf(execution: Execution): Record<string, unknown> {
  const { actionExecutionId, type, target, keyValue, eventName, attempts, lastError } = execution;
  return {
    actionExecutionId,
    type,
    target,
    ...modelFieldOf(execution),
    keyValue,
    eventName,
    attempts,
    error: lastError,
  };
}

/** The member that names the model, for a detector or an alarm. */
export function modelFieldOf({
  detectorModelName,
  alarmModelName,
}: Execution): Readonly<Record<string, string>> {
  return {
    ...(detectorModelName !== undefined && { detectorModelName }),
    ...(alarmModelName !== undefined && { alarmModelName }),
  };
}
