/**
 * The topic-rule operations of AWS IoT, API version 2015-05-28. Derived from the public service description: facts
 * about the protocol, without documentation (docs/topic-rules.md: The operations). The tag operations are renamed here,
 * because AWS IoT Events has operations with the same names.
 */
const MUTATING = [
  'InternalException',
  'InvalidRequestException',
  'ServiceUnavailableException',
  'UnauthorizedException',
  'ConflictingResourceUpdateException',
] as const;
const READING = [
  'InternalException',
  'InvalidRequestException',
  'ServiceUnavailableException',
  'UnauthorizedException',
] as const;
const TAGGING = [
  'InvalidRequestException',
  'ResourceNotFoundException',
  'ThrottlingException',
  'LimitExceededException',
  'InternalFailureException',
] as const;

const PAYLOAD = {
  sql: { shape: 'SQL' },
  actions: { shape: 'ActionList' },
  awsIotSqlVersion: { shape: 'AwsIotSqlVersion' },
  ruleDisabled: { shape: 'Boolean' },
  description: { shape: 'String' },
  errorAction: { shape: 'Action' },
} as const;
const RULE_NAME = { shape: 'RuleName', in: 'path' } as const;

/** Action types that are not run here. Their content is kept unchanged. */
const OTHER_ACTIONS = {
  dynamoDB: { shape: 'Document' },
  dynamoDBv2: { shape: 'Document' },
  lambda: { shape: 'Document' },
  sns: { shape: 'Document' },
  sqs: { shape: 'Document' },
  kinesis: { shape: 'Document' },
  s3: { shape: 'Document' },
  firehose: { shape: 'Document' },
  cloudwatchMetric: { shape: 'Document' },
  cloudwatchAlarm: { shape: 'Document' },
  cloudwatchLogs: { shape: 'Document' },
  elasticsearch: { shape: 'Document' },
  salesforce: { shape: 'Document' },
  iotAnalytics: { shape: 'Document' },
  iotSiteWise: { shape: 'Document' },
  stepFunctions: { shape: 'Document' },
  timestream: { shape: 'Document' },
  http: { shape: 'Document' },
  kafka: { shape: 'Document' },
  openSearch: { shape: 'Document' },
  location: { shape: 'Document' },
  influxDB: { shape: 'Document' },
} as const;

