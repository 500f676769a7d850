import type { NotificationEffect } from '../alarm/types.ts';
import type { ActionEffect } from '../detector/effect.ts';
import { ACTIONS } from './actions.ts';
import { type NotificationSettings, notificationRequests } from './notification.ts';
import type { BuildResult, BuiltRequest } from './request.ts';

/** The service request of an effect: a pure function of it. */
export function buildRequest(effect: ActionEffect): BuildResult {
  return ACTIONS[effect.type].build(effect);
}

/** Every request that an effect leads to, each with an id: one for an action, for a notification perhaps more. */
export function buildRequests(
  effect: ActionEffect | NotificationEffect,
  notifications: NotificationSettings,
): readonly BuiltRequest[] {
  if (effect.type === 'notification') return notificationRequests(effect, notifications);
  return [{ actionExecutionId: effect.actionExecutionId, result: buildRequest(effect) }];
}
