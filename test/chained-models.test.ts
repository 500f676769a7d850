import { expect, test } from 'vitest';
import { ApiClient } from '../src/cli/client.ts';
import { startTestServer } from './support/server.ts';

/** `--actions record` sends nothing to other services; messages within the server are still delivered. */
test('with --actions record an iotEvents action reaches the next model', async () => {
  const server = await startTestServer({}, { actions: 'record' });
  const client = new ApiClient(server.url);
  try {
    for (const inputName of ['Reading', 'Alarm'])
      await client.call('POST', '/inputs', {
        inputName,
        inputDefinition: { attributes: [{ jsonPath: 'id' }, { jsonPath: 'value' }] },
      });
    const alarm = {
      inputName: 'Alarm',
      payload: { type: 'JSON', contentExpression: `'{"id":"\${$input.Reading.id}"}'` },
    };
    await client.call('POST', '/detector-models', model('First', 'Reading', [{ iotEvents: alarm }]));
    const topic = { sns: { targetArn: 'arn:aws:sns:us-east-1:000000000000:alarms' } };
    await client.call('POST', '/detector-models', model('Second', 'Alarm', [topic]));
    const payload = Buffer.from('{"id":"pump-1","value":1}').toString('base64');
    const messages = [{ messageId: 'm1', inputName: 'Reading', payload }];
    await client.call('POST', '/inputs/messages', { messages });
    await expect.poll(() => statuses(client)).toEqual(['First iotEvents DELIVERED', 'Second sns RECORDED']);
    const { detector } = await client.call('GET', '/detectors/Second/keyValues?keyValue=pump-1');
    expect(detector).toMatchObject({ state: { stateName: 'Waiting' } });
  } finally {
    await server.dispose();
  }
});

function model(detectorModelName: string, inputName: string, actions: readonly object[]): object {
  const condition = `currentInput("${inputName}") && !isNull($input.${inputName}.id)`;
  const onInput = { events: [{ eventName: 'seen', condition, actions }] };
  return {
    detectorModelName,
    key: 'id',
    roleArn: 'arn:aws:iam::000000000000:role/Chain',
    detectorModelDefinition: { initialStateName: 'Waiting', states: [{ stateName: 'Waiting', onInput }] },
  };
}

async function statuses(client: ApiClient): Promise<string[]> {
  const { actions } = await client.call('GET', '/_tripline/actions');
  return (actions as { detectorModelName: string; type: string; status: string }[])
    .map(({ detectorModelName, type, status }) => `${detectorModelName} ${type} ${status}`)
    .sort();
}
