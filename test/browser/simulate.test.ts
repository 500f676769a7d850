import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { loadInBrowser } from './load.ts';

/** The simulator runs in a browser, as the core does: sessions, message files, scenarios. */

const MODEL = readFileSync(
  new URL('../../examples/pump-station/pump-pressure.json', import.meta.url),
  'utf8',
);

let play: (...args: string[]) => string;

beforeAll(async () => {
  const call = await loadInBrowser('simulate-player.ts', { TextEncoder, TextDecoder, atob });
  play = (...args) => call('playMessages', ...args);
});

const readings = [7.5, 9.25, 7, 7, 7].map((pressure) => ({ pumpId: 'P-1', sensor: { pressure } }));

test('a file of messages is played, and the session is a scenario that passes', () => {
  const lines = readings.map((reading) => JSON.stringify(reading)).join('\n');
  expect(JSON.parse(play(MODEL, lines, 'PumpPressure'))).toEqual({
    states: ['Normal', 'Overpressure', 'Overpressure', 'Overpressure', 'Normal'],
    services: ['sns', 'iot-data', 'sqs'],
    faults: [],
    failures: [],
    steps: 20,
  });
});

test('payloads in base64 are read', () => {
  const messages = readings.slice(0, 2).map((reading, index) => ({
    messageId: `${index}`,
    inputName: 'PumpPressure',
    payload: Buffer.from(JSON.stringify(reading)).toString('base64'),
  }));
  const played = JSON.parse(play(MODEL, JSON.stringify({ messages }), 'PumpPressure'));
  expect(played).toMatchObject({ states: ['Normal', 'Overpressure'], failures: [] });
});
