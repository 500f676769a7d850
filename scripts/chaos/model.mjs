/** Each detector counts its messages, sends each number to a queue and publishes it, and notices when messages stop. */
const add = (variableName) => ({ setVariable: { variableName, value: `$variable.${variableName} + 1` } });
const say = (what, queueUrl) => ({
  sqs: {
    queueUrl,
    payload: {
      contentExpression: `'{"key":"\${$input.Reading.key}","${what}":\${$variable.${what}}}'`,
      type: 'JSON',
    },
  },
});

export const INPUT = {
  inputName: 'Reading',
  inputDefinition: { attributes: [{ jsonPath: 'key' }, { jsonPath: 'n' }] },
};

export const modelFor = (url) => ({
  detectorModelName: 'Chaos',
  key: 'key',
  roleArn: 'arn:aws:iam::000000000000:role/Chaos',
  detectorModelDefinition: {
    initialStateName: 'A',
    states: [
      {
        stateName: 'A',
        onEnter: {
          events: [
            {
              eventName: 'zero',
              actions: ['count', 'quiet'].map((variableName) => ({
                setVariable: { variableName, value: '0' },
              })),
            },
          ],
        },
        onInput: {
          events: [
            {
              eventName: 'message',
              condition: 'currentInput("Reading")',
              actions: [
                add('count'),
                { setTimer: { timerName: 'quiet', durationExpression: '2' } },
                say('count', `${url}/0/messages`),
                { iotTopicPublish: { mqttTopic: "'chaos/news'" } },
              ],
            },
            {
              eventName: 'quiet',
              condition: 'timeout("quiet")',
              actions: [add('quiet'), say('quiet', `${url}/0/quiet`)],
            },
          ],
        },
      },
    ],
  },
});
