import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../../../limits.ts';
import type { Action, DetectorModelDefinition, State } from '../../definition.ts';
import { advise } from '../index.ts';

const READS = { eventName: 'reads', condition: '$input.Pump.pressure > $variable.limit' };

function model(actions: Action[], state: Partial<State> = {}, others: State[] = []): DetectorModelDefinition {
  const events = [{ eventName: 'act', condition: 'currentInput("Pump")', actions }, READS];
  const limit = { setVariable: { variableName: 'limit', value: '1' } };
  const onEnter = { events: [{ eventName: 'init', actions: [limit] }] };
  return {
    initialStateName: 'A',
    states: [{ stateName: 'A', onEnter, onInput: { events, ...state.onInput } }, ...others],
  };
}

const go = (eventName: string, condition: string, nextState: string) => ({
  eventName,
  condition,
  nextState,
  actions: [],
});
const BACK: State = {
  stateName: 'B',
  onInput: { transitionEvents: [go('back', '$input.Pump.pressure < 1', 'A')] },
};
const ATTRIBUTES = ['pumpId', 'pressure', 'motor.temperature'];

function advised(definition: DetectorModelDefinition, key?: string): string[] {
  return advise(definition, {
    limits: DEFAULT_LIMITS,
    hasInput: () => true,
    attributesOf: (name) => (name === 'Pump' ? ATTRIBUTES : undefined),
    ...(key !== undefined && { key }),
  }).map(({ level, message, locations }) => `${level} ${locations[0]?.path} ${message}`);
}

const ON_INPUT = 'states[0].onInput';

test.each<[name: string, DetectorModelDefinition, ...string[]]>([
  [
    'nothing where all is well',
    model([], { onInput: { transitionEvents: [go('on', '$input.Pump.pressure > 9', 'B')] } }, [BACK]),
  ],
  [
    'a state that is never left',
    model([], { onInput: { transitionEvents: [go('on', '$input.Pump.pressure > 9', 'B')] } }, [
      { stateName: 'B' },
    ]),
    'WARNING states[1] State B is never left: it has no transition to another state.',
  ],
  ['nothing of a model of one state', model([])],
  [
    'a timer that nobody asks for',
    model([{ setTimer: { timerName: 't', seconds: 60 } }]),
    `WARNING ${ON_INPUT}.events[0].actions[0] Timer t is set and no condition checks it with timeout("t").`,
  ],
  [
    'a variable that nobody reads',
    model([{ setVariable: { variableName: 'x', value: '1' } }]),
    `INFO ${ON_INPUT}.events[0].actions[0] Variable x is set but no expression reads it; payloads still contain it.`,
  ],
  [
    'a transition behind one that is always taken',
    model(
      [],
      {
        onInput: { transitionEvents: [go('always', 'true', 'B'), go('on', '$input.Pump.pressure > 9', 'B')] },
      },
      [BACK],
    ),
    `WARNING ${ON_INPUT}.transitionEvents[1] Transition on is never taken: always, which comes before it, always is.`,
  ],
  [
    'a transition of the same condition',
    model(
      [],
      {
        onInput: {
          transitionEvents: [
            go('one', '$input.Pump.pressure > 9', 'B'),
            go('two', '$input.Pump.pressure>9', 'A'),
          ],
        },
      },
      [BACK],
    ),
    `WARNING ${ON_INPUT}.transitionEvents[1] Transition two is never taken: one, which comes before it, always is.`,
  ],
  [
    'an attribute that is not declared',
    model([{ setVariable: { variableName: 'limit', value: '$input.Pump.presure' } }]),
    `WARNING ${ON_INPUT}.events[0].actions[0] Input Pump declares no attribute presure. Did you mean pressure?`,
  ],
  ...(
    [
      ['$input.Pump.pressure > 70 && $input.Pump.pressure < 60', true],
      ['$input.Pump.pressure > 70 && $input.Pump.pressure < 80', false],
      ['$input.Pump.pressure > 70 && $input.Pump.pressure <= 70', true],
      ['$input.Pump.pressure >= 70 && $input.Pump.pressure <= 70', false],
      ['$input.Pump.pressure == 70 && $input.Pump.pressure > 70', true],
      ['$input.Pump.pressure > 70 && 60.0 > $input.Pump.pressure', true],
      ['$input.Pump.pressure == 1 && $input.Pump.pressure == 2', true],
      ['$input.Pump.pressure == 1 && currentInput("Pump") && $input.Pump.pressure == 1', false],
      ['$input.Pump.pressure > 70 || $input.Pump.pressure < 60', false],
      ['$input.Pump.pressure > 70 && $input.Pump.pumpId < 60', false],
    ] as const
  ).map(([condition, never]): [string, DetectorModelDefinition, ...string[]] => [
    `${never ? 'that' : 'nothing where'} ${condition} is ${never ? 'never' : 'sometimes'} true`,
    {
      initialStateName: 'A',
      states: [{ stateName: 'A', onInput: { events: [{ eventName: 'e', condition, actions: [] }] } }],
    },
    ...(never
      ? [
          `WARNING ${ON_INPUT}.events[0] Condition ${condition} is never true: no value of $input.Pump.pressure satisfies it.`,
        ]
      : []),
  ]),
  [
    'nothing of a part of a declared one',
    model([{ setVariable: { variableName: 'limit', value: '$input.Pump.motor.temperature' } }]),
  ],
  [
    'a variable that is misspelt',
    model([{ setVariable: { variableName: 'limit', value: '$variable.limmit + 1' } }]),
    `INFO ${ON_INPUT}.events[0].actions[0] There is no variable limmit. Did you mean limit?`,
  ],
  [
    'a state that is misspelt',
    model([], { onInput: { transitionEvents: [go('on', '$input.Pump.pressure > 9', 'Alrm')] } }, [
      { ...BACK, stateName: 'Alarm' },
    ]),
    `INFO ${ON_INPUT}.transitionEvents[0] There is no state Alrm. Did you mean Alarm?`,
  ],
])('reports %s', (_name, definition, ...expected) => {
  expect(advised(definition)).toEqual(expected);
});

test.each([
  ['pumpId', []],
  ['`pumpId`', []],
  ['motor.temperature', []],
  ['motorId', ['WARNING undefined Input Pump declares no attribute motorId, the key of the model.']],
])('the key %s of a model is an attribute of its inputs', (key, expected) => {
  expect(advised(model([]), key)).toEqual(expected);
});
