import type { ServiceName, ServiceRequest } from './request.ts';

/** Characters; longer than any resource's name that a service knows. */
const LONGEST_NAME = 2048;

/** The member of a request that says which of the service's resources it is for; some services are one target. */
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
 * What a request is sent to, as far as one can be up while another is down: `sqs/<queue URL>`, `dynamodb/<table>`,
 * `iot-data` for the broker. Requests for one target wait for each other, those for different ones never.
 */
export function targetOf({ service, input }: ServiceRequest): string {
  const resource = RESOURCES[service](input);
  if (resource === undefined) return service;
  return `${service}/${String(resource).slice(0, LONGEST_NAME)}`.toWellFormed();
}

/** Whether deliveries to a target of `targetOf` never leave this server: messages of iotEvents actions. */
export function staysInside(target: string): boolean {
  const service: ServiceName = 'iotevents-data';
  return target.startsWith(`${service}/`);
}
