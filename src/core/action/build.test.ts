import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ActionEffect, EffectPayload } from '../detector/effect.ts';
import { parseJson, renderJson } from '../expression/json.ts';
import { type Json, type Value, WholeDecimal } from '../expression/value.ts';
import type { ExternalActionType } from '../model/definition.ts';
import { type AttributeValue, attributeValue } from './attribute-value.ts';
import { buildRequest } from './build.ts';

const ID = '5d7444df-a655-3587-a609-dbd7a0f55267';
const TEXT: EffectPayload = { type: 'STRING', text: 'hello' };
const DEFAULT: EffectPayload = {
  type: 'DEFAULT',
  text: '{"eventTime":1558129816420,"payload":{"state":{"variables":{"n":10,"d":30.0}}},"eventName":"e"}',
};
const json = (text: string): EffectPayload => ({ type: 'JSON', text });
const base64 = (text: string) => Buffer.from(text).toString('base64');

function effect(
  type: ExternalActionType,
  parameters: Record<string, Value>,
  payload: EffectPayload,
): ActionEffect {
  return {
    actionExecutionId: ID,
    type,
    detectorModelName: 'M',
    keyValue: 'k',
    eventName: 'e',
    eventTime: 1_558_129_816_420,
    parameters,
    payload,
  };
}

type Row = [
  name: string,
  type: ExternalActionType,
  parameters: Record<string, Value>,
  payload: EffectPayload,
  call: string,
  input: object,
];

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:alarms';
const ENDPOINT = 'arn:aws:sns:us-east-1:123456789012:endpoint/APNS/app/0e';
const QUEUE = 'https://sqs.us-east-1.amazonaws.com/123456789012/q';
const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:f';
const HASH = { tableName: 'T', hashKeyField: 'id', hashKeyValue: 'a' };
const ALIAS = { propertyAlias: '/plant/t' };
const NOW = { timeInSeconds: 1_558_129_816, offsetInNanos: 420_000_000 };
const sitewise = (entry: object) => ({ entries: [{ entryId: ID, ...entry }] });

