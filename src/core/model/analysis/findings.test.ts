import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../../limits.ts';
import type { Action, DetectorModelDefinition, Event, State, TransitionEvent } from '../definition.ts';
import { analyse, type Finding } from './index.ts';

/**
 * Every documented message about data types, references and structure, each from its own model (reference: analysis 3
 * to 9).
 */
interface Parts {
  readonly enter?: Event[];
  readonly events?: Event[];
  readonly transitions?: TransitionEvent[];
  readonly exit?: Event[];
  readonly states?: State[];
}

function model({
  enter = [],
  events = [],
  transitions = [],
  exit = [],
  states = [],
}: Parts): DetectorModelDefinition {
  const state: State = {
    stateName: 'A',
    onEnter: { events: enter },
    onInput: { events, transitionEvents: transitions },
    onExit: { events: exit },
  };
  return { initialStateName: 'A', states: [state, ...states] };
}

const when = (condition: string, ...actions: Action[]): Event => ({ eventName: 'e', condition, actions });
const doing = (...actions: Action[]): Event => when('currentInput("I")', ...actions);
const set = (variableName: string, value: string): Action => ({ setVariable: { variableName, value } });
const timer = (timerName: string, durationExpression: string): Action => ({
  setTimer: { timerName, durationExpression },
});
const sns = (contentExpression: string, type: 'JSON' | 'STRING' = 'JSON'): Action => ({
  sns: { targetArn: 'arn', payload: { contentExpression, type } },
});
const sitewise = (member: string, text: string): Action => ({
  iotSiteWise: { propertyAlias: "'/a'", propertyValue: { value: { [member]: text } } },
});

const EVENT = 'states[0].onInput.events[0]';
const ACTION = `${EVENT}.actions[0]`;
const PAYLOAD = `'{"a":\${$input.I.t}}'`;

