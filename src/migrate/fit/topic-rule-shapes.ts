import type { Shapes } from '../../wire/service/table.ts';

/** Actions of topic rules that run here; the others are only carried over (spec: topic-rules 1.5). */
export const SUPPORTED_RULE_ACTIONS: ReadonlySet<string> = new Set(['iotEvents', 'republish']);

const OTHER_ACTIONS = [
  ...['dynamoDB', 'dynamoDBv2', 'lambda', 'sns', 'sqs', 'kinesis', 's3', 'firehose', 'cloudwatchMetric'],
  ...['cloudwatchAlarm', 'cloudwatchLogs', 'elasticsearch', 'salesforce', 'iotAnalytics', 'iotSiteWise'],
  ...['stepFunctions', 'timestream', 'http', 'kafka', 'openSearch', 'location', 'influxDB'],
];

/** The request of CreateTopicRule, with `topicRulePayload` around the body (spec: topic-rules 1). */
export const TOPIC_RULE_SHAPES: Shapes = {
  CreateTopicRuleRequest: {
    type: 'structure',
    required: ['ruleName', 'topicRulePayload'],
    members: {
      ruleName: { shape: 'RuleName' },
      topicRulePayload: { shape: 'TopicRulePayload' },
      tags: { shape: 'Text' },
    },
  },
  TopicRulePayload: {
    type: 'structure',
    required: ['sql', 'actions'],
    members: {
      sql: { shape: 'Text' },
      description: { shape: 'Text' },
      actions: { shape: 'Actions' },
      ruleDisabled: { shape: 'Flag' },
      awsIotSqlVersion: { shape: 'SqlVersion' },
      errorAction: { shape: 'Action' },
    },
  },
  Actions: { type: 'list', member: 'Action', min: 0, max: 10 },
  Action: {
    type: 'structure',
    members: {
      iotEvents: { shape: 'IotEventsAction' },
      republish: { shape: 'RepublishAction' },
      ...Object.fromEntries(OTHER_ACTIONS.map((name) => [name, { shape: 'FreeForm' }])),
    },
  },
  IotEventsAction: {
    type: 'structure',
    required: ['inputName', 'roleArn'],
    members: {
      inputName: { shape: 'InputName' },
      messageId: { shape: 'MessageId' },
      batchMode: { shape: 'Flag' },
      roleArn: { shape: 'Text' },
    },
  },
  RepublishAction: {
    type: 'structure',
    required: ['roleArn', 'topic'],
    members: {
      roleArn: { shape: 'Text' },
      topic: { shape: 'Text' },
      qos: { shape: 'Qos' },
      headers: { shape: 'MqttHeaders' },
    },
  },
  MqttHeaders: {
    type: 'structure',
    members: {
      payloadFormatIndicator: { shape: 'Text' },
      contentType: { shape: 'Text' },
      responseTopic: { shape: 'Text' },
      correlationData: { shape: 'Text' },
      messageExpiry: { shape: 'Text' },
      userProperties: { shape: 'UserProperties' },
    },
  },
  UserProperties: { type: 'list', member: 'UserProperty' },
  UserProperty: {
    type: 'structure',
    required: ['key', 'value'],
    members: { key: { shape: 'Text' }, value: { shape: 'Text' } },
  },
  /** What has no members here is carried over with all that it has. */
  FreeForm: { type: 'structure', members: {} },
  RuleName: { type: 'string', min: 1, max: 128, pattern: '^[a-zA-Z0-9_]+$' },
  SqlVersion: { type: 'string', enum: ['2015-10-08', '2016-03-23', 'beta'] },
  InputName: { type: 'string', min: 1, max: 128 },
  MessageId: { type: 'string', max: 128 },
  Qos: { type: 'integer', min: 0, max: 1 },
  Flag: { type: 'boolean' },
  Text: { type: 'string' },
};
