import type { ActionEffect } from '../detector/effect.ts';
import type { ExternalActionType } from '../model/definition.ts';
import { dynamoDB } from './dynamodb.ts';
import { dynamoDBv2 } from './dynamodb-v2.ts';
import { firehose } from './firehose.ts';
import { iotEvents } from './iot-events.ts';
import { iotSiteWise } from './iot-sitewise.ts';
import { iotTopicPublish } from './iot-topic-publish.ts';
import { lambda } from './lambda.ts';
import type { Build, BuildResult } from './request.ts';
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
