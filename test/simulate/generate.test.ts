import { expect, test } from 'vitest';
import { generateSuite } from '../../src/simulate/generate/suite.ts';
import { type ModelRequest, prepareModel, type SimulatedModel } from '../../src/simulate/models.ts';
import type { JsonObject } from '../../src/simulate/payload.ts';
import { readScenarioFile } from '../../src/simulate/scenario/read.ts';
import { runScenario } from '../../src/simulate/scenario/run.ts';

/* The proposals of `tripline test --generate` for models that messages alone cannot lead through, and for alarms. */

const roleArn = 'arn:aws:iam::000000000000:role/r';

function prepared(request: ModelRequest): SimulatedModel {
  const result = prepareModel(request);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.model;
}

/** Whether all scenarios pass with that model. */
function passes(scenarios: readonly JsonObject[], request: ModelRequest): boolean {
  const { file, faults } = readScenarioFile({ models: ['m'], scenarios });
  expect(faults).toEqual([]);
  return file.scenarios.every((scenario) => runScenario(scenario, [prepared(request)]).length === 0);
}

const ALARM = {
  alarmModelName: 'Hot',
  roleArn,
  key: 'id',
  alarmRule: {
    simpleRule: {
      inputProperty: '$input.Heat.t',
      comparisonOperator: 'GREATER' as const,
      threshold: '30',
    },
  },
  alarmEventActions: {
    alarmActions: [{ sns: { targetArn: 'arn:aws:sns:us-east-1:000000000000:hot' } }],
  },
  alarmCapabilities: {
    initializationConfiguration: { disabledOnInitialization: false },
    acknowledgeFlow: { enabled: true },
  },
};

test('scenarios of an alarm model pass and notice what is changed in it', () => {
  const { scenarios } = generateSuite([prepared(ALARM)]);
  expect(passes(scenarios, ALARM)).toBe(true);
  const rule = ALARM.alarmRule.simpleRule;
  const changed: Partial<typeof ALARM>[] = [
    ...['29', '31', '-30'].map((threshold) => ({ alarmRule: { simpleRule: { ...rule, threshold } } })),
    ...(['GREATER_OR_EQUAL', 'LESS', 'EQUAL'] as const).map((comparisonOperator) => ({
      alarmRule: { simpleRule: { ...rule, comparisonOperator: comparisonOperator as 'GREATER' } },
    })),
    { alarmEventActions: { alarmActions: [] } },
    { alarmCapabilities: { ...ALARM.alarmCapabilities, acknowledgeFlow: { enabled: false } } },
    {
      alarmCapabilities: {
        ...ALARM.alarmCapabilities,
        initializationConfiguration: { disabledOnInitialization: true },
      },
    },
  ];
  expect(changed.filter((change) => passes(scenarios, { ...ALARM, ...change }))).toEqual([]);
});

test('an alarm whose threshold comes with another input, or with the same', () => {
  for (const threshold of ['$input.Limit.t', '$input.Heat.most']) {
    const request = { ...ALARM, alarmRule: { simpleRule: { ...ALARM.alarmRule.simpleRule, threshold } } };
    const { scenarios } = generateSuite([prepared(request)]);
    expect(scenarios.map(({ name }) => name).join()).toContain('ACTIVE');
    expect(passes(scenarios, request)).toBe(true);
  }
});

/** A state reached only after another timer has expired many times, and an unreachable one. */
const SLOW = {
  detectorModelName: 'Slow',
  key: 'id',
  roleArn,
  detectorModelDefinition: {
    initialStateName: 'On',
    states: [
      {
        stateName: 'On',
        onEnter: {
          events: [
            {
              eventName: 'begin',
              actions: [
                { setTimer: { timerName: 'minute', seconds: 60 } },
                { setTimer: { timerName: 'rest', seconds: 300 } },
                { setVariable: { variableName: 'minutes', value: '0' } },
              ],
            },
          ],
        },
        onInput: {
          events: [
            {
              eventName: 'tick',
              condition: 'timeout("minute")',
              actions: [
                { setVariable: { variableName: 'minutes', value: '$variable.minutes + 1' } },
                { resetTimer: { timerName: 'minute' } },
              ],
            },
          ],
          transitionEvents: [
            { eventName: 'stop', condition: '$input.Machine.on == false', nextState: 'Off' },
            { eventName: 'rested', condition: 'timeout("rest")', nextState: 'Resting' },
            { eventName: 'worn', condition: '$variable.minutes > 6000', nextState: 'Worn' },
          ],
        },
      },
      { stateName: 'Off' },
      { stateName: 'Resting' },
      {
        stateName: 'Worn',
        onInput: {
          transitionEvents: [
            { eventName: 'serviced', condition: '$input.Machine.service == true', nextState: 'On' },
          ],
        },
      },
    ],
  },
};

test('time goes by through other timers, and a detector is put where no search leads', () => {
  const { scenarios, missed } = generateSuite([prepared(SLOW)]);
  expect(missed).toEqual([]);
  const steps = scenarios.flatMap((scenario) => scenario.steps as readonly JsonObject[]);
  const put = steps.flatMap(({ setDetector }) => (setDetector === undefined ? [] : [setDetector]));
  expect(put.length).toBeGreaterThan(0);
  expect(put).toEqual(put.map(() => expect.objectContaining({ state: 'On' })));
  expect(passes(scenarios, SLOW)).toBe(true);
});
