import type { NotificationEffect } from '../alarm/types.ts';
import type { ActionEffect } from '../detector/effect.ts';
import type { ExternalActionType } from '../model/definition.ts';
import { dynamoDB } from './dynamodb.ts';
import { dynamoDBv2 } from './dynamodb-v2.ts';
import { firehose } from './firehose.ts';
import { iotEvents } from './iot-events.ts';
import { iotSiteWise } from './iot-sitewise.ts';
import { iotTopicPublish } from './iot-topic-publish.ts';
import { lambda } from './lambda.ts';
import { type NotificationSettings, notificationRequests } from './notification.ts';
import type { Build, BuildResult, BuiltRequest } from './request.ts';
import { sns } from './sns.ts';
import { sqs } from './sqs.ts';

const BUILDERS: Readonly<Record<ExternalActionType, Build>> = {
  iotTopicPublish,
  iotEvents,
  iotSiteWise,
  dynamoDB,
  dynamoDBv2,
  firehose,
  lambda,
  sns,
  sqs,
};

/** The service request of an effect: a pure function of it. */
export function buildRequest(effect: ActionEffect): BuildResult {
  return BUILDERS[effect.type](effect);
}

/** Every request that an effect leads to, each with an id: one for an action, for a notification perhaps more. */
export function buildRequests(
  effect: ActionEffect | NotificationEffect,
  notifications: NotificationSettings,
): readonly BuiltRequest[] {
  if (effect.type === 'notification') return notificationRequests(effect, notifications);
  return [{ actionExecutionId: effect.actionExecutionId, result: buildRequest(effect) }];
}
