import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseScenarioFile } from '../files/scenario-file.ts';
import {
  type DetectorModelRequest,
  type ModelRequest,
  prepareModel,
  type SimulatedModel,
} from '../models.ts';
import { runScenario } from '../scenario/run.ts';
import { standsAt } from './moment.ts';
import { scenarioText } from './scenario-of.ts';
import { Session } from './session.ts';

const EXAMPLES = new URL('../../../examples/pump-station/', import.meta.url);
const START = Date.parse('2026-03-01T08:00:00Z');
const pressure = modelOf('pump-pressure.json');
const heartbeat = modelOf('pump-heartbeat.json');

/** Above 8 bar, sends a message to the valve by an iotEvents action. */
const relay = prepared({
  detectorModelName: 'Relay',
  key: 'pumpId',
  roleArn: 'arn:aws:iam::000000000000:role/Relay',
  detectorModelDefinition: {
    initialStateName: 'Watching',
    states: [
      {
        stateName: 'Watching',
        onInput: {
          events: [
            {
              eventName: 'tell the valve',
              condition: '$input.PumpPressure.sensor.pressure > 8.0',
              actions: [{ iotEvents: { inputName: 'Valve' } }],
            },
          ],
        },
      },
    ],
  },
} as never);
const valve = prepared({
  detectorModelName: 'Valve',
  roleArn: 'arn:aws:iam::000000000000:role/Valve',
  detectorModelDefinition: {
    initialStateName: 'Closed',
    states: [
      {
        stateName: 'Closed',
        onInput: {
          events: [
            {
              eventName: 'count',
              condition: 'currentInput("Valve")',
              actions: [{ setTimer: { timerName: 'relief', seconds: 60 } }],
            },
          ],
          transitionEvents: [
            { eventName: 'open', condition: 'currentInput("Valve")', actions: [], nextState: 'Open' },
          ],
        },
      },
      {
        stateName: 'Open',
        onInput: {
          transitionEvents: [
            { eventName: 'relieved', condition: 'timeout("relief")', actions: [], nextState: 'Closed' },
          ],
        },
      },
    ],
  },
} as never);
const alarm = prepared({
  alarmModelName: 'TooMuchPressure',
  key: 'pumpId',
  roleArn: 'arn:aws:iam::000000000000:role/Alarm',
  severity: 2,
  alarmRule: {
    simpleRule: {
      inputProperty: '$input.PumpPressure.sensor.pressure',
      comparisonOperator: 'GREATER',
      threshold: '8',
    },
  },
  alarmCapabilities: {
    initializationConfiguration: { disabledOnInitialization: false },
    acknowledgeFlow: { enabled: true },
  },
} as never);

function modelOf(file: string): SimulatedModel {
  return prepared(JSON.parse(readFileSync(new URL(file, EXAMPLES), 'utf8')) as DetectorModelRequest);
}

function prepared(request: ModelRequest): SimulatedModel {
  const result = prepareModel(request);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.model;
}

const reading = (pumpId: string, value: number) => JSON.stringify({ pumpId, sensor: { pressure: value } });

/** The state at each moment, without ids. */
function outline({ moments }: Session): string[] {
  return moments.map((moment) => {
    const at = (moment.time - START) / 1000;
    if (moment.kind === 'rejection') return `${at} rejected ${moment.rejection.reason}`;
    if (moment.kind !== 'evaluation') return `${at} ${moment.kind}`;
    const { after, evaluation } = moment;
    const { trigger } = evaluation;
    const cause =
      trigger.type === 'Timer'
        ? trigger.timerName
        : trigger.type === 'CustomerAction'
          ? trigger.action.actionName
          : trigger.inputName;
    const { model, keyValue, state, variables, timers } = after;
    return `${at} ${cause} ${model.compiled.name} ${keyValue} ${state} ${JSON.stringify([variables, timers])}`;
  });
}

describe('a session', () => {
  test('keeps the state of each detector at every moment', () => {
    const session = new Session([pressure], START);
    session.send('PumpPressure', reading('a', 7));
    session.send('PumpPressure', reading('b', 7.5));
    session.advanceTo(START + 1000);
    session.send('PumpPressure', reading('a', 9.5));
    const stateAt = (index: number) =>
      [...standsAt(session.moments, index).values()].map(({ keyValue, state }) => [keyValue, state]);
    expect(stateAt(0)).toEqual([]);
    expect(stateAt(2)).toEqual([
      ['a', 'Normal'],
      ['b', 'Normal'],
    ]);
    expect(stateAt(4)).toEqual([
      ['a', 'Overpressure'],
      ['b', 'Normal'],
    ]);
    const last = session.moments.at(-1);
    expect(last?.kind === 'evaluation' && last.evaluation.trace?.conditions[0]).toMatchObject({
      result: 'True',
      reads: [{ reference: '$input.PumpPressure.sensor.pressure', value: 9.5 }],
    });
  });

  test('combines successive advances of the clock into one move', () => {
    const session = new Session([pressure], START);
    for (const seconds of [1, 2, 3]) session.advanceTo(START + seconds * 1000);
    expect(session.moves).toEqual([{ kind: 'advance', to: START + 3000 }]);
    expect(outline(session)).toEqual(['0 start', '3 clock']);
  });

  test('stops at the maximum number of moments', () => {
    const session = new Session([heartbeat], START, 4);
    session.send('PumpPressure', reading('a', 1));
    session.send('PumpPressure', reading('b', 1));
    session.advanceTo(START + 86_400_000);
    session.send('PumpPressure', reading('c', 1));
    expect(session.isFull).toBe(true);
    expect(session.time).toBeLessThan(START + 86_400_000);
    expect(session.moments.some(({ kind }) => kind === 'rejection')).toBe(false);
    expect(outline(session).join()).not.toContain('PumpHeartbeat c');
  });
});

