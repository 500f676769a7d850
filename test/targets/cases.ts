import { expect } from 'vitest';
import type { Action, ExternalActionType } from '../../src/core/model/definition.ts';

/** One action of one detector, and the expected result of the message below. */
export interface TargetCase {
  /** Also the name of its queue, topic, function, stream or table. */
  readonly name: string;
  readonly type: ExternalActionType;
  /** `{resource}` is replaced by the resource's ARN, URL or name. */
  readonly action: Action;
  readonly arrives: readonly unknown[];
  /** For DynamoDB: the table's keys with their types, and its initial contents. */
  readonly table?: readonly (readonly [name: string, type: 'S' | 'N'])[];
  readonly items?: readonly object[];
  /** For SNS: an endpoint of a mobile application instead of a topic. */
  readonly endpoint?: boolean;
}

/** Sent once to each case's detector; the detector's key is `id`, its variable `level` is 3. */
export const MESSAGE =
  '{"id":"k1","site":"north","count":7,"temp":25.5,"whole":30.0,"ok":true,"topic":"plant/seven",' +
  '"text":"Gr\\u00fc\\u00dfe","column":"c","epoch":1700000000}';

const UUID = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-3[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);

/** The default payload (reference: payloads 1). */
const DEFAULT_PAYLOAD = {
  eventTime: expect.any(Number),
  payload: {
    actionExecutionId: UUID,
    detector: { detectorModelName: expect.any(String), keyValue: 'k1', detectorModelVersion: '1' },
    eventTriggerDetails: { inputName: 'Probe', messageId: 'm1', triggerType: 'Message' },
    state: { stateName: 'Running', variables: { level: 3 }, timers: {} },
  },
  eventName: 'report',
};

type Payload = { readonly contentExpression: string; readonly type: 'STRING' | 'JSON' };

/** Every form of a payload, with the resulting text; `undefined` is the default payload. */
const PAYLOADS: readonly (readonly [name: string, payload: Payload | undefined, text: string | object])[] = [
  ['default', undefined, DEFAULT_PAYLOAD],
  ['literal', { contentExpression: "'hello'", type: 'STRING' }, 'hello'],
  ['decimal', { contentExpression: '$input.Probe.temp', type: 'STRING' }, '25.5'],
  ['whole-decimal', { contentExpression: '$input.Probe.whole', type: 'STRING' }, '30.0'],
  ['integer', { contentExpression: '$input.Probe.count + $variable.level', type: 'STRING' }, '10'],
  ['boolean', { contentExpression: '$input.Probe.ok', type: 'STRING' }, 'true'],
  ['joined', { contentExpression: "'a' + $input.Probe.site", type: 'STRING' }, 'anorth'],
  [
    'template',
    { contentExpression: "'site ${$input.Probe.site} at ${$variable.level}'", type: 'STRING' },
    'site north at 3',
  ],
  ['unicode', { contentExpression: "'${$input.Probe.text} 温度 🌡 <&>'", type: 'STRING' }, 'Grüße 温度 🌡 <&>'],
  [
    'json',
    {
      contentExpression: `'{"temp":\${$input.Probe.temp},"ok":\${$input.Probe.ok},"site":"\${$input.Probe.site}"}'`,
      type: 'JSON',
    },
    '{"temp":25.5,"ok":true,"site":"north"}',
  ],
  ['no-json', { contentExpression: "'not json'", type: 'JSON' }, 'not json'],
];

/** A case for each payload; `arrives` converts the text to the target's form, and parses it for the default payload. */
function payloads(
  type: ExternalActionType,
  member: object,
  arrives: (text: unknown) => unknown = (text) => text,
): TargetCase[] {
  return PAYLOADS.map(([name, payload, text]) => ({
    name: `${type}-${name}`,
    type,
    action: { [type]: { ...member, ...(payload && { payload }) } } as Action,
    arrives: [arrives(text)],
  }));
}