const ROWS: [level: Finding['level'], type: Finding['type'], message: string, Parts, ...paths: string[]][] = [
  [
    'INFO',
    'data-type',
    'Inferred data types [Integer] for $variable.x',
    { enter: [doing(set('x', '1'))], events: [when('$variable.x == 1')] },
  ],
  ['INFO', 'data-type', 'Inferred data types [Integer] for $input.I.t', { events: [when('$input.I.t > 1')] }],
  [
    'INFO',
    'data-type',
    'Inferred data types [Integer, Decimal] for $input.I.t',
    { events: [when('$input.I.t > 1 && $input.I.t < 2.5')] },
  ],
  [
    'INFO',
    'data-type',
    'Inferred data types [Integer, Decimal] for $input.I.u',
    { events: [when('$input.I.u > 1'), when('$input.I.u < 2.5'), when('$input.I.u > 3')] },
  ],
  [
    'INFO',
    'data-type',
    'Inferred data types [String] for $input.I.s',
    { events: [when("startsWith($input.I.s, 'x')")] },
  ],
  [
    'INFO',
    'data-type',
    'Inferred data types [Decimal] for $variable.y',
    { events: [doing(set('x', '1.5'), set('y', '$variable.x'), sns("'${$variable.y}'", 'STRING'))] },
  ],
  [
    'ERROR',
    'data-type',
    "Duration expression 'ten' for timer t is not valid, it must return a number.",
    { events: [doing(timer('t', "'ten'"))] },
    ACTION,
  ],
  [
    'WARNING',
    'data-type',
    "The data types [String] used for setTimer action don't evaluate to Integer for the following expression: $variable.x",
    { events: [doing(set('x', "'ten'"), timer('t', '$variable.x'))] },
    `${EVENT}.actions[1]`,
  ],
  [
    'ERROR',
    'data-type',
    "Expression 'yes' is not a valid condition expression.",
    { events: [when("'yes'")] },
    EVENT,
  ],
  [
    'ERROR',
    'data-type',
    'Expression 1 + 1 is not a valid condition expression.',
    { events: [when('1 + 1')] },
    EVENT,
  ],
  [
    'WARNING',
    'data-type',
    'Incompatible data types [Boolean, Integer] used with $variable.x. This may lead to a runtime error.',
    { events: [when('$variable.x', set('x', '1'))] },
    EVENT,
    ACTION,
  ],
  [
    'ERROR',
    'data-type',
    "Incompatible data types [Integer, String] found for $input.I.t in the following expression: $input.I.t > 1 && startsWith($input.I.t, 'x')",
    { events: [when("$input.I.t > 1 && startsWith($input.I.t, 'x')")] },
    EVENT,
  ],
  [
    'WARNING',
    'data-type',
    'Incompatible data types [Integer, String] used with $input.I.t. This may lead to a runtime error.',
    { events: [when('$input.I.t > 1')], exit: [when("startsWith($input.I.t, 'x')")] },
    EVENT,
    'states[0].onExit.events[0]',
  ],
  [
    'WARNING',
    'data-type',
    'Incompatible data types [Integer, String] used with $input.I.t. This may lead to a runtime error.',
    { events: [when('$input.I.t > 1')], enter: [when("startsWith($input.I.t, 'x')")] },
    'states[0].onEnter.events[0]',
    EVENT,
  ],
  [
    'ERROR',
    'data-type',
    "The data types [Boolean] that you entered for the operator [+] aren't compatible for the following expression: 'true + false'",
    { events: [doing(set('x', 'true + false'))] },
    ACTION,
  ],
  [
    'ERROR',
    'data-type',
    "The data types [Integer, String] used with operands of the comparison operator [>] are not compatible in the following expression: 'a' > 1",
    { events: [when("'a' > 1")] },
    EVENT,
  ],
  [
    'WARNING',
    'data-type',
    "The payload expression [$variable.x] isn't valid. Specify an expression that would evaluate to a string at runtime because the payload type is JSON format.",
    { events: [doing(set('x', '1'), sns('$variable.x'))] },
    `${EVENT}.actions[1]`,
  ],
  [
    'WARNING',
    'data-type',
    `Your interpolated expression {$input.I.t} must evaluate to either an integer or a Boolean value at runtime. Otherwise, your payload expression {${PAYLOAD}} won't be parseable at runtime as valid JSON.`,
    { events: [doing(sns(PAYLOAD))] },
    ACTION,
  ],
  [
    'ERROR',
    'data-type',
    'The expression type in the IotSitewiseAction field true is defined as type Integer and inferred as type Boolean. The defined type and the inferred type must be the same.',
    { events: [doing(sitewise('integerValue', 'true'))] },
    ACTION,
  ],
  [
    'ERROR',
    'data-type',
    'The expression type in the IotSitewiseAction field 1 is defined as type Boolean and inferred as type Integer. The defined type and the inferred type must be the same.',
    { events: [doing(sitewise('booleanValue', '1'))] },
    ACTION,
  ],
  [
    'ERROR',
    'data-type',
    'The expression type in the IotSitewiseAction field 1 is defined as type String and inferred as type Integer. The defined type and the inferred type must be the same.',
    { events: [doing(sitewise('stringValue', '1'))] },
    ACTION,
  ],
  [
    'WARNING',
    'data-type',
    `Your interpolated expression {$variable.x} must evaluate to either an integer or a Boolean value at runtime. Otherwise, your payload expression {'{"a":\${$variable.x}}'} won't be parseable at runtime as valid JSON.`,
    { events: [doing(set('x', '1'), set('x', '1.5'), sns(`'{"a":\${$variable.x}}'`))] },
    `${EVENT}.actions[2]`,
  ],
  [
    'ERROR',
    'referenced-data',
    'Detected broken Timer: timer t is used in an expression but is never set.',
    { events: [when('timeout("t") && $input.I.t > 1')] },
    EVENT,
  ],
  [
    'ERROR',
    'referenced-data',
    'Detected broken Variable: variable x is used in an expression but is never set.',
    { events: [when('$variable.x > $input.I.t')] },
    EVENT,
  ],
  [
    'WARNING',
    'referenced-data',
    'Detected broken Variable: a variable is used in an expression before being set to a value.',
    { events: [when('$variable.x > $input.I.t', set('x', '1'))] },
    EVENT,
  ],
  [
    'ERROR',
    'referenced-resource',
    "Detector Model Definition contains reference to Input 'Gone' that does not exist.",
    { events: [when('$input.Gone.t > 1')] },
    EVENT,
  ],
  [
    'ERROR',
    'referenced-resource',
    'Detector Model Definition contains invalid InputName: no-name',
    { events: [when('currentInput("no-name")')] },
    EVENT,
  ],
  [
    'WARNING',
    'structure',
    'A state in your detector model is unreachable. Check the condition that will cause a transition to the desired state.',
    { events: [when('$input.I.t > 1')], states: [{ stateName: 'B' }] },
    'states[1]',
  ],
  [
    'WARNING',
    'structure',
    'A state in your detector model is unreachable. Check the condition that will cause a transition to the desired state.',
    {
      events: [when('$input.I.t > 1')],
      transitions: [
        { eventName: 'never', condition: '1 > 2 && $input.I.t > 1', nextState: 'B', actions: [] },
      ],
      states: [{ stateName: 'B' }],
    },
    'states[1]',
  ],
  [
    'WARNING',
    'structure',
    'An action in your detector model is unreachable. Check the condition that initiates the action.',
    { events: [when('$input.I.t > 1 && false', sns("'x'", 'STRING'))] },
    ACTION,
  ],
  [
    'WARNING',
    'structure',
    'An input attribute is being read, but this may be caused by a timer expiration.',
    { enter: [{ eventName: 'e', actions: [timer('t', '60')] }], events: [when('$input.I.t > 1')] },
    EVENT,
  ],
  [
    'WARNING',
    'structure',
    'An input attribute is being read, but this may be caused by a timer expiration.',
    {
      enter: [{ eventName: 'e', actions: [timer('t', '60')] }],
      events: [when('timeout("t") || $input.I.t > 1')],
    },
    EVENT,
  ],
  [
    'WARNING',
    'structure',
    'An expiring timer can cause an unexpected amount of messages to be sent.',
    {
      enter: [doing(timer('t', '60'))],
      events: [when('timeout("t")', { resetTimer: { timerName: 't' } }, sns("'x'", 'STRING'))],
    },
    EVENT,
  ],
  [
    'WARNING',
    'structure',
    'An expiring timer can cause an unexpected amount of messages to be sent.',
    {
      enter: [doing(timer('t', '60'), sns("'x'", 'STRING'))],
      transitions: [{ eventName: 'again', condition: 'timeout("t")', nextState: 'A' }],
    },
    'states[0].onInput.transitionEvents[0]',
  ],
  [
    'WARNING',
    'service-limits',
    'The duration for timer t should be at least 60 seconds long.',
    { events: [doing({ setTimer: { timerName: 't', seconds: 59 } })] },
    ACTION,
  ],
  [
    'WARNING',
    'service-limits',
    'The duration for timer t should be at least 60 seconds long.',
    { events: [doing(timer('t', '30'))] },
    ACTION,
  ],
  [
    'WARNING',
    'service-limits',
    'The duration for timer t should be at least 60 seconds long.',
    { events: [doing(timer('t', '30 + 29.9'))] },
    ACTION,
  ],
  [
    'WARNING',
    'service-limits',
    'The maximum number of detector models that can be associated with a single input may have reached the limit. Input Busy is used in 10 detector model routes.',
    { events: [when('$input.Busy.t > 1')] },
  ],
];

