import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../limits.ts';
import { actionProblems } from './action-problems.ts';
import type { AlarmAction, AlarmModelDefinition, NotificationAction } from './definition.ts';

const RULE = { inputProperty: '$input.I.t', comparisonOperator: 'GREATER', threshold: '30' } as const;

function problems(alarmActions: readonly AlarmAction[], notificationActions: NotificationAction[] = []) {
  const definition: AlarmModelDefinition = {
    alarmRule: { simpleRule: RULE },
    alarmEventActions: { alarmActions },
    alarmNotification: { notificationActions },
  };
  return actionProblems(definition, DEFAULT_LIMITS);
}

const sns = (contentExpression: string, type: 'JSON' | 'STRING' = 'JSON'): AlarmAction => ({
  sns: { targetArn: 't', payload: { contentExpression, type } },
});
const long = `'${'ä'.repeat(512)}'`;

test('payloads that could be evaluated are none', () => {
  const right = ['\'{"a":${$input.I.t}}\'', '$input.I.text', `'\${$input.I.t}'`, "'a' + $input.I.b"];
  const alarmActions = right.map((text) => sns(text));
  const json = { contentExpression: "'{}'", type: 'JSON' as const };
  const others: AlarmAction[] = [
    sns('5', 'STRING'),
    { sns: { targetArn: 't' } },
    { dynamoDBv2: { tableName: "'T'" } },
    { dynamoDBv2: { tableName: "'T'", payload: json } },
    { iotSiteWise: { propertyAlias: "'/a'" } },
  ];
  expect(problems([...alarmActions, ...others])).toEqual([]);
  const property = '$sitewise.assetModel.`m`.`p`.propertyValue.value';
  expect(problems([sns(property)], [{ action: { lambdaAction: { functionArn: 'f' } } }])).toEqual([]);
});

test.each([
  [
    sns('5'),
    "Your payload expression {5} isn't valid. The defined payload type is JSON, so you must specify an expression that AWS IoT Events would evaluate to a string.",
  ],
  [
    sns('$input.I.t > 1'),
    "Your payload expression {$input.I.t > 1} isn't valid. The defined payload type is JSON, so you must specify an expression that AWS IoT Events would evaluate to a string.",
  ],
  [
    {
      dynamoDBv2: { tableName: "'T'", payload: { contentExpression: "'x'", type: 'STRING' as const } },
    },
    "We couldn't evaluate your expression to valid JSON. The DynamoDBv2 action only supports the JSON payload type.",
  ],
  [
    { dynamoDB: { tableName: "'T'", hashKeyField: "'h'", hashKeyValue: "'x'", rangeKeyField: "'r'" } },
    "We couldn't parse your expression of the attributes (rangeKeyValue) for the DynamoDB action. Enter expression with the correct syntax.",
  ],
  [sns(long, 'STRING'), 'Content Expression allowed in payload exceeded the limit 1024 bytes.'],
])('%j is refused as in a detector model', (action, message) => {
  const path = 'alarmEventActions.alarmActions[1]';
  expect(problems([sns("'{}'"), action])).toEqual([{ path, message }]);
  const payload = 'sns' in action ? action.sns?.payload : undefined;
  if (payload === undefined) return;
  const notification = { action: { lambdaAction: { functionArn: 'f', payload } } };
  expect(problems([], [notification])).toEqual([
    { path: 'alarmNotification.notificationActions[0].action.lambdaAction', message },
  ]);
});
