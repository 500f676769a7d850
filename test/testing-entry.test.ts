import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSimulation, scenarios } from '../src/testing/index.ts';

const TEMPLATES = fileURLToPath(new URL('../templates/', import.meta.url));
const MODEL = join(TEMPLATES, 'heartbeat/heartbeat.json');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tripline-testing-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('scenarios of a file as tests of vitest', async () => {
  const found = await scenarios(join(TEMPLATES, 'threshold/threshold.scenario.yaml'));
  for (const scenario of found) test(scenario.name, () => scenario.run());
});

test('a scenario that fails rejects with step, expected and actual', async () => {
  const path = join(folder, 'failing.scenario.json');
  const steps = [
    { send: { payload: { deviceId: 'd' } } },
    { name: 'still here', expect: { state: 'Offline' } },
  ];
  copyFileSync(MODEL, join(folder, 'heartbeat.json'));
  writeFileSync(path, JSON.stringify({ models: ['heartbeat.json'], name: 'f', tags: ['t'], steps }));
  const [scenario] = await scenarios([path]);
  expect(scenario).toMatchObject({ name: 'f', file: path, tags: ['t'] });
  await expect(scenario?.run()).rejects.toThrow(
    'step 2 (still here), expect.state: expected "Offline", found "Online"',
  );
});

test('a simulation from a file', async () => {
  const sim = await createSimulation({ models: [MODEL], start: '2026-01-01T00:00:00Z' });
  const [record] = await sim.send('Heartbeat', { deviceId: 'd1' });
  expect(record).toMatchObject({ type: 'evaluation', created: true, stateAfter: 'Online' });
  expect(sim.detector('Heartbeat', 'd1')).toEqual({
    state: 'Online',
    variables: {},
    timers: { silence: 300 },
  });
  expect(sim.detector('Heartbeat', 'd2')).toBeUndefined();
  expect(await sim.advance('4m')).toEqual([]);
  const records = await sim.advance(60);
  expect(records).toMatchObject([{ trigger: { type: 'Timer' }, stateAfter: 'Offline' }]);
  expect(sim.actions).toMatchObject([{ type: 'sns', request: { service: 'sns' } }]);
  expect(sim.time).toBe('2026-01-01T00:05:00.000Z');
  expect(await sim.send('Heartbeat', {})).toMatchObject([{ type: 'rejected', reason: 'KEY' }]);
});

const DETECTOR_MODEL = {
  detectorModelName: 'M',
  detectorModelDefinition: {
    initialStateName: 'S',
    states: [
      {
        stateName: 'S',
        onInput: {
          events: [
            {
              eventName: 'keep',
              condition: '$input.I.v > 0',
              actions: [{ setVariable: { variableName: 'v', value: "'${$input.I.v}'" } }],
            },
          ],
        },
      },
    ],
  },
};
const ALARM_MODEL = {
  alarmModelName: 'A',
  alarmRule: {
    simpleRule: { inputProperty: '$input.I.v', comparisonOperator: 'GREATER', threshold: '30' },
  },
};

test('a simulation from requests, with Decimals and operators', async () => {
  const sim = await createSimulation({ models: [DETECTOR_MODEL, ALARM_MODEL] });
  await sim.send('I', '{"v":40.0}');
  expect(sim.detector('M')).toMatchObject({ variables: { v: '40.0' } });
  expect(sim.detector('A')).toMatchObject({ state: 'DISABLED' });
  await sim.operate('enable', 'A');
  await sim.send('I', { v: 40 });
  expect(sim.detector('A')).toMatchObject({ state: 'ACTIVE' });
});

test('a detector model and an alarm model with one name', async () => {
  const models = [{ ...ALARM_MODEL, alarmModelName: 'M' }, DETECTOR_MODEL];
  const sim = await createSimulation({ models });
  await sim.send('I', { v: 40 });
  expect(sim.detector('M')).toMatchObject({ state: 'S' });
  expect(sim.alarm('M')).toMatchObject({ state: 'DISABLED' });
  expect(sim.alarm('A')).toBeUndefined();
});

test.each([
  [{ models: ['absent.json'] }, 'absent.json cannot be read'],
  [{ models: [{}] }, 'CreateDetectorModel'],
  [
    { models: [{ detectorModelName: 'M', detectorModelDefinition: { initialStateName: 'X', states: [] } }] },
    'M',
  ],
  [{ models: [MODEL], start: 'noon' }, 'noon is not a time'],
])('a simulation that cannot be: %j', async (options, message) => {
  await expect(createSimulation(options)).rejects.toThrow(message);
});

test('the built package works with node:test', async () => {
  const entry = pathToFileURL(fileURLToPath(new URL('../dist/testing/index.js', import.meta.url))).href;
  const path = join(folder, 'pump.test.mjs');
  writeFileSync(
    path,
    `import { test } from 'node:test';
import { scenarios } from '${entry}';
for (const s of await scenarios('${join(TEMPLATES, 'vote')}')) test(s.name, () => s.run());
`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, ['--test', '--test-reporter', 'tap', path]);
  expect(stdout).toMatch(/# pass 4\n# fail 0/);
});