const REQUESTS: Row[] = [
  ['a topic', 'sns', { targetArn: TOPIC }, TEXT, 'sns Publish', { TopicArn: TOPIC, Message: 'hello' }],
  [
    'an endpoint',
    'sns',
    { targetArn: ENDPOINT },
    TEXT,
    'sns Publish',
    { TargetArn: ENDPOINT, Message: 'hello' },
  ],
  [
    'the default payload',
    'sns',
    { targetArn: TOPIC },
    DEFAULT,
    'sns Publish',
    { TopicArn: TOPIC, Message: DEFAULT.text },
  ],
  [
    'plain text',
    'sqs',
    { queueUrl: QUEUE },
    TEXT,
    'sqs SendMessage',
    { QueueUrl: QUEUE, MessageBody: 'hello' },
  ],
  [
    'base64',
    'sqs',
    { queueUrl: QUEUE, useBase64: true },
    TEXT,
    'sqs SendMessage',
    { QueueUrl: QUEUE, MessageBody: 'aGVsbG8=' },
  ],
  [
    'no base64',
    'sqs',
    { queueUrl: QUEUE, useBase64: false },
    TEXT,
    'sqs SendMessage',
    { QueueUrl: QUEUE, MessageBody: 'hello' },
  ],
  [
    'asynchronously',
    'lambda',
    { functionArn: FUNCTION },
    json('{"a":1}'),
    'lambda Invoke',
    { FunctionName: FUNCTION, InvocationType: 'Event', Payload: '{"a":1}' },
  ],
  [
    'no separator',
    'firehose',
    { deliveryStreamName: 's' },
    TEXT,
    'firehose PutRecord',
    { DeliveryStreamName: 's', Record: { Data: base64('hello') } },
  ],
  ...['\n', '\t', '\r\n', ','].map(
    (separator): Row => [
      `separator ${JSON.stringify(separator)}`,
      'firehose',
      { deliveryStreamName: 's', separator },
      TEXT,
      'firehose PutRecord',
      { DeliveryStreamName: 's', Record: { Data: base64(`hello${separator}`) } },
    ],
  ),
  [
    'a topic',
    'iotTopicPublish',
    { mqttTopic: 'hvac/Heating/Off' },
    TEXT,
    'iot-data Publish',
    { topic: 'hvac/Heating/Off', qos: 0, payload: 'hello' },
  ],
  [
    'a reserved topic',
    'iotTopicPublish',
    { mqttTopic: '$aws/things/x/shadow/update' },
    TEXT,
    'iot-data Publish',
    { topic: '$aws/things/x/shadow/update', qos: 0, payload: 'hello' },
  ],
  [
    'one message under the execution id',
    'iotEvents',
    { inputName: 'Other' },
    DEFAULT,
    'iotevents-data BatchPutMessage',
    { messages: [{ messageId: ID, inputName: 'Other', payload: base64(DEFAULT.text) }] },
  ],
  [
    'INSERT by default, one column',
    'dynamoDB',
    HASH,
    json('{"a":1}'),
    'dynamodb PutItem',
    { TableName: 'T', Item: { id: { S: 'a' }, payload: { M: { a: { N: '1' } } } } },
  ],
  [
    'numbers keep their text',
    'dynamoDB',
    HASH,
    json('{"i":10,"d":30.0,"x":1e2,"big":12345678901234567890123,"l":[1.5,null,true,"s"]}'),
    'dynamodb PutItem',
    {
      TableName: 'T',
      Item: {
        id: { S: 'a' },
        payload: {
          M: {
            i: { N: '10' },
            d: { N: '30.0' },
            x: { N: '100.0' },
            big: { N: '12345678901234567890123' },
            l: { L: [{ N: '1.5' }, { NULL: true }, { BOOL: true }, { S: 's' }] },
          },
        },
      },
    },
  ],
  [
    'the default payload as a map',
    'dynamoDB',
    HASH,
    { type: 'DEFAULT', text: '{"eventName":"e"}' },
    'dynamodb PutItem',
    { TableName: 'T', Item: { id: { S: 'a' }, payload: { M: { eventName: { S: 'e' } } } } },
  ],
  [
    'a JSON list',
    'dynamoDB',
    HASH,
    json('[1]'),
    'dynamodb PutItem',
    { TableName: 'T', Item: { id: { S: 'a' }, payload: { L: [{ N: '1' }] } } },
  ],
  [
    'STRING as bytes into _raw',
    'dynamoDB',
    HASH,
    TEXT,
    'dynamodb PutItem',
    { TableName: 'T', Item: { id: { S: 'a' }, payload_raw: { B: base64('hello') } } },
  ],
  [
    'JSON that is none as bytes into _raw',
    'dynamoDB',
    HASH,
    json('{"a":'),
    'dynamodb PutItem',
    { TableName: 'T', Item: { id: { S: 'a' }, payload_raw: { B: base64('{"a":') } } },
  ],
  [
    'a column of its own name',
    'dynamoDB',
    { ...HASH, payloadField: 'data' },
    TEXT,
    'dynamodb PutItem',
    { TableName: 'T', Item: { id: { S: 'a' }, data_raw: { B: base64('hello') } } },
  ],
  [
    'both keys, NUMBER and STRING',
    'dynamoDB',
    {
      ...HASH,
      hashKeyType: 'NUMBER',
      hashKeyValue: 7,
      rangeKeyField: 'at',
      rangeKeyType: 'STRING',
      rangeKeyValue: 12,
      operation: 'INSERT',
    },
    json('1'),
    'dynamodb PutItem',
    { TableName: 'T', Item: { id: { N: '7' }, at: { S: '12' }, payload: { N: '1' } } },
  ],
  [
    'a NUMBER key from a text, and a decimal one',
    'dynamoDB',
    {
      ...HASH,
      hashKeyType: 'NUMBER',
      hashKeyValue: '1558',
      rangeKeyField: 'at',
      rangeKeyType: 'NUMBER',
      rangeKeyValue: new WholeDecimal(3),
    },
    json('1'),
    'dynamodb PutItem',
    { TableName: 'T', Item: { id: { N: '1558' }, at: { N: '3.0' }, payload: { N: '1' } } },
  ],
  [
    'UPDATE',
    'dynamoDB',
    { ...HASH, operation: 'UPDATE', rangeKeyField: 'r', rangeKeyValue: 'x' },
    json('{"a":true}'),
    'dynamodb UpdateItem',
    {
      TableName: 'T',
      Key: { id: { S: 'a' }, r: { S: 'x' } },
      UpdateExpression: 'SET #payload = :payload',
      ExpressionAttributeNames: { '#payload': 'payload' },
      ExpressionAttributeValues: { ':payload': { M: { a: { BOOL: true } } } },
    },
  ],
  [
    'UPDATE with bytes',
    'dynamoDB',
    { ...HASH, operation: 'UPDATE', payloadField: 'data' },
    TEXT,
    'dynamodb UpdateItem',
    {
      TableName: 'T',
      Key: { id: { S: 'a' } },
      UpdateExpression: 'SET #payload = :payload',
      ExpressionAttributeNames: { '#payload': 'data_raw' },
      ExpressionAttributeValues: { ':payload': { B: base64('hello') } },
    },
  ],
  [
    'DELETE',
    'dynamoDB',
    { ...HASH, operation: 'DELETE' },
    TEXT,
    'dynamodb DeleteItem',
    { TableName: 'T', Key: { id: { S: 'a' } } },
  ],
  [
    'a column an attribute',
    'dynamoDBv2',
    { tableName: 'T' },
    json('{"id":"a","v":7.0,"o":{"x":[]}}'),
    'dynamodb PutItem',
    { TableName: 'T', Item: { id: { S: 'a' }, v: { N: '7.0' }, o: { M: { x: { L: [] } } } } },
  ],
  [
    'the columns of the default payload',
    'dynamoDBv2',
    { tableName: 'T' },
    { type: 'DEFAULT', text: '{"eventTime":1558129816420,"payload":{},"eventName":"e"}' },
    'dynamodb PutItem',
    {
      TableName: 'T',
      Item: { eventTime: { N: '1558129816420' }, payload: { M: {} }, eventName: { S: 'e' } },
    },
  ],
  [
    'by alias',
    'iotSiteWise',
    { ...ALIAS, 'propertyValue.value.doubleValue': 2.5 },
    DEFAULT,
    'iotsitewise BatchPutAssetPropertyValue',
    sitewise({ ...ALIAS, propertyValues: [{ value: { doubleValue: 2.5 }, timestamp: NOW }] }),
  ],
  [
    'by ids, with an entry id, a time and a quality',
    'iotSiteWise',
    {
      entryId: 'e1',
      assetId: 'as',
      propertyId: 'pr',
      'propertyValue.value.integerValue': '100',
      'propertyValue.timestamp.timeInSeconds': '1586400675',
      'propertyValue.timestamp.offsetInNanos': 5,
      'propertyValue.quality': 'UNCERTAIN',
    },
    DEFAULT,
    'iotsitewise BatchPutAssetPropertyValue',
    {
      entries: [
        {
          entryId: 'e1',
          assetId: 'as',
          propertyId: 'pr',
          propertyValues: [
            {
              value: { integerValue: 100 },
              timestamp: { timeInSeconds: 1_586_400_675, offsetInNanos: 5 },
              quality: 'UNCERTAIN',
            },
          ],
        },
      ],
    },
  ],
  ...(
    [
      ['booleanValue', 'TRUE', true],
      ['booleanValue', false, false],
      ['stringValue', 'on', 'on'],
      ['stringValue', new WholeDecimal(30), '30.0'],
      ['integerValue', 7, 7],
      ['integerValue', '-2147483648', -2_147_483_648],
      ['integerValue', new WholeDecimal(30), 30],
      ['doubleValue', new WholeDecimal(30), 30],
      ['doubleValue', '1.5e3', 1500],
      ['doubleValue', 7, 7],
    ] as [string, Value, unknown][]
  ).map(
    ([member, value, sent]): Row => [
      `${member} from ${typeof value} ${value}`,
      'iotSiteWise',
      { ...ALIAS, [`propertyValue.value.${member}`]: value },
      DEFAULT,
      'iotsitewise BatchPutAssetPropertyValue',
      sitewise({ ...ALIAS, propertyValues: [{ value: { [member]: sent }, timestamp: NOW }] }),
    ],
  ),
];

