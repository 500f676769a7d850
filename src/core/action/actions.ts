import type { ExternalActionType } from '../model/definition.ts';
import { dynamoDB } from './dynamodb.ts';
import { dynamoDBv2 } from './dynamodb-v2.ts';
import { firehose } from './firehose.ts';
import { iotEvents } from './iot-events.ts';
import { iotSiteWise } from './iot-sitewise.ts';
import { iotTopicPublish } from './iot-topic-publish.ts';
import { lambda } from './lambda.ts';
import type { Build, ServiceName } from './request.ts';
import { sns } from './sns.ts';
import { sqs } from './sqs.ts';

/**
 * The external actions: the service that each calls, and the function that builds its request. See also
 * `core/model/action-fields.ts` (how fields are read), `target.ts` (which resource a request is for) and `send/`
 * (delivery).
 */
export const ACTIONS: Readonly<
  Record<ExternalActionType, { readonly service: ServiceName; readonly build: Build }>
> = {
  iotTopicPublish: { service: 'iot-data', build: iotTopicPublish },
  iotEvents: { service: 'iotevents-data', build: iotEvents },
  iotSiteWise: { service: 'iotsitewise', build: iotSiteWise },
  dynamoDB: { service: 'dynamodb', build: dynamoDB },
  dynamoDBv2: { service: 'dynamodb', build: dynamoDBv2 },
  firehose: { service: 'firehose', build: firehose },
  lambda: { service: 'lambda', build: lambda },
  sns: { service: 'sns', build: sns },
  sqs: { service: 'sqs', build: sqs },
};
