import type { ServiceName, ServiceRequest } from './request.ts';

/** In characters; longer than the name of any resource. */
const LONGEST_NAME = 2048;

/** The member of a request that identifies the resource. Services without one count as a single target. */
const RESOURCES: Readonly<Record<ServiceName, (input: ServiceRequest['input']) => unknown>> = {
  dynamodb: ({ TableName }) => TableName,
  firehose: ({ DeliveryStreamName }) => DeliveryStreamName,
  'iot-data': () => undefined,
  'iotevents-data': ({ messages }) => (messages as readonly { readonly inputName: string }[])[0]?.inputName,
  iotsitewise: () => undefined,
  lambda: ({ FunctionName }) => FunctionName,
  smtp: () => undefined,
  sns: ({ TopicArn, TargetArn }) => TopicArn ?? TargetArn,
  sqs: ({ QueueUrl }) => QueueUrl,
};

/**
 * The unit that can be up while others are down: `sqs/<queue URL>`, `dynamodb/<table>`, `iot-data` for the broker.
 * Requests for the same target are queued together; different targets never wait for each other.
 */
export function targetOf({ service, input }: ServiceRequest): string {
  const resource = RESOURCES[service](input);
  if (resource === undefined) return service;
  return `${service}/${String(resource).slice(0, LONGEST_NAME)}`.toWellFormed();
}

/** True for a target of `targetOf` inside this server: messages of iotEvents actions. */
export function staysInside(target: string): boolean {
  const service: ServiceName = 'iotevents-data';
  return target.startsWith(`${service}/`);
}