describe('the request according to the specification', () => {
  test.each(REQUESTS)('%s: %s', (_name, type, parameters, payload, call, input) => {
    const built = buildRequest(effect(type, parameters, payload));
    if (!built.ok) throw new Error(built.message);
    expect(`${built.request.service} ${built.request.operation}`).toBe(call);
    expect(built.request.input).toEqual(input);
    // The stored request is the one that is sent: JSON must preserve it.
    expect(JSON.parse(JSON.stringify(built.request.input))).toEqual(built.request.input);
  });
});

const VALUE = { 'propertyValue.value.doubleValue': 1 };
const REFUSED: [
  type: ExternalActionType,
  parameters: Record<string, Value>,
  payload: EffectPayload,
  message: string,
][] = [
  ['sns', {}, TEXT, 'no targetArn'],
  ['sqs', {}, TEXT, 'no queueUrl'],
  ['lambda', {}, TEXT, 'no functionArn'],
  ['firehose', {}, TEXT, 'no deliveryStreamName'],
  ['iotEvents', {}, TEXT, 'no inputName'],
  ['iotTopicPublish', { mqttTopic: '' }, TEXT, 'is empty'],
  ['iotTopicPublish', { mqttTopic: 'a/+/b' }, TEXT, 'wildcard'],
  ['iotTopicPublish', { mqttTopic: 'a/#' }, TEXT, 'wildcard'],
  ['iotTopicPublish', { mqttTopic: 'a\0b' }, TEXT, 'NUL'],
  ['iotTopicPublish', { mqttTopic: 'ü'.repeat(129) }, TEXT, 'longer than 256 bytes'],
  ['iotTopicPublish', { mqttTopic: 7 }, TEXT, 'not a string'],
  ['dynamoDB', { ...HASH, tableName: 7 }, TEXT, 'tableName'],
  ['dynamoDB', { ...HASH, hashKeyField: true }, TEXT, 'hashKeyField'],
  ['dynamoDB', { ...HASH, hashKeyType: 'BINARY' }, TEXT, 'hashKeyType'],
  ['dynamoDB', { ...HASH, hashKeyType: 'NUMBER' }, TEXT, 'not a number: a'],
  ['dynamoDB', { ...HASH, rangeKeyField: 'r' }, TEXT, 'no rangeKeyValue'],
  ['dynamoDB', { ...HASH, rangeKeyValue: 'r' }, TEXT, 'rangeKeyField'],
  ['dynamoDB', { ...HASH, operation: 'UPSERT' }, TEXT, 'UPSERT'],
  ['dynamoDB', { ...HASH, payloadField: 'id' }, json('1'), 'is a key'],
  ['dynamoDB', { ...HASH, payloadField: 7 }, json('1'), 'payloadField'],
  ['dynamoDB', { ...HASH, hashKeyField: 'id_raw', payloadField: 'id' }, TEXT, 'is a key'],
  ['dynamoDB', { ...HASH, rangeKeyField: 'id', rangeKeyValue: 'b' }, TEXT, 'same attribute'],
  ['dynamoDB', { ...HASH, hashKeyType: 'NUMBER', hashKeyValue: '0x10' }, TEXT, 'not a number: 0x10'],
  ['dynamoDB', { ...HASH, hashKeyType: 'NUMBER', hashKeyValue: true }, TEXT, 'not a number: true'],
  ['dynamoDB', { ...HASH, rangeKeyField: 'r', rangeKeyValue: 1, rangeKeyType: 7 }, TEXT, 'rangeKeyType'],
  ['dynamoDBv2', { tableName: 'T' }, TEXT, 'only supports the JSON payload type'],
  ['dynamoDBv2', { tableName: 'T' }, json('{'), 'only supports the JSON payload type'],
  ['dynamoDBv2', { tableName: 'T' }, json('[1]'), 'not a JSON object'],
  ['dynamoDBv2', { tableName: 1 }, json('{}'), 'tableName'],
  ['iotSiteWise', { ...VALUE }, DEFAULT, 'either a propertyAlias'],
  ['iotSiteWise', { ...VALUE, assetId: 'a' }, DEFAULT, 'either a propertyAlias'],
  ['iotSiteWise', { ...VALUE, ...ALIAS, assetId: 'a', propertyId: 'p' }, DEFAULT, 'either a propertyAlias'],
  [
    'iotSiteWise',
    { ...VALUE, propertyAlias: 7 },
    DEFAULT,
    'The propertyAlias of the iotSiteWise action is "7"',
  ],
  ['iotSiteWise', { ...VALUE, assetId: 'a', propertyId: '' }, DEFAULT, 'propertyId'],
  ['iotSiteWise', ALIAS, DEFAULT, 'exactly one value, but has 0'],
  ['iotSiteWise', { ...ALIAS, ...VALUE, 'propertyValue.value.stringValue': 'x' }, DEFAULT, 'has 2'],
  ['iotSiteWise', { ...ALIAS, 'propertyValue.value.integerValue': 1.5 }, DEFAULT, 'integerValue'],
  ['iotSiteWise', { ...ALIAS, 'propertyValue.value.integerValue': 2 ** 31 }, DEFAULT, 'integerValue'],
  ['iotSiteWise', { ...ALIAS, 'propertyValue.value.integerValue': '' }, DEFAULT, 'integerValue'],
  ['iotSiteWise', { ...ALIAS, 'propertyValue.value.integerValue': ' 1' }, DEFAULT, 'integerValue'],
  ['iotSiteWise', { ...ALIAS, 'propertyValue.value.integerValue': true }, DEFAULT, 'integerValue'],
  ['iotSiteWise', { ...ALIAS, 'propertyValue.value.doubleValue': 'warm' }, DEFAULT, 'doubleValue'],
  ['iotSiteWise', { ...ALIAS, 'propertyValue.value.doubleValue': '1e999' }, DEFAULT, 'doubleValue'],
  ['iotSiteWise', { ...ALIAS, 'propertyValue.value.booleanValue': 1 }, DEFAULT, 'booleanValue'],
  [
    'iotSiteWise',
    { ...ALIAS, ...VALUE, 'propertyValue.timestamp.offsetInNanos': 5 },
    DEFAULT,
    'no timeInSeconds',
  ],
  [
    'iotSiteWise',
    { ...ALIAS, ...VALUE, 'propertyValue.timestamp.timeInSeconds': '0x10' },
    DEFAULT,
    'timeInSeconds',
  ],
  ['iotSiteWise', { ...ALIAS, 'propertyValue.value.booleanValue': 'yes' }, DEFAULT, 'booleanValue'],
  ['iotSiteWise', { ...ALIAS, ...VALUE, 'propertyValue.quality': 'FINE' }, DEFAULT, 'FINE'],
  [
    'iotSiteWise',
    { ...ALIAS, ...VALUE, 'propertyValue.timestamp.timeInSeconds': 0 },
    DEFAULT,
    'timeInSeconds',
  ],
  [
    'iotSiteWise',
    { ...ALIAS, ...VALUE, 'propertyValue.timestamp.timeInSeconds': 'soon' },
    DEFAULT,
    'timeInSeconds',
  ],
  [
    'iotSiteWise',
    {
      ...ALIAS,
      ...VALUE,
      'propertyValue.timestamp.timeInSeconds': 1,
      'propertyValue.timestamp.offsetInNanos': 1e9,
    },
    DEFAULT,
    'offsetInNanos',
  ],
];