test('a condition shared by several states causes one warning', () => {
  const waiting = [{ eventName: 'e', actions: [timer('t', '60')] }];
  const definition = model({
    enter: waiting,
    events: [when('$input.I.t > 1')],
    transitions: [{ eventName: 'go', condition: '$input.I.t > 2', nextState: 'B', actions: [] }],
    states: [{ stateName: 'B', onInput: { events: [when('$input.I.t > 1')] } }],
  });
  const found = analyse(definition, context).filter(({ message }) =>
    message.startsWith('An input attribute'),
  );
  expect(found.map(({ locations }) => locations.map(({ path }) => path))).toEqual([
    [EVENT, 'states[1].onInput.events[0]'],
    ['states[0].onInput.transitionEvents[0]'],
  ]);
});

const context = {
  limits: DEFAULT_LIMITS,
  hasInput: (name: string) => name !== 'Gone' && name !== 'no-name',
  routesOf: (name: string) => (name === 'Busy' ? 10 : 1),
};

test.each(ROWS)('%s %s %s', (level, type, message, parts, ...paths) => {
  const found = analyse(model(parts), context);
  expect(found).toContainEqual(
    expect.objectContaining({ level, type, message, locations: paths.map((path) => ({ path })) }),
  );
});

/**
 * Constructs of published models that ran on the service. Types inferred only from the rest of the model do not prevent
 * publishing; evaluation decides at run time (reference: analysis 7).
 */
