import { expect, test } from 'vitest';
import { accessOf } from './access.ts';

const PLACE = { region: 'us-east-1', accountId: '000000000000' };
const ARN = 'arn:aws:iotevents:us-east-1:000000000000:';

/** A model that reads an input in this condition, and puts messages into another. */
function model(condition: string): object {
  const actions = [{ iotEvents: { inputName: 'Other' } }];
  const onInput = { events: [{ eventName: 'e', condition, actions }] };
  return {
    detectorModelName: 'M',
    roleArn: 'arn:aws:iam::000000000000:role/r',
    detectorModelDefinition: { initialStateName: 'S', states: [{ stateName: 'S', onInput }] },
  };
}

test.each<[Parameters<typeof accessOf>[0], object, string[]]>([
  ['ListInputs', { maxResults: 1 }, ['ListInputs *']],
  ['CreateInput', { inputName: 'I', inputDefinition: {} }, ['CreateInput input/I']],
  ['DescribeDetectorModel', { detectorModelName: 'M' }, ['DescribeDetectorModel detectorModel/M']],
  ['DescribeAlarm', { alarmModelName: 'A', keyValue: 'k' }, ['DescribeAlarm alarmModel/A']],
  ['TagResource', { resourceArn: `${ARN}input/I`, tags: [] }, ['TagResource input/I']],
  [
    'BatchPutMessage',
    { messages: [{ inputName: 'I' }, { inputName: 'J' }, { inputName: 'I' }] },
    ['BatchPutMessage input/I', 'BatchPutMessage input/J'],
  ],
  [
    'BatchUpdateDetector',
    { detectors: [{ detectorModelName: 'M', keyValue: 'a' }, { detectorModelName: 'N' }] },
    ['BatchUpdateDetector detectorModel/M', 'BatchUpdateDetector detectorModel/N'],
  ],
  [
    'BatchSnoozeAlarm',
    { snoozeActionRequests: [{ requestId: '1', alarmModelName: 'A', snoozeDuration: 1 }] },
    ['BatchSnoozeAlarm alarmModel/A'],
  ],
  [
    'TagResource',
    { resourceArn: 'arn:aws-cn:iotevents:us-east-1:000000000000:input/I', tags: [] },
    ['TagResource input/I'],
  ],
  [
    'PutLoggingOptions',
    { loggingOptions: { roleArn: 'arn:aws:iam::000000000000:role/log', level: 'INFO', enabled: true } },
    ['PutLoggingOptions *', 'iam:PassRole arn:aws:iam::000000000000:role/log'],
  ],
  ...['CreateDetectorModel' as const, 'UpdateDetectorModel' as const].flatMap((operation) =>
    [
      '$input.Secret.v',
      '$input .Secret.v',
      '$input\n.\tSecret.v',
      '$input.`Secret`.v',
      'currentInput("Secret")',
      'currentInput("\\u0053ecret")',
      "currentInput ( 'Secret' )",
    ].map((condition): [typeof operation, object, string[]] => [
      operation,
      model(condition),
      [
        `${operation} detectorModel/M`,
        'iam:PassRole arn:aws:iam::000000000000:role/r',
        'UpdateInputRouting input/Secret',
        'BatchPutMessage input/Other',
      ],
    ]),
  ),
  [
    'CreateAlarmModel',
    {
      alarmModelName: 'A',
      roleArn: 'arn:aws:iam::000000000000:role/r',
      alarmRule: {
        simpleRule: { inputProperty: '$input .Secret.v', comparisonOperator: 'GREATER', threshold: '1' },
      },
      alarmEventActions: { alarmActions: [{ iotEvents: { inputName: 'Other' } }] },
    },
    [
      'CreateAlarmModel alarmModel/A',
      'iam:PassRole arn:aws:iam::000000000000:role/r',
      'UpdateInputRouting input/Secret',
      'BatchPutMessage input/Other',
    ],
  ],
])('%s of %j requires %j', (operation, input, wanted) => {
  const access = accessOf(operation, input, PLACE);
  expect(
    access.map(({ action, resource }) => `${action.replace('iotevents:', '')} ${resource.replace(ARN, '')}`),
  ).toEqual(wanted);
});
