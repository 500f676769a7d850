import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ApiClient } from '../../src/cli/client.ts';
import { startTestServer } from '../support/server.ts';
import { CORPUS_MISSING, inputsOf, loadModels, SHARED } from './corpus.ts';

/** Models that are refused, with the sentence of the specification behind it. */
const REFUSED: Readonly<Record<string, { readonly message: string; readonly reference: string }>> = {
  '018': {
    message: 'must use at least one Input in a condition',
    reference: 'analysis 5: no expression reads an input',
  },
  '019': {
    message: "Value 'Variable 1'",
    reference: 'models 3.1: variable names have letters, digits and _ only',
  },
  '020': {
    message: "Failed to parse expression '$input.PressureInput.sensorData.pressure &gt; 70'",
    reference: 'analysis 6: published with HTML entities',
  },
};

const ANY_INPUT = { attributes: [{ jsonPath: 'any' }] };

async function post(url: string, path: string, body: object): Promise<{ status: number; message: string }> {
  const response = await fetch(url + path, { method: 'POST', body: JSON.stringify(body) });
  const { message = '' } = (await response.json()) as { message?: string };
  return { status: response.status, message };
}

describe.skipIf(CORPUS_MISSING)('published models (skipped where the corpus is absent)', () => {
  test('each loads, or is refused for a reason that the specification gives', async () => {
    const server = await startTestServer({ detectorModels: 100, inputs: 100, detectorModelsPerInput: 100 });
    const rows: string[] = [];
    const refusals: Record<string, string> = {};
    try {
      const inputNames = new Set(loadModels().flatMap(inputsOf));
      for (const inputName of inputNames)
        await post(server.url, '/inputs', { inputName, inputDefinition: ANY_INPUT });
      for (const model of loadModels()) {
        const number = model.file.slice(0, 3);
        const detectorModelName = `${model.request.detectorModelName}-${number}`;
        const answer = await post(server.url, '/detector-models', { ...model.request, detectorModelName });
        if (answer.status !== 200) refusals[number] = answer.message;
        const outcome = answer.status === 200 ? 'loads' : `refused: ${answer.message.split('\n')[0]}`;
        const states = String(model.request.detectorModelDefinition.states.length).padStart(2);
        rows.push(`${number}  ${states} states  ${detectorModelName.padEnd(52)} ${outcome}`);
      }
    } finally {
      await server.dispose();
    }
    console.log(`corpus:\n${rows.join('\n')}`);
    expect(Object.keys(refusals).sort()).toEqual(Object.keys(REFUSED).sort());
    for (const [number, { message }] of Object.entries(REFUSED)) expect(refusals[number]).toContain(message);
  });

  test('the HVAC model runs its documented messages to their documented end', async () => {
    const server = await startTestServer();
    const client = new ApiClient(server.url);
    const model = loadModels().find(({ file }) => file.startsWith('034'));
    const requests = JSON.parse(
      readFileSync(new URL('corpus/payloads/batch-put-message-requests.json', SHARED), 'utf8'),
    ) as {
      source: string;
      request: { messages: { inputName: string; messageId: string; payload: string }[] };
    }[];
    const documented = requests
      .filter(({ source }) => source.endsWith('iotevents-examples-hvac.md'))
      .flatMap(({ request }) => request.messages);
    expect(documented.map(({ inputName }) => inputName)).toEqual([
      'seedTemperatureInput',
      'temperatureInput',
      'seedTemperatureInput',
    ]);
    try {
      for (const inputName of ['seedTemperatureInput', 'temperatureInput']) {
        const inputDefinition = { attributes: [{ jsonPath: 'areaId' }] };
        await client.call('POST', '/inputs', { inputName, inputDefinition });
      }
      await client.call('POST', '/detector-models', model?.request ?? {});
      const put = async (inputName: string, payload: string, messageId: string) => {
        const messages = [{ messageId, inputName, payload: Buffer.from(payload).toString('base64') }];
        const answer = await client.call('POST', '/inputs/messages', { messages });
        expect(answer.BatchPutMessageErrorEntries).toEqual([]);
        return describeArea(server.url);
      };
      // The examples use one messageId twice, more than five minutes apart; here they are sent at once.
      const [seed, reading, change] = await Promise.all(
        documented.map(async ({ inputName, payload }, index) => ({
          inputName,
          payload,
          id: `hvac-${index}`,
        })),
      );
      expect(await put(seed?.inputName ?? '', seed?.payload ?? '', seed?.id ?? '')).toMatchObject({
        stateName: 'idle',
        variables: {
          sensorId: '0',
          reportedTemperature: '0.1',
          resetMe: 'false',
          rangeHigh: '30.0',
          rangeLow: '15.0',
          desiredTemperature: '20.0',
          averageTemperature: '20.0',
          allowedError: '0.7',
          anomalousHigh: '60.0',
          anomalousLow: '0.0',
          sensorCount: '10',
          noDelay: 'false',
        },
      });
      const leaving = await actions(server.url);
      expect(leaving.map(({ eventName, type }) => `${eventName} ${type}`)).toEqual([
        'resetHeatCool sns',
        'resetHeatCool sns',
        'resetHeatCool iotTopicPublish',
        'resetHeatCool iotTopicPublish',
      ]);
      expect(JSON.parse(leaving[0]?.request.input.Message ?? '').payload.state).toMatchObject({
        stateName: 'start',
        variables: { sensorCount: 10, rangeHigh: 30, noDelay: false },
      });
      expect(leaving[0]?.request.input.Message).toContain('"rangeHigh":30.0');
      expect(await put(reading?.inputName ?? '', reading?.payload ?? '', reading?.id ?? '')).toMatchObject({
        stateName: 'idle',
        variables: { sensorId: '"05"', reportedTemperature: '23.12', averageTemperature: '20.312' },
      });
      expect(await put(change?.inputName ?? '', change?.payload ?? '', change?.id ?? '')).toMatchObject({
        stateName: 'idle',
        variables: { desiredTemperature: '23.0' },
      });
      // Now the average is below the target: the next reading starts the heating, with its timer.
      const heating = await put('temperatureInput', reading?.payload ?? '', 'hvac-heat');
      expect(heating).toMatchObject({
        stateName: 'heating',
        variables: { goodToGo: 'false', enteringNewState: 'false' },
        timers: ['heatingTimer'],
      });
    } finally {
      await server.dispose();
    }
  });
});

async function describeArea(url: string) {
  const response = await fetch(`${url}/detectors/areaDetectorModel/keyValues?keyValue=Area51`);
  const { detector } = (await response.json()) as {
    detector: {
      state: { stateName: string; variables: { name: string; value: string }[]; timers: { name: string }[] };
    };
  };
  const { stateName, variables, timers } = detector.state;
  return {
    stateName,
    variables: Object.fromEntries(variables.map(({ name, value }) => [name, value])),
    timers: timers.map(({ name }) => name),
  };
}

/** Oldest first. */
async function actions(url: string) {
  const response = await fetch(`${url}/_tripline/actions`);
  const page = (await response.json()) as {
    actions: { type: string; eventName: string; request: { input: Record<string, string> } }[];
  };
  return page.actions.reverse();
}
