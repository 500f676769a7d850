import type { NotificationEffect } from '../alarm/types.ts';
import type { ActionEffect } from '../detector/effect.ts';
import { ACTIONS } from './actions.ts';
import { type NotificationSettings, notificationRequests } from './notification.ts';
import type { BuildResult, BuiltRequest } from './request.ts';

/** Builds the service request of an effect. A pure function. */
export function buildRequest(effect: ActionEffect): BuildResult {
  return ACTIONS[effect.type].build(effect);
}

/**
 * Builds all requests of an effect, each with its execution id: one for an action, possibly several for a notification.
 */
export function buildRequests(
  effect: ActionEffect | NotificationEffect,
  notifications: NotificationSettings,
): readonly BuiltRequest[] {
  if (effect.type === 'notification') return notificationRequests(effect, notifications);
  return [{ actionExecutionId: effect.actionExecutionId, result: buildRequest(effect) }];
}