test.each(REFUSED)('%s %j is not sent, and says why', (type, parameters, payload, message) => {
  const built = buildRequest(effect(type, parameters, payload));
  expect(built).toMatchObject({ ok: false, message: expect.stringContaining(message) });
});

test('a warning names the column that stores an invalid JSON payload', () => {
  const built = buildRequest(effect('dynamoDB', HASH, json('{"a":')));
  expect(built).toMatchObject({ warnings: [expect.stringContaining('payload_raw')] });
  expect(buildRequest(effect('dynamoDB', HASH, TEXT))).toMatchObject({ warnings: [] });
});

/** What DynamoDB returns for an attribute, as JSON. */
function textOfAttribute(attribute: AttributeValue): string {
  if ('M' in attribute) {
    const members = Object.entries(attribute.M).map(([n, v]) => `${JSON.stringify(n)}:${textOfAttribute(v)}`);
    return `{${members.join(',')}}`;
  }
  if ('L' in attribute) return `[${attribute.L.map(textOfAttribute).join(',')}]`;
  if ('N' in attribute) return attribute.N;
  return JSON.stringify(
    'NULL' in attribute ? null : 'BOOL' in attribute ? attribute.BOOL : Object.values(attribute)[0],
  );
}

test('any JSON survives the conversion to an attribute value', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const parsed = parseJson(text);
      const value: Json = parsed.ok ? parsed.value : null;
      expect(textOfAttribute(attributeValue(value))).toBe(renderJson(value));
    }),
  );
});

