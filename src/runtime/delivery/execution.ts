import type { ServiceRequest } from '../../core/action/request.ts';
import { EXTERNAL_ACTION_TYPES } from '../../core/model/action-fields.ts';

export const EXECUTION_STATUSES = ['PENDING', 'DELIVERED', 'RECORDED', 'FAILED'] as const;
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];

/** The external actions, and the notifications of alarms. */
export const EXECUTION_TYPES = [...EXTERNAL_ACTION_TYPES, 'notification'] as const;
export type ExecutionType = (typeof EXECUTION_TYPES)[number];

/** One execution of one external action: a row of the outbox, and what `GET /_tripline/actions` lists. */
export interface Execution {
  readonly actionExecutionId: string;
  readonly type: ExecutionType;
  /** One of the two is there. */
  readonly detectorModelName?: string;
  readonly alarmModelName?: string;
  readonly keyValue?: string;
  readonly eventName: string;
  readonly status: ExecutionStatus;
  readonly attempts: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly lastError?: string;
  /** Under which `--assume-role` sends it: the role of the model's version that acted. */
  readonly roleArn: string;
  /** What it is sent to; see `targetOf`. */
  readonly target?: string;
  /** The shared queue that it waits in; absent when it waits in the one of its target. */
  readonly queue?: string;
  /** Messages that the delivery of an iotEvents action may still cause, itself included. */
  readonly chain?: number;
  /** As it was or would be sent; absent when it could not be built (then FAILED says why). */
  readonly request?: ServiceRequest;
}

/** An execution with its place in the order of all; see `rows.ts`. */
export interface Stored {
  readonly order: string;
  readonly execution: Execution;
}

/** An execution that waits for its delivery, with its place in a queue: its target's, or one that targets share. */
export interface Queued extends Stored {
  readonly queue: string;
  readonly position: string;
}

/** The queue that an execution waits in. One without a target was never sent and waits in none. */
export function queueOf({ queue, target }: Execution): string | undefined {
  return queue ?? target;
}

/** What the log says of an execution; never the request, which may carry what is nobody's business. */
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

/** The member that names the model: a detector's or an alarm's. */
export function modelFieldOf({
  detectorModelName,
  alarmModelName,
}: Execution): Readonly<Record<string, string>> {
  return {
    ...(detectorModelName !== undefined && { detectorModelName }),
    ...(alarmModelName !== undefined && { alarmModelName }),
  };
}
