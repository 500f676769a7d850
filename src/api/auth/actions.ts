import { OPERATIONS, RULE_OPERATIONS } from '../../wire/service/table.ts';

/** What there is to do beside the operations of the service: routes of our own name one of these. */
export const OWN_ACTIONS = [
  'tripline:Backup',
  'tripline:DiscardActions',
  'tripline:GetMetrics',
  'tripline:GetHistory',
  'tripline:GetOverview',
  'tripline:ListActions',
  'tripline:ListDetectors',
  'tripline:ListDevices',
  'tripline:PutSitewisePropertyValues',
  'tripline:RedriveActions',
  'tripline:TestTopicRule',
  'tripline:WatchEvents',
  'tripline:WatchTopics',
] as const;
export type OwnAction = (typeof OWN_ACTIONS)[number];

/** What a device does over MQTT. */
const DEVICE_ACTIONS = ['Connect', 'Publish', 'RetainPublish', 'Subscribe', 'Receive'];

/** What AWS IoT calls the permission for an operation on topic rules. */
export function ruleAction(operation: string): string {
  return `iot:${operation.replace(/^(Tag|Untag|ListTagsFor)TopicRule$/, '$1Resource')}`;
}

/** Every action that a policy may allow or deny. */
export const KNOWN_ACTIONS: readonly string[] = [
  ...OPERATIONS.map(({ name }) => `iotevents:${name}`),
  'iotevents:UpdateInputRouting',
  'iam:PassRole',
  ...DEVICE_ACTIONS.map((name) => `iot:${name}`),
  ...RULE_OPERATIONS.map(({ name }) => ruleAction(name)),
  ...OWN_ACTIONS,
];
