import {
  type BuildResult,
  type BuiltRequest,
  buildRequests,
  type NotificationSettings,
  staysInside,
  targetOf,
} from '../../core/action/index.ts';
import type { OutgoingEffect } from '../../core/engine/turn.ts';
import type { Limits } from '../../limits.ts';
import type { Log } from '../log.ts';
import { type Execution, fieldsOf } from './execution.ts';

export interface BeginOptions {
  readonly limits: Limits;
  readonly log: Log;
  /** Whether anything leaves the server; when false, all actions except iotEvents are only recorded. */
  readonly sends: boolean;
  readonly notifications: NotificationSettings;
}

/**
 * The initial executions of an effect: PENDING with its request, RECORDED when nothing is sent, or FAILED with the
 * reason why no request could be built.
 */
export function beginExecutions(outgoing: OutgoingEffect, options: BeginOptions): Execution[] {
  const { effect } = outgoing;
  return build(effect, () => buildRequests(effect, options.notifications)).map(
    ({ actionExecutionId, result }) => begin(outgoing, actionExecutionId, result, options),
  );
}

function begin(
  { effect, roleArn, chain }: OutgoingEffect,
  actionExecutionId: string,
  built: BuildResult,
  { limits, log, sends }: BeginOptions,
): Execution {
  const { type, detectorModelName, alarmModelName, keyValue, eventName, eventTime } = effect;
  const common = {
    actionExecutionId,
    type,
    ...(detectorModelName !== undefined && { detectorModelName }),
    ...(alarmModelName !== undefined && { alarmModelName }),
    ...(keyValue !== undefined && { keyValue }),
    eventName,
    attempts: 0,
    createdAt: eventTime,
    roleArn,
    ...(type === 'iotEvents' && { chain }),
  };
  const refusal = built.ok ? refusalOf(type, chain, limits) : built.message;
  if (!built.ok || refusal !== undefined) {
    const failed: Execution = { ...common, status: 'FAILED', lastError: refusal ?? '' };
    log.error(fieldsOf(failed), 'action failed');
    return failed;
  }
  const { request, warnings } = built;
  const target = targetOf(request);
  const status = sends || staysInside(target) ? 'PENDING' : 'RECORDED';
  const execution: Execution = { ...common, status, target, request };
  for (const warning of warnings) log.warn(fieldsOf(execution), warning);
  return execution;
}

/** Bounds a chain of messages that cause messages, whatever the models do. */
function refusalOf(type: string, chain: number, { chainMessages: limit }: Limits): string | undefined {
  if (type !== 'iotEvents' || chain > 0) return undefined;
  return `Number of messages that one message causes through iotEvents actions exceeds the limit ${limit}`;
}

/** A bug in a builder fails its own action, not the whole turn. */
function build(
  { actionExecutionId }: OutgoingEffect['effect'],
  requests: () => readonly BuiltRequest[],
): readonly BuiltRequest[] {
  try {
    return requests();
  } catch (error) {
    const message = `The request could not be built: ${error instanceof Error ? error.message : error}`;
    return [{ actionExecutionId, result: { ok: false, message } }];
  }
}