const PUBLISHED: [name: string, message: string, Parts][] = [
  [
    'a number that is compared with a text (the detection sample)',
    'Incompatible data types [Integer, String] used with $variable.v. This may lead to a runtime error.',
    {
      events: [doing(set('v', '1'))],
      transitions: [
        { eventName: 'go', condition: '$variable.v != "true" && $input.I.t > 0', nextState: 'A' },
      ],
    },
  ],
  [
    'a text that is compared with true (the troubleshooting sample)',
    'Incompatible data types [Boolean, String] used with $variable.resetMe. This may lead to a runtime error.',
    {
      enter: [{ eventName: 'e', actions: [set('resetMe', '"true"')] }],
      events: [when('($variable.resetMe == true) && ($input.I.t > 0)')],
    },
  ],
  [
    'a number that is joined to a text (the type checking sample)',
    'Incompatible data types [Integer, String] used with $input.I.weight. This may lead to a runtime error.',
    {
      events: [when('$input.I.weight > 4500'), doing(sns('"text: " + $input.I.weight', 'STRING'))],
    },
  ],
  [
    'a number that is sent as a Boolean (the type checking sample)',
    'The expression in the IotSitewiseAction field [$input.I.weight] is defined as type Boolean and inferred as type Integer. The defined type and the inferred type must be the same.',
    { events: [when('$input.I.weight > 4500'), doing(sitewise('booleanValue', '$input.I.weight'))] },
  ],
  [
    'operands of which only the rest of the model says what they are',
    'The data types [Integer, String] used with operands of the comparison operator [>] are not compatible in the following expression: $variable.a + $variable.b > 1',
    {
      enter: [{ eventName: 'e', actions: [set('a', "'x'"), set('b', "'y'")] }],
      events: [
        when('$variable.a + $variable.b > 1 && $input.I.t > 0'),
        when('$variable.a + $variable.b > 1'),
      ],
    },
  ],
];

test('an order of Strings is a WARNING, because the documentation is silent on it', () => {
  const condition = "$input.I.s >= 'a' && $input.I.s < 'f' || $input.I.s == 'x'";
  const found = analyse(model({ events: [when(condition)] }), context);
  const operands = '[String] used with operands of the comparison operator';
  expect(found.map(({ level, message }) => `${level} ${message}`)).toEqual([
    'INFO Inferred data types [String] for $input.I.s',
    ...['>=', '<'].map(
      (sign) =>
        `WARNING The data types ${operands} [${sign}] are not compatible in the following expression: ${condition}`,
    ),
  ]);
});

describe('clashes that rest on inferred types are WARNINGs', () => {
  test.each(PUBLISHED)('%s', (_name, message, parts) => {
    const found = analyse(model(parts), context);
    expect(found.filter(({ level }) => level === 'ERROR')).toEqual([]);
    expect(found).toContainEqual(expect.objectContaining({ level: 'WARNING', type: 'data-type', message }));
  });
});

test.each(["'a' > 1", 'true + false', '1 + 1', "$input.I.t > 1 && startsWith($input.I.t, 'x')"])(
  'what clashes on the spot is an ERROR: %s',
  (condition) => {
    const found = analyse(model({ events: [when(condition), when('$input.I.x > 0')] }), context);
    expect(found.filter(({ level }) => level === 'ERROR')).not.toEqual([]);
  },
);

describe('a computed name', () => {
  test.each<[string, string]>([
    ['timeout($variable.which)', '$variable.which'],
    ["currentInput('I' + $variable.which)", "'I' + $variable.which"],
  ])('%s is reported as impossible to check', (condition, name) => {
    const parts = {
      enter: [{ eventName: 'e', actions: [set('which', "'t'")] }],
      events: [when(condition), when('$input.I.t > 0')],
    };
    const found = analyse(model(parts), context);
    expect(found.filter(({ level }) => level === 'ERROR')).toEqual([]);
    expect(found).toContainEqual(
      expect.objectContaining({
        level: 'INFO',
        type: 'referenced-data',
        message: expect.stringContaining(name),
      }),
    );
  });
});