export const TOPIC_RULES = {
  apiVersion: '2015-05-28',
  endpointPrefix: 'iot',
  serviceId: 'IoT',
  signingName: 'iot',
  operations: {
    CreateTopicRule: {
      method: 'POST',
      path: '/rules/{ruleName}',
      status: 200,
      input: 'CreateTopicRuleRequest',
      errors: [...MUTATING, 'SqlParseException', 'ResourceAlreadyExistsException'],
    },
    GetTopicRule: {
      method: 'GET',
      path: '/rules/{ruleName}',
      status: 200,
      input: 'NamedRequest',
      output: 'GetTopicRuleResponse',
      errors: READING,
    },
    ListTopicRules: {
      method: 'GET',
      path: '/rules',
      status: 200,
      input: 'ListTopicRulesRequest',
      output: 'ListTopicRulesResponse',
      errors: READING,
    },
    ReplaceTopicRule: {
      method: 'PATCH',
      path: '/rules/{ruleName}',
      status: 200,
      input: 'ReplaceTopicRuleRequest',
      errors: [...MUTATING, 'SqlParseException'],
    },
    DeleteTopicRule: {
      method: 'DELETE',
      path: '/rules/{ruleName}',
      status: 200,
      input: 'NamedRequest',
      errors: MUTATING,
    },
    EnableTopicRule: {
      method: 'POST',
      path: '/rules/{ruleName}/enable',
      status: 200,
      input: 'NamedRequest',
      errors: MUTATING,
    },
    DisableTopicRule: {
      method: 'POST',
      path: '/rules/{ruleName}/disable',
      status: 200,
      input: 'NamedRequest',
      errors: MUTATING,
    },
    TagTopicRule: {
      method: 'POST',
      path: '/tags',
      status: 200,
      input: 'TagResourceRequest',
      output: 'Empty',
      errors: TAGGING,
    },
    UntagTopicRule: {
      method: 'POST',
      path: '/untag',
      status: 200,
      input: 'UntagResourceRequest',
      output: 'Empty',
      errors: TAGGING,
    },
    ListTagsForTopicRule: {
      method: 'GET',
      path: '/tags',
      status: 200,
      input: 'ListTagsForResourceRequest',
      output: 'ListTagsForResourceResponse',
      errors: TAGGING,
    },
  },
  shapes: {
    Action: {
      type: 'structure',
      members: {
        iotEvents: { shape: 'IotEventsAction' },
        republish: { shape: 'RepublishAction' },
        ...OTHER_ACTIONS,
      },
    },
    ActionList: { type: 'list', member: 'Action', min: 0, max: 10 },
    AwsIotSqlVersion: { type: 'string', enum: ['2015-10-08', '2016-03-23', 'beta'] },
    Boolean: { type: 'boolean' },
    CreateTopicRuleRequest: {
      type: 'structure',
      required: ['ruleName', 'sql', 'actions'],
      members: {
        ruleName: RULE_NAME,
        tags: { shape: 'String', in: 'header', wireName: 'x-amz-tagging' },
        ...PAYLOAD,
      },
    },
    DateType: { type: 'timestamp' },
    Document: { type: 'document' },
    Empty: { type: 'structure', members: {} },
    GetTopicRuleResponse: {
      type: 'structure',
      members: { ruleArn: { shape: 'String' }, rule: { shape: 'TopicRule' } },
    },
    HeaderValue: { type: 'string', min: 0, max: 1024 },
    InputName: { type: 'string', min: 1, max: 128 },
    IotEventsAction: {
      type: 'structure',
      required: ['inputName', 'roleArn'],
      members: {
        inputName: { shape: 'InputName' },
        messageId: { shape: 'MessageId' },
        batchMode: { shape: 'Boolean' },
        roleArn: { shape: 'String' },
      },
    },
    ListTagsForResourceRequest: {
      type: 'structure',
      required: ['resourceArn'],
      members: {
        resourceArn: { shape: 'String', in: 'query' },
        nextToken: { shape: 'String', in: 'query' },
      },
    },
    ListTagsForResourceResponse: {
      type: 'structure',
      members: { tags: { shape: 'TagList' }, nextToken: { shape: 'String' } },
    },
    ListTopicRulesRequest: {
      type: 'structure',
      members: {
        topic: { shape: 'String', in: 'query' },
        maxResults: { shape: 'MaxResults', in: 'query' },
        nextToken: { shape: 'String', in: 'query' },
        ruleDisabled: { shape: 'Boolean', in: 'query' },
      },
    },
    ListTopicRulesResponse: {
      type: 'structure',
      members: { rules: { shape: 'TopicRuleList' }, nextToken: { shape: 'String' } },
    },
    MaxResults: { type: 'integer', min: 1, max: 10_000 },
    MessageId: { type: 'string', min: 0, max: 128 },
    NamedRequest: { type: 'structure', required: ['ruleName'], members: { ruleName: RULE_NAME } },
    Qos: { type: 'integer', min: 0, max: 1 },
    ReplaceTopicRuleRequest: {
      type: 'structure',
      required: ['ruleName', 'sql', 'actions'],
      members: { ruleName: RULE_NAME, ...PAYLOAD },
    },
    RepublishAction: {
      type: 'structure',
      required: ['topic', 'roleArn'],
      members: {
        topic: { shape: 'String' },
        qos: { shape: 'Qos' },
        roleArn: { shape: 'String' },
        headers: { shape: 'RepublishHeaders' },
      },
    },
    RepublishHeaders: {
      type: 'structure',
      members: {
        payloadFormatIndicator: { shape: 'String' },
        contentType: { shape: 'HeaderValue' },
        responseTopic: { shape: 'HeaderValue' },
        correlationData: { shape: 'HeaderValue' },
        messageExpiry: { shape: 'HeaderValue' },
        userProperties: { shape: 'UserProperties' },
      },
    },
    RuleName: { type: 'string', min: 1, max: 128, pattern: '^[a-zA-Z0-9_]+$' },
    SQL: { type: 'string' },
    String: { type: 'string' },
    Tag: {
      type: 'structure',
      required: ['Key'],
      members: { Key: { shape: 'TagKey' }, Value: { shape: 'TagValue' } },
    },
    TagKey: { type: 'string', min: 1, max: 128 },
    TagKeyList: { type: 'list', member: 'TagKey' },
    TagList: { type: 'list', member: 'Tag' },
    TagResourceRequest: {
      type: 'structure',
      required: ['resourceArn', 'tags'],
      members: { resourceArn: { shape: 'String' }, tags: { shape: 'TagList' } },
    },
    TagValue: { type: 'string', min: 0, max: 256 },
    TopicRule: {
      type: 'structure',
      members: {
        ruleName: { shape: 'String' },
        createdAt: { shape: 'DateType' },
        ...PAYLOAD,
      },
    },
    TopicRuleList: { type: 'list', member: 'TopicRuleListItem' },
    TopicRuleListItem: {
      type: 'structure',
      members: {
        ruleArn: { shape: 'String' },
        ruleName: { shape: 'String' },
        topicPattern: { shape: 'String' },
        createdAt: { shape: 'DateType' },
        ruleDisabled: { shape: 'Boolean' },
      },
    },
    UntagResourceRequest: {
      type: 'structure',
      required: ['resourceArn', 'tagKeys'],
      members: { resourceArn: { shape: 'String' }, tagKeys: { shape: 'TagKeyList' } },
    },
    UserProperties: { type: 'list', member: 'UserProperty', min: 1, max: 100 },
    UserProperty: {
      type: 'structure',
      required: ['key', 'value'],
      members: { key: { shape: 'HeaderValue' }, value: { shape: 'HeaderValue' } },
    },
  },
} as const;
