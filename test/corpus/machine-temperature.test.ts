import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { startTestServer } from '../support/server.ts';
import { DATA_MISSING, SHARED } from './corpus.ts';

/** In alarm below 35 degrees, clear above 75: the machine is that cold only when something is wrong with it. */
const MODEL = {
  detectorModelName: 'MachineTemperature',
  key: 'machine',
  roleArn: 'arn:aws:iam::000000000000:role/Machine',
  detectorModelDefinition: {
    initialStateName: 'Normal',
    states: [
      {
        stateName: 'Normal',
        onInput: {
          transitionEvents: [
            {
              eventName: 'Too cold',
              condition: '$input.Machine.temperature < 35.0',
              nextState: 'Alarm',
              actions: [
                { setVariable: { variableName: 'since', value: '$input.Machine.time' } },
                {
                  sns: {
                    targetArn: 'arn:aws:sns:us-east-1:000000000000:machine',
                    payload: { contentExpression: '$input.Machine.time', type: 'STRING' },
                  },
                },
              ],
            },
          ],
        },
      },
      {
        stateName: 'Alarm',
        onInput: {
          transitionEvents: [
            { eventName: 'Warm again', condition: '$input.Machine.temperature > 75.0', nextState: 'Normal' },
          ],
        },
      },
    ],
  },
};

describe.skipIf(DATA_MISSING)('a real sensor series (skipped where the data is absent)', () => {
  test('22,695 readings of a machine raise alarms inside the labelled windows only', async () => {
    const readings = readFileSync(new URL('data/machine_temperature.csv', SHARED), 'utf8')
      .trim()
      .split('\n')
      .slice(1);
    const windows = JSON.parse(readFileSync(new URL('data/failure_windows.json', SHARED), 'utf8'))[
      'machine_temperature.csv'
    ] as [string, string][];
    const server = await startTestServer();
    const client = new ApiClient(server.url);
    try {
      await client.call('POST', '/inputs', {
        inputName: 'Machine',
        inputDefinition: {
          attributes: [{ jsonPath: 'machine' }, { jsonPath: 'temperature' }, { jsonPath: 'time' }],
        },
      });
      await client.call('POST', '/detector-models', MODEL);
      const began = performance.now();
      for (let first = 0; first < readings.length; first += 10) {
        const messages = readings.slice(first, first + 10).map((line, index) => {
          const [time = '', temperature = ''] = line.split(',');
          const payload = `{"machine":"m1","time":"${time}","temperature":${Number(temperature).toFixed(6)}}`;
          return {
            messageId: `r${first + index}`,
            inputName: 'Machine',
            payload: Buffer.from(payload).toString('base64'),
          };
        });
        const answer = await client.call('POST', '/inputs/messages', { messages });
        expect(answer.BatchPutMessageErrorEntries).toEqual([]);
      }
      const seconds = (performance.now() - began) / 1000;
      const response = await fetch(`${server.url}/_tripline/actions?maxResults=250`);
      const { actions } = (await response.json()) as {
        actions: { request: { input: { Message: string } } }[];
      };
      const alarms = actions.map(({ request }) => request.input.Message).sort();
      const rate = Math.round(readings.length / seconds);
      console.log(
        `machine temperature: ${readings.length} readings in ${seconds.toFixed(1)} s (${rate}/s, one batch of 10 at a time), ` +
          `${alarms.length} alarms: ${alarms.join(', ')}`,
      );
      expect(readings.length).toBe(22_695);
      expect(alarms.length).toBeGreaterThan(0);
      for (const alarm of alarms) {
        expect(
          windows.some(([from, to]) => from <= alarm && alarm <= to),
          alarm,
        ).toBe(true);
      }
    } finally {
      await server.dispose();
    }
  }, 120_000);
});
