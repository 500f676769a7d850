import { expect, test } from 'vitest';
import { accessOf } from './access.ts';

const PLACE = { region: 'us-east-1', accountId: '000000000000' };
const ARN = 'arn:aws:iotevents:us-east-1:000000000000:';

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
    'CreateDetectorModel',
    {
      detectorModelName: 'M',
      detectorModelDefinition: { x: '$input.I.a > 1 && currentInput("J") && $input.`K`.b' },
    },
    [
      'CreateDetectorModel detectorModel/M',
      'UpdateInputRouting input/I',
      'UpdateInputRouting input/J',
      'UpdateInputRouting input/K',
    ],
  ],
])('%s of %j wants %j', (operation, input, wanted) => {
  const access = accessOf(operation, input, PLACE);
  expect(
    access.map(({ action, resource }) => `${action.replace('iotevents:', '')} ${resource.replace(ARN, '')}`),
  ).toEqual(wanted);
});