const HELLO: Payload = { contentExpression: "'hello'", type: 'STRING' };

function one(
  name: string,
  type: ExternalActionType,
  member: object,
  arrives: readonly unknown[],
  more: Partial<TargetCase> = {},
): TargetCase {
  return { name: `${type}-${name}`, type, action: { [type]: member } as Action, arrives, ...more };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

const SNS: readonly TargetCase[] = [
  ...payloads('sns', { targetArn: '{resource}' }, (Message) =>
    expect.objectContaining({ Message, Type: 'Notification' }),
  ),
  one('endpoint', 'sns', { targetArn: '{resource}', payload: HELLO }, ['hello'], { endpoint: true }),
];

const SQS: readonly TargetCase[] = [
  ...payloads('sqs', { queueUrl: '{resource}' }),
  one('plain', 'sqs', { queueUrl: '{resource}', useBase64: false, payload: HELLO }, ['hello']),
  one('base64', 'sqs', { queueUrl: '{resource}', useBase64: true, payload: HELLO }, [base64('hello')]),
];

const LAMBDA = payloads('lambda', { functionArn: '{resource}' }, (body) => ({ type: 'Event', body }));

const FIREHOSE: readonly TargetCase[] = [
  ...payloads('firehose', { deliveryStreamName: '{resource}' }),
  ...[
    ['newline', '\n'],
    ['tab', '\t'],
    ['crlf', '\r\n'],
    ['comma', ','],
  ].map(([name, separator]) =>
    one(name ?? '', 'firehose', { deliveryStreamName: '{resource}', separator, payload: HELLO }, [
      `hello${separator}`,
    ]),
  ),
];

const NAME = "'{resource}'";
/** The attributes of the default payload, in DynamoDB's form. */
const DEFAULT_ATTRIBUTE = {
  M: {
    eventTime: { N: expect.stringMatching(/^\d{13}$/) },
    eventName: { S: 'report' },
    payload: {
      M: {
        actionExecutionId: { S: UUID },
        detector: {
          M: {
            detectorModelName: { S: expect.any(String) },
            keyValue: { S: 'k1' },
            detectorModelVersion: { S: '1' },
          },
        },
        eventTriggerDetails: {
          M: { inputName: { S: 'Probe' }, messageId: { S: 'm1' }, triggerType: { S: 'Message' } },
        },
        state: {
          M: { stateName: { S: 'Running' }, variables: { M: { level: { N: '3' } } }, timers: { M: {} } },
        },
      },
    },
  },
};

const NESTED: Payload = {
  contentExpression: `'{"a":[1,"x",null,true,{"b":\${$input.Probe.temp}}],"e":{},"l":[]}'`,
  type: 'JSON',
};
const NESTED_ATTRIBUTE = {
  M: {
    a: { L: [{ N: '1' }, { S: 'x' }, { NULL: true }, { BOOL: true }, { M: { b: { N: '25.5' } } }] },
    e: { M: {} },
    l: { L: [] },
  },
};
const HASH = { tableName: NAME, hashKeyField: "'id'", hashKeyValue: '$input.Probe.id' };
const BY_ID = [['id', 'S']] as const;
const BY_ID_AND_N = [
  ['id', 'S'],
  ['n', 'N'],
] as const;

function scalar(name: string, contentExpression: string, attribute: object): TargetCase {
  const member = { ...HASH, payload: { contentExpression, type: 'JSON' } };
  return one(`scalar-${name}`, 'dynamoDB', member, [{ id: { S: 'k1' }, payload: attribute }], {
    table: BY_ID,
  });
}

const DYNAMODB: readonly TargetCase[] = [
  one('default', 'dynamoDB', HASH, [{ id: { S: 'k1' }, payload: DEFAULT_ATTRIBUTE }], { table: BY_ID }),
  one('nested', 'dynamoDB', { ...HASH, payload: NESTED }, [{ id: { S: 'k1' }, payload: NESTED_ATTRIBUTE }], {
    table: BY_ID,
  }),
  scalar('number', "'7.25'", { N: '7.25' }),
  scalar('text', `'"x"'`, { S: 'x' }),
  scalar('boolean', "'false'", { BOOL: false }),
  scalar('null', "'null'", { NULL: true }),
  scalar('list', "'[1]'", { L: [{ N: '1' }] }),
  one(
    'string',
    'dynamoDB',
    { ...HASH, payload: HELLO },
    [{ id: { S: 'k1' }, payload_raw: { B: base64('hello') } }],
    {
      table: BY_ID,
    },
  ),
  one(
    'no-json',
    'dynamoDB',
    { ...HASH, payload: { contentExpression: "'{'", type: 'JSON' } },
    [{ id: { S: 'k1' }, payload_raw: { B: base64('{') } }],
    { table: BY_ID },
  ),
  one(
    'explicit-types',
    'dynamoDB',
    { ...HASH, hashKeyType: "'STRING'", operation: "'INSERT'", payloadField: "'p'", payload: NESTED },
    [{ id: { S: 'k1' }, p: NESTED_ATTRIBUTE }],
    { table: BY_ID },
  ),
  one(
    'column-by-expression',
    'dynamoDB',
    { ...HASH, payloadField: '$input.Probe.column', payload: HELLO },
    [{ id: { S: 'k1' }, c_raw: { B: base64('hello') } }],
    { table: BY_ID },
  ),
  one(
    'number-key',
    'dynamoDB',
    {
      tableName: NAME,
      hashKeyField: "'n'",
      hashKeyType: "'NUMBER'",
      hashKeyValue: '$input.Probe.temp',
      payload: NESTED,
    },
    [{ n: { N: '25.5' }, payload: NESTED_ATTRIBUTE }],
    { table: [['n', 'N']] },
  ),
  one(
    'number-key-from-text',
    'dynamoDB',
    { tableName: NAME, hashKeyField: "'n'", hashKeyType: "'NUMBER'", hashKeyValue: "'12'", payload: NESTED },
    [{ n: { N: '12' }, payload: NESTED_ATTRIBUTE }],
    { table: [['n', 'N']] },
  ),
  one(
    'range-key',
    'dynamoDB',
    {
      ...{ ...HASH, hashKeyValue: "'${$input.Probe.site}-${$input.Probe.id}'" },
      ...{
        rangeKeyField: "'n'",
        rangeKeyType: "'NUMBER'",
        rangeKeyValue: '$input.Probe.count',
        payload: NESTED,
      },
    },
    [{ id: { S: 'north-k1' }, n: { N: '7' }, payload: NESTED_ATTRIBUTE }],
    { table: BY_ID_AND_N },
  ),
  one(
    'range-key-text',
    'dynamoDB',
    { ...HASH, rangeKeyField: "'r'", rangeKeyValue: '$input.Probe.site', payload: NESTED },
    [{ id: { S: 'k1' }, r: { S: 'north' }, payload: NESTED_ATTRIBUTE }],
    {
      table: [
        ['id', 'S'],
        ['r', 'S'],
      ],
    },
  ),
  one(
    'insert-replaces',
    'dynamoDB',
    { ...HASH, payload: NESTED },
    [{ id: { S: 'k1' }, payload: NESTED_ATTRIBUTE }],
    { table: BY_ID, items: [{ id: { S: 'k1' }, other: { S: 'gone' } }] },
  ),
  one(
    'update-keeps',
    'dynamoDB',
    { ...HASH, operation: "'UPDATE'", payload: NESTED },
    [{ id: { S: 'k1' }, other: { S: 'stays' }, payload: NESTED_ATTRIBUTE }],
    { table: BY_ID, items: [{ id: { S: 'k1' }, other: { S: 'stays' }, payload: { S: 'old' } }] },
  ),
  one(
    'update-makes',
    'dynamoDB',
    {
      ...HASH,
      operation: "'UPDATE'",
      rangeKeyField: "'n'",
      rangeKeyType: "'NUMBER'",
      rangeKeyValue: '1',
      payload: HELLO,
    },
    [{ id: { S: 'k1' }, n: { N: '1' }, payload_raw: { B: base64('hello') } }],
    { table: BY_ID_AND_N },
  ),
  one('delete', 'dynamoDB', { ...HASH, operation: "'DELETE'" }, [{ id: { S: 'k2' } }], {
    table: BY_ID,
    items: [{ id: { S: 'k1' } }, { id: { S: 'k2' } }],
  }),
  one(
    'delete-range',
    'dynamoDB',
    { ...HASH, operation: "'DELETE'", rangeKeyField: "'n'", rangeKeyType: "'NUMBER'", rangeKeyValue: '7' },
    [{ id: { S: 'k1' }, n: { N: '8' } }],
    {
      table: BY_ID_AND_N,
      items: [
        { id: { S: 'k1' }, n: { N: '7' } },
        { id: { S: 'k1' }, n: { N: '8' } },
      ],
    },
  ),
];

const DYNAMODB_V2: readonly TargetCase[] = [
  one('default', 'dynamoDBv2', { tableName: NAME }, [DEFAULT_ATTRIBUTE.M], {
    table: [
      ['eventName', 'S'],
      ['eventTime', 'N'],
    ],
  }),
  one(
    'columns',
    'dynamoDBv2',
    {
      tableName: NAME,
      payload: {
        contentExpression: `'{"id":"\${$input.Probe.id}","t":\${$input.Probe.whole},"ok":true,"no":null,"l":[1],"o":{"x":"y"}}'`,
        type: 'JSON',
      },
    },
    [
      {
        ...{
          id: { S: 'k1' },
          t: { N: expect.stringMatching(/^30(\.0)?$/) },
          ok: { BOOL: true },
          no: { NULL: true },
        },
        ...{ l: { L: [{ N: '1' }] }, o: { M: { x: { S: 'y' } } } },
      },
    ],
    { table: BY_ID },
  ),
  one(
    'table-by-expression',
    'dynamoDBv2',
    {
      tableName: "'dynamoDBv2-table-by-${'expression'}'",
      payload: { contentExpression: `'{"id":"x"}'`, type: 'JSON' },
    },
    [{ id: { S: 'x' } }],
    { table: BY_ID },
  ),
];

/** Cases for the AWS emulator. */
export const AWS_CASES: readonly TargetCase[] = [
  ...SNS,
  ...SQS,
  ...LAMBDA,
  ...FIREHOSE,
  ...DYNAMODB,
  ...DYNAMODB_V2,
];

/** Cases for a second DynamoDB implementation. */
export const DYNAMODB_CASES: readonly TargetCase[] = [...DYNAMODB, ...DYNAMODB_V2];

function publish(name: string, mqttTopic: string, topic: string): TargetCase {
  return one(`topic-${name}`, 'iotTopicPublish', { mqttTopic, payload: HELLO }, [{ topic, body: 'hello' }]);
}

/** Cases for an MQTT broker, or the AWS IoT data plane without one. */
export const MQTT_CASES: readonly TargetCase[] = [
  ...PAYLOADS.map(([name, payload, body]) =>
    one(name, 'iotTopicPublish', { mqttTopic: `out/${name}`, ...(payload && { payload }) }, [
      { topic: `out/${name}`, body },
    ]),
  ),
  publish('literal', 'topic-literal/b c', 'topic-literal/b c'),
  publish('quoted', "'topic-quoted/b'", 'topic-quoted/b'),
  publish('reference', "'topic-reference/' + $input.Probe.topic", 'topic-reference/plant/seven'),
  publish('joined', "'topic-joined/' + $input.Probe.site + '/x'", 'topic-joined/north/x'),
  publish('template', "'topic-template/${$input.Probe.count}'", 'topic-template/7'),
  publish('unicode', "'topic-unicode/${$input.Probe.text}'", 'topic-unicode/Grüße'),
];

/** The members of a BatchPutAssetPropertyValue entry, by the action that produces them. */
export const SITEWISE_CASES: readonly (readonly [name: string, action: object, entry: object])[] = sitewise();

function sitewise() {
  const alias = { propertyAlias: "'/plant/1'" };
  const now = { timeInSeconds: expect.any(Number), offsetInNanos: expect.any(Number) };
  const of = (value: object, more: object = {}) => ({ propertyValue: { value, ...more } });
  const values = (value: object, more: object = {}) => ({
    propertyValues: [{ value, timestamp: now, ...more }],
  });
  const entryId = { entryId: UUID };
  const path = { propertyAlias: '/plant/1' };
  const rows: (readonly [string, object, object])[] = [
    [
      'alias',
      { ...alias, ...of({ stringValue: "'on'" }) },
      { ...entryId, ...path, ...values({ stringValue: 'on' }) },
    ],
    [
      'alias by expression',
      { propertyAlias: "'/site/${$input.Probe.site}/temp'", ...of({ doubleValue: '$input.Probe.temp' }) },
      { ...entryId, propertyAlias: '/site/north/temp', ...values({ doubleValue: 25.5 }) },
    ],
    [
      'asset and property',
      {
        assetId: "'11111111-2222-3333-4444-555555555555'",
        propertyId: "'66666666-7777-8888-9999-000000000000'",
        ...of({ integerValue: '$input.Probe.count' }),
      },
      {
        ...entryId,
        assetId: '11111111-2222-3333-4444-555555555555',
        propertyId: '66666666-7777-8888-9999-000000000000',
        ...values({ integerValue: 7 }),
      },
    ],
    [
      'entryId',
      { entryId: "'e-${$input.Probe.id}'", ...alias, ...of({ stringValue: '$input.Probe.site' }) },
      { entryId: 'e-k1', ...path, ...values({ stringValue: 'north' }) },
    ],
    ...(
      [
        ['integerValue', "'100'", 100],
        ['integerValue', '$variable.level * 2', 6],
        ['integerValue', '$input.Probe.whole', 30],
        ['doubleValue', "'1.5'", 1.5],
        ['doubleValue', '$input.Probe.count', 7],
        ['booleanValue', "'TRUE'", true],
        ['booleanValue', '$input.Probe.ok', true],
        ['booleanValue', '$input.Probe.count > 10', false],
        ['stringValue', '$input.Probe.whole', '30.0'],
      ] as const
    ).map(
      ([member, text, value]) =>
        [
          `${member} of ${text}`,
          { ...alias, ...of({ [member]: text }) },
          { ...entryId, ...path, ...values({ [member]: value }) },
        ] as const,
    ),
    [
      'timestamp',
      { ...alias, ...of({ stringValue: "'x'" }, { timestamp: { timeInSeconds: "'1700000000'" } }) },
      {
        ...entryId,
        ...path,
        propertyValues: [{ value: { stringValue: 'x' }, timestamp: { timeInSeconds: 1700000000 } }],
      },
    ],
    [
      'timestamp by expression, with nanoseconds',
      {
        ...alias,
        ...of(
          { stringValue: "'x'" },
          { timestamp: { timeInSeconds: '$input.Probe.epoch + 1', offsetInNanos: "'500000000'" } },
        ),
      },
      {
        ...entryId,
        ...path,
        propertyValues: [
          { value: { stringValue: 'x' }, timestamp: { timeInSeconds: 1700000001, offsetInNanos: 500000000 } },
        ],
      },
    ],
    ...['GOOD', 'BAD', 'UNCERTAIN'].map(
      (quality) =>
        [
          `quality ${quality}`,
          { ...alias, ...of({ stringValue: "'x'" }, { quality: `'${quality}'` }) },
          { ...entryId, ...path, ...values({ stringValue: 'x' }, { quality }) },
        ] as const,
    ),
  ];
  return rows;
}
