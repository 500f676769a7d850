/**
 * A model that makes every loss visible: it counts its messages and timeouts, keeps the last number, and acts once for
 * each.
 */
export const COUNTER_INPUT = {
  inputName: 'Count',
  inputDefinition: { attributes: [{ jsonPath: 'key' }, { jsonPath: 'n' }] },
};

const add = (variableName: string) => ({
  setVariable: { variableName, value: `$variable.${variableName} + 1` },
});

export const COUNTER_MODEL = {
  detectorModelName: 'Counter',
  key: 'key',
  roleArn: 'arn:aws:iam::000000000000:role/Counter',
  detectorModelDefinition: {
    initialStateName: 'Counting',
    states: [
      {
        stateName: 'Counting',
        onEnter: {
          events: [
            {
              eventName: 'start',
              actions: [
                { setVariable: { variableName: 'count', value: '0' } },
                { setVariable: { variableName: 'timeouts', value: '0' } },
              ],
            },
          ],
        },
        onInput: {
          events: [
            {
              eventName: 'message',
              condition: 'currentInput("Count")',
              actions: [
                add('count'),
                { setVariable: { variableName: 'last', value: '$input.Count.n' } },
                { setTimer: { timerName: 'quiet', seconds: 1 } },
                {
                  sns: {
                    targetArn: 'arn:aws:sns:us-east-1:000000000000:counts',
                    payload: { type: 'STRING', contentExpression: "'${$variable.last}'" },
                  },
                },
              ],
            },
            {
              eventName: 'quiet',
              condition: 'timeout("quiet")',
              actions: [add('timeouts'), { sqs: { queueUrl: 'http://127.0.0.1/000000000000/quiet' } }],
            },
          ],
        },
      },
    ],
  },
};