const NAMES: Record<ExternalActionType, readonly string[]> = {
  sns: ['targetArn'],
  sqs: ['queueUrl', 'useBase64'],
  lambda: ['functionArn'],
  firehose: ['deliveryStreamName', 'separator'],
  iotTopicPublish: ['mqttTopic'],
  iotEvents: ['inputName'],
  dynamoDBv2: ['tableName'],
  dynamoDB: [
    ...['tableName', 'hashKeyField', 'hashKeyType', 'hashKeyValue', 'operation', 'payloadField'],
    ...['rangeKeyField', 'rangeKeyType', 'rangeKeyValue'],
  ],
  iotSiteWise: [
    ...['entryId', 'assetId', 'propertyId', 'propertyAlias', 'propertyValue.quality'],
    ...['stringValue', 'integerValue', 'doubleValue', 'booleanValue'].map(
      (name) => `propertyValue.value.${name}`,
    ),
    ...['timeInSeconds', 'offsetInNanos'].map((name) => `propertyValue.timestamp.${name}`),
  ],
};

const anyValue: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom(
    'NUMBER',
    'STRING',
    'UPDATE',
    'DELETE',
    'GOOD',
    'true',
    '7',
    'T',
    '__proto__',
    'constructor',
  ),
  fc.string({ unit: 'binary' }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Number.isInteger(number)),
  fc.maxSafeInteger(),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
  fc.maxSafeInteger().map((number) => new WholeDecimal(number)),
  fc.boolean(),
);

const anyEffect = fc.constantFrom(...(Object.keys(NAMES) as ExternalActionType[])).chain((type) =>
  fc
    .record({
      parameters: fc.record(Object.fromEntries(NAMES[type].map((name) => [name, anyValue])), {
        requiredKeys: [],
      }),
      payload: fc.record({
        type: fc.constantFrom('STRING' as const, 'JSON' as const),
        text: fc.oneof(fc.json(), fc.string({ unit: 'binary' })),
      }),
    })
    .map(({ parameters, payload }) => effect(type, parameters as Record<string, Value>, payload)),
);

test('for any effect, the request survives JSON, or there is a reason why it cannot be built', () => {
  fc.assert(
    fc.property(anyEffect, (any) => {
      const built = buildRequest(any);
      if (built.ok) expect(JSON.parse(JSON.stringify(built.request))).toStrictEqual(built.request);
      else expect(built.message).not.toBe('');
    }),
    { numRuns: 2_000 },
  );
});
