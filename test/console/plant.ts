import { readFileSync } from 'node:fs';
import { connectAsync } from 'mqtt';
import { ApiClient } from '../../src/cli/client.ts';

/** A small plant: pumps with pressure and heartbeat models, and alarms on their temperature. */

const EXAMPLES = new URL('../../examples/pump-station/', import.meta.url);
const ROLE = 'arn:aws:iam::000000000000:role/PumpStation';

function example<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(file, EXAMPLES), 'utf8')) as T;
}

interface Rule {
  readonly ruleName: string;
  readonly topicRulePayload: object;
}

let lastMessage = 0;

export async function put(url: string, inputName: string, ...payloads: object[]): Promise<void> {
  const client = new ApiClient(url);
  for (let at = 0; at < payloads.length; at += 10) {
    const messages = payloads.slice(at, at + 10).map((payload) => ({
      messageId: `plant-${++lastMessage}`,
      inputName,
      payload: Buffer.from(JSON.stringify(payload)).toString('base64'),
    }));
    await client.call('POST', '/inputs/messages', { messages });
  }
}

export async function createModels(url: string): Promise<void> {
  const client = new ApiClient(url);
  for (const input of example<object[]>('inputs.json')) await client.call('POST', '/inputs', input);
  for (const file of ['pump-pressure.json', 'pump-heartbeat.json'])
    await client.call('POST', '/detector-models', example(file));
  await client.call('POST', '/alarm-models', {
    alarmModelName: 'BearingTemperature',
    key: 'pumpId',
    roleArn: ROLE,
    severity: 3,
    alarmRule: {
      simpleRule: {
        inputProperty: '$input.PumpTemperature.sensor.temperature',
        comparisonOperator: 'GREATER',
        threshold: '70',
      },
    },
    alarmCapabilities: {
      initializationConfiguration: { disabledOnInitialization: false },
      acknowledgeFlow: { enabled: true },
    },
  });
}

/** Models and some readings: two pumps in overpressure, one bearing hot, one action that failed. */
export async function fillPlant(url: string): Promise<void> {
  await createModels(url);
  const client = new ApiClient(url);
  for (const { ruleName, topicRulePayload } of example<Rule[]>('rules.json'))
    await client.call('POST', `/rules/${ruleName}`, topicRulePayload);
  const pumps = Array.from({ length: 12 }, (_, index) => `P-${101 + index}`);
  const pressure = (pumpId: string, value: number) => ({ pumpId, sensor: { pressure: value } });
  await put(url, 'PumpPressure', ...pumps.map((pumpId, index) => pressure(pumpId, 5.2 + (index % 7) / 10)));
  await put(url, 'PumpPressure', pressure('P-103', 7.6), pressure('P-103', 8.9), pressure('P-107', 9.4));
  await put(url, 'PumpPressure', pressure('P-103', 7.1));
  const temperature = (pumpId: string, value: number) => ({ pumpId, sensor: { temperature: value } });
  await put(
    url,
    'PumpTemperature',
    ...pumps.slice(0, 8).map((pumpId, index) => temperature(pumpId, 55.5 + index * 3)),
  );
}

/** Two connected devices, and a disconnected one. Returns a function that disconnects them. */
export async function connectDevices(mqttPort: number): Promise<() => Promise<void>> {
  const connect = (clientId: string, clean = true) =>
    connectAsync(`mqtt://127.0.0.1:${mqttPort}`, { clientId, clean, reconnectPeriod: 0 });
  const pump = await connect('pump-101');
  await pump.subscribeAsync('pumps/pump-101/command');
  const panel = await connect('control-room-panel', false);
  await panel.subscribeAsync(['pumps/+/pressure', 'pumps/+/relief-valve']);
  await (await connect('pump-102')).endAsync();
  return async () => {
    await pump.endAsync(true);
    await panel.endAsync(true);
  };
}
