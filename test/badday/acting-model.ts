import { ApiClient } from '../../src/cli/client.ts';

/** Defines an input `Reading` and a model that sends a message to that queue for each message it gets. */
export async function defineActing(serverUrl: string, queueUrl: string): Promise<void> {
  const client = new ApiClient(serverUrl);
  const inputDefinition = { attributes: [{ jsonPath: 'key' }, { jsonPath: 'n' }] };
  await client.call('POST', '/inputs', { inputName: 'Reading', inputDefinition });
  const payload = { type: 'STRING', contentExpression: "'${$input.Reading.key} ${$input.Reading.n}'" };
  await client.call('POST', '/detector-models', {
    detectorModelName: 'Acting',
    key: 'key',
    roleArn: 'arn:aws:iam::000000000000:role/r',
    detectorModelDefinition: {
      initialStateName: 'A',
      states: [
        {
          stateName: 'A',
          onInput: {
            events: [
              {
                eventName: 'e',
                condition: 'currentInput("Reading")',
                actions: [{ sqs: { queueUrl, payload } }],
              },
            ],
          },
        },
      ],
    },
  });
}

/** The body of a BatchPutMessage with these readings of one key. */
export function readings(key: string, numbers: readonly number[]): object {
  return {
    messages: numbers.map((n) => ({
      messageId: `${key}-${n}`,
      inputName: 'Reading',
      payload: Buffer.from(JSON.stringify({ key, n })).toString('base64'),
    })),
  };
}