describe('valid models have no findings', () => {
  test.each<[string, Parts]>([
    ['an Integer beside a Decimal', { events: [when('$input.I.t > 1 && $input.I.t < 1.5')] }],
    [
      'a variable set on entering',
      { enter: [{ eventName: 'e', actions: [set('x', '1')] }], events: [when('$variable.x > $input.I.t')] },
    ],
    [
      'a variable set by the event before',
      { events: [doing(set('x', '1')), when('$variable.x > $input.I.t')] },
    ],
    [
      'a condition that asks for the message',
      { enter: [doing(timer('t', '60'))], events: [when('triggerType("Message") && $input.I.t > 1')] },
    ],
    [
      'a variable that the condition asks about before it reads it',
      {
        events: [
          when('isUndefined($variable.x) || $variable.x > $input.I.t', set('x', '$variable.x + 1')),
          when('!isUndefined($variable.y) && $input.I.t > 0', set('y', '$variable.y + 1')),
          when('$variable.z != $variable.z', set('z', '1')),
        ],
      },
    ],
    [
      'a variable set on one way of several, as in the thermostat sample',
      {
        transitions: [
          { eventName: 'one', condition: '$input.I.t > 1', nextState: 'B', actions: [set('x', '1')] },
          { eventName: 'other', condition: '$input.I.t > 2', nextState: 'B', actions: [] },
        ],
        states: [{ stateName: 'B', onInput: { events: [when('$variable.x > 0')] } }],
      },
    ],
    [
      'an input read in a state where no timer can run',
      {
        transitions: [
          {
            eventName: 'go',
            condition: '$input.I.t > 1',
            nextState: 'B',
            actions: [{ setTimer: { timerName: 't', seconds: 60 } }],
          },
        ],
        states: [
          {
            stateName: 'B',
            onInput: {
              transitionEvents: [
                { eventName: 'over', condition: 'timeout("t")', nextState: 'C' },
                {
                  eventName: 'off',
                  condition: 'currentInput("I") && $input.I.t < 1',
                  nextState: 'C',
                  actions: [{ clearTimer: { timerName: 't' } }],
                },
              ],
            },
          },
          { stateName: 'C', onInput: { events: [when('$input.I.t > 1')] } },
        ],
      },
    ],
    [
      'a substitution of variables that hold Integers and Booleans, outside quotes',
      {
        events: [
          doing(
            set('n', '1'),
            set('b', '$variable.n > 0'),
            sns(`'{"n":\${$variable.n + 1},"b":\${$variable.b}}'`),
          ),
        ],
      },
    ],
    ['a text for a text of SiteWise', { events: [doing(sitewise('stringValue', "'a'"))] }],
    ['a substitution in quotes', { events: [doing(sns(`'{"a":"\${$input.I.t}"}'`))] }],
    ['a text for a number of SiteWise', { events: [doing(sitewise('integerValue', "'100'"))] }],
    [
      'a state behind a condition that may be true',
      {
        transitions: [{ eventName: 'go', condition: '$input.I.t > 1 || false', nextState: 'B', actions: [] }],
        states: [{ stateName: 'B' }],
      },
    ],
    [
      'a variable set on every way',
      {
        transitions: [
          { eventName: 'go', condition: '$input.I.t > 1', nextState: 'B', actions: [set('x', '1')] },
        ],
        states: [{ stateName: 'B', onInput: { events: [when('$variable.x > 0')] } }],
      },
    ],
  ])('%s', (_name, parts) => {
    expect(analyse(model(parts), context).filter(({ level }) => level !== 'INFO')).toEqual([]);
  });
});

test("the guide's sample comes out byte for byte", () => {
  const definition: DetectorModelDefinition = {
    initialStateName: 'TemperatureCheck',
    states: [
      {
        stateName: 'TemperatureCheck',
        onInput: {
          events: [
            {
              eventName: 'Temperature Received',
              condition: 'isNull($input.TemperatureInput.sensorData.temperature)==false',
              actions: [{ iotTopicPublish: { mqttTopic: 'IoTEvents/Output' } }],
            },
          ],
        },
        onEnter: {
          events: [{ eventName: 'Init', condition: 'true', actions: [set('temperatureChecked', '0')] }],
        },
      },
    ],
  };
  const results = analyse(definition, { limits: DEFAULT_LIMITS, hasInput: () => false });
  expect(JSON.stringify(results)).toBe(
    '[{"type":"data-type","level":"INFO","message":"Inferred data types [Integer] for $variable.temperatureChecked",' +
      '"locations":[]},{"type":"referenced-resource","level":"ERROR","message":"Detector Model Definition contains ' +
      'reference to Input \'TemperatureInput\' that does not exist.","locations":[{"path":"states[0].onInput.events[0]"}]}]',
  );
});

test('a duration that is no number is not also too short', () => {
  const found = analyse(model({ events: [doing(timer('t', 'true'))] }), context);
  expect(found.map(({ message }) => message)).toEqual([
    'Duration expression true for timer t is not valid, it must return a number.',
  ]);
});