describe('a session of several models', () => {
  test('evaluates messages between models, and alarms on the same input, at the same moment', () => {
    const session = new Session([relay, valve, alarm], START);
    session.send('PumpPressure', reading('a', 9.5));
    const seen = () =>
      [...standsAt(session.moments, session.moments.length - 1).values()].map(
        ({ model, keyValue, state }) => `${model.compiled.name} ${keyValue} ${state}`,
      );
    expect(seen()).toEqual(['Relay a Watching', 'Valve undefined Open', 'TooMuchPressure a ACTIVE']);
    session.operate('TooMuchPressure', 'a', { actionName: 'ACKNOWLEDGE', note: 'on my way' });
    session.advanceTo(START + 60_000);
    expect(seen()).toEqual(['Relay a Watching', 'Valve undefined Closed', 'TooMuchPressure a ACKNOWLEDGED']);
    session.operate('TooMuchPressure', 'b', { actionName: 'ACKNOWLEDGE' });
    expect(outline(session).at(-1)).toBe('60 rejected STATE');
    session.backTo(3);
    expect(seen()).toEqual(['Relay a Watching', 'Valve undefined Open', 'TooMuchPressure a ACTIVE']);
  });
});

const moves = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('send' as const),
      text: fc.oneof(
        fc
          .tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 60, max: 100 }))
          .map(([id, tenths]) => reading(id, tenths / 10)),
        fc.constantFrom('{"pumpId":"a","sensor":{}}', '{}', 'no JSON', '[1]'),
      ),
    }),
    fc.record({ kind: fc.constant('advance' as const), seconds: fc.integer({ min: 1, max: 400 }) }),
    fc.record({ kind: fc.constant('next' as const) }),
    fc.record({
      kind: fc.constant('operate' as const),
      key: fc.constantFrom('a', 'b'),
      action: fc.constantFrom(
        { actionName: 'ACKNOWLEDGE', note: 'seen' } as const,
        { actionName: 'SNOOZE', snoozeDuration: 90 } as const,
        { actionName: 'RESET' } as const,
        { actionName: 'DISABLE' } as const,
        { actionName: 'ENABLE' } as const,
      ),
    }),
  ),
  { maxLength: 12 },
);

function play(session: Session, given: typeof moves extends fc.Arbitrary<infer T> ? T : never): void {
  for (const move of given) {
    if (move.kind === 'send') session.send('PumpPressure', move.text);
    else if (move.kind === 'next') session.fireNext();
    else if (move.kind === 'operate') {
      if (session.models.includes(alarm)) session.operate('TooMuchPressure', move.key, move.action);
    } else session.advanceTo(session.time + move.seconds * 1000);
  }
}

describe.each([
  ['a model', [pressure]],
  ['a model with timers', [heartbeat]],
  ['an alarm model', [alarm]],
  ['a chain of models and an alarm model', [relay, valve, pressure, alarm]],
])('any session with %s', (_, models) => {
  test('can return to any of its moments', () => {
    fc.assert(
      fc.property(moves, fc.nat(30), (given, chosen) => {
        const session = new Session(models, START);
        play(session, given);
        const before = outline(session);
        const index = chosen % before.length;
        session.backTo(index);
        const after = outline(session);
        // A message for several models is undone as a whole.
        expect(after.slice(0, index + 1)).toEqual(before.slice(0, index + 1));
        expect(before.slice(0, after.length)).toEqual(after);
      }),
      { numRuns: 100 },
    );
  });

  test('becomes a scenario that passes, and that fails after any change', () => {
    fc.assert(
      fc.property(moves, (given) => {
        const session = new Session(models, START);
        play(session, given);
        const { start, moves: made } = session;
        const modelPaths = models.map(({ compiled }) => `${compiled.name}.json`);
        const text = scenarioText({ name: 'Saved', models, modelPaths, start, moves: made });
        const { scenarios } = parseScenarioFile('saved.scenario.json', text);
        expect(scenarios.flatMap((scenario) => runScenario(scenario, models))).toEqual([]);
        const changed = text.replaceAll('"state":"', '"state":"Not ');
        if (changed === text) return;
        const [other] = parseScenarioFile('saved.scenario.json', changed).scenarios;
        expect(other && runScenario(other, models)).not.toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
