import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { startTestServer } from '../support/server.ts';
import { CORPUS_MISSING, SHARED } from './corpus.ts';

/** Published alarm models with a role added, and enabled if they do not say so; otherwise they would do nothing. */
function loadAlarms(): { readonly file: string; readonly request: Record<string, unknown> }[] {
  const folder = new URL('corpus/alarms/', SHARED);
  return readdirSync(folder).map((file) => {
    const { _source, _format, ...given } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Record<
      string,
      unknown
    >;
    const initializationConfiguration = { disabledOnInitialization: false };
    const request = { alarmCapabilities: { initializationConfiguration }, ...given };
    return { file, request: { ...request, roleArn: 'arn:aws:iam::000000000000:role/Corpus' } };
  });
}

describe.skipIf(CORPUS_MISSING)('published alarm models (skipped where the corpus is absent)', () => {
  test('each loads and runs', async () => {
    const server = await startTestServer();
    const client = new ApiClient(server.url);
    const alarms = loadAlarms();
    const states: unknown[] = [];
    try {
      const inputDefinition = { attributes: [{ jsonPath: 'device_id' }] };
      await client.call('POST', '/inputs', { inputName: 'TemperatureSensor', inputDefinition });
      for (const { file, request } of alarms) {
        const alarmModelName = `${request.alarmModelName}-${file.slice(0, 3)}`;
        await client.call('POST', '/alarm-models', { ...request, alarmModelName });
      }
      const value = (propertyId: string, doubleValue: number) => ({
        type: 'PropertyValueUpdate',
        payload: {
          assetId: 'boiler-1',
          propertyId,
          values: [{ timestamp: { timeInSeconds: 1_600_000_000 }, value: { doubleValue } }],
        },
      });
      await client.call('POST', '/_tripline/sitewise/property-values', value('thresholdAttributeId', 30));
      await client.call('POST', '/_tripline/sitewise/property-values', value('alarmPropertyId', 31.5));
      const payload = Buffer.from('{"device_id":"d1","temperature":31,"timestamp":"now"}').toString('base64');
      const messages = [{ messageId: '1', inputName: 'TemperatureSensor', payload }];
      await client.call('POST', '/inputs/messages', { messages });
      for (const { file, request } of alarms) {
        const key = request.key === undefined ? 'boiler-1' : 'd1';
        const name = `${request.alarmModelName}-${file.slice(0, 3)}`;
        const { alarm } = await client.call('GET', `/alarms/${name}/keyValues?keyValue=${key}`);
        states.push((alarm as { alarmState: { stateName: string } }).alarmState.stateName);
      }
      expect(states).toEqual(['ACTIVE', 'ACTIVE', 'ACTIVE']);
      const { actions } = await client.call('GET', '/_tripline/actions');
      const requests = (actions as { type: string; request: { input: object } }[]).map(
        ({ type, request }) => [type, request.input],
      );
      expect(Object.fromEntries(requests)).toMatchObject({
        iotSiteWise: { entries: [{ assetId: 'boiler-1', propertyId: 'alarmStatePropertyId' }] },
        sns: {
          Message: '{ "alarmId": "d1", "temperature": "31", "threshold": "30", "timestamp": "now" }',
        },
      });
    } finally {
      await server.dispose();
    }
  });
});
