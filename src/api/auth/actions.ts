import { OPERATIONS, RULE_OPERATIONS } from '../../wire/service/table.ts';

/** Actions beside the operations of the service, named by the server's own routes. */
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

/** Actions of devices over MQTT. */
const DEVICE_ACTIONS = ['Connect', 'Publish', 'RetainPublish', 'Subscribe', 'Receive'];

/** AWS IoT's name for the permission of a topic rule operation. */
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
