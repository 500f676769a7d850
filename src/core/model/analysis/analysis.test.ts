import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../../limits.ts';
import type { Action, DetectorModelDefinition, Event, State, TransitionEvent } from '../definition.ts';
import { analyse } from './index.ts';

/** A valid definition, into which each test puts one fault. */
function model(parts: {
  events?: Event[];
  transitions?: TransitionEvent[];
  states?: State[];
  initialStateName?: string;
}): DetectorModelDefinition {
  const reads: Event = { eventName: 'reads', condition: '$input.I.x > 0' };
  return {
    initialStateName: parts.initialStateName ?? 'A',
    states: [
      {
        stateName: 'A',
        onInput: { events: [...(parts.events ?? []), reads], transitionEvents: parts.transitions ?? [] },
      },
      ...(parts.states ?? []),
    ],
  };
}

function acting(...actions: Action[]): DetectorModelDefinition {
  return model({ events: [{ eventName: 'e', condition: 'true', actions }] });
}

function errors(
  definition: DetectorModelDefinition,
  limits = DEFAULT_LIMITS,
): [message: string, ...paths: string[]][] {
  return analyse(definition, { limits, hasInput: (name) => name === 'I' })
    .filter(({ level }) => level === 'ERROR')
    .map(({ message, locations }) => [message, ...locations.map(({ path }) => path)]);
}

const EVENT = 'states[0].onInput.events[0]';
const ACTION = `${EVENT}.actions[0]`;
const content = (contentExpression: string, type: 'STRING' | 'JSON' = 'STRING') => ({
  contentExpression,
  type,
});

const FAULTS: [name: string, DetectorModelDefinition, message: string, ...paths: string[]][] = [
  [
    'two types in one action',
    acting({ setVariable: { variableName: 'x', value: '1' }, clearTimer: { timerName: 't' } }),
    'Actions may only have one type defined, but found an action with 2 types. Please split into separate Actions.',
    ACTION,
  ],
  ['no type in an action', acting({}), 'Invalid action type present in action definition: {}.', ACTION],
  [
    'a type that there is not',
    acting({ SetVariable: { variableName: 'x', value: '1' } } as Action),
    'Invalid action type present in action definition: {"SetVariable":{"variableName":"x","value":"1"}}.',
    ACTION,
  ],
  [
    'a transition to nowhere',
    model({ transitions: [{ eventName: 'go', condition: 'true', nextState: 'Z' }] }),
    'The TransitionEvent go transitions to a non-existent state Z.',
    'states[0].onInput.transitionEvents[0]',
  ],
  [
    'a state name twice',
    model({ states: [{ stateName: 'A' }] }),
    'The DetectorModelDefinition had a shared state name: found state A with 2 repetitions.',
    'states[0]',
    'states[1]',
  ],
  [
    'no such initial state',
    model({ initialStateName: 'Start' }),
    "The Definition's initialStateName Start did not correspond to a defined State.",
  ],
  [
    'no input anywhere',
    {
      initialStateName: 'A',
      states: [{ stateName: 'A', onEnter: { events: [{ eventName: 'e', condition: 'true' }] } }],
    },
    'Detector Model Definition must use at least one Input in a condition.',
  ],
  [
    'seconds and durationExpression',
    acting({ setTimer: { timerName: 't', seconds: 60, durationExpression: '60' } }),
    'Only one of seconds and durationExpression can be set in SetTimer.',
    ACTION,
  ],
  [
    'neither seconds nor durationExpression',
    acting({ setTimer: { timerName: 't' } }),
    'One of seconds and durationExpression must be set in SetTimer.',
    ACTION,
  ],
  [
    'a transition without condition',
    model({ transitions: [{ eventName: 'go', condition: '', nextState: 'A' }] }),
    "Failed to parse expression '' for go",
    'states[0].onInput.transitionEvents[0]',
  ],
  [
    'a condition that does not parse',
    model({ events: [{ eventName: 'e', condition: '1 >' }] }),
    "Failed to parse expression '1 >' for e",
    EVENT,
  ],
  [
    'a value that does not parse',
    acting({ setVariable: { variableName: 'x', value: 'unack' } }),
    "SetVariableAction.value must be an expression. Failed to parse value 'unack'",
    ACTION,
  ],
  [
    'a duration that does not parse',
    acting({ setTimer: { timerName: 't', durationExpression: '60 s' } }),
    "Failed to parse duration expression '60 s' for timer 't'.",
    ACTION,
  ],
  [
    'content that does not parse',
    acting({ sns: { targetArn: 'arn', payload: content("'open") } }),
    "We couldn't parse your content expression for the payload of sns. Enter a content expression with the correct syntax.",
    ACTION,
  ],
  [
    'empty content',
    acting({ sns: { targetArn: 'arn', payload: content('') } }),
    'Customized Payloads must be non-empty.',
    ACTION,
  ],
  [
    'a bare word for dynamoDB',
    acting({ dynamoDB: { tableName: 'MyTable', hashKeyField: "'id'", hashKeyValue: "'a'" } }),
    "We couldn't parse your expression of the attributes (tableName) for the DynamoDB action. Enter expression with the correct syntax.",
    ACTION,
  ],
  [
    'a range key without a value',
    acting({
      dynamoDB: { tableName: "'T'", hashKeyField: "'id'", hashKeyValue: "'a'", rangeKeyField: "'r'" },
    }),
    "We couldn't parse your expression of the attributes (rangeKeyValue) for the DynamoDB action. Enter expression with the correct syntax.",
    ACTION,
  ],
  [
    'a bare word for dynamoDBv2',
    acting({ dynamoDBv2: { tableName: 'MyTable' } }),
    "We couldn't parse your expression of the tableName for the DynamoDBv2 action. Enter expression with the correct syntax.",
    ACTION,
  ],
  [
    'a bare word for iotSiteWise',
    acting({
      iotSiteWise: { propertyAlias: "'a'", propertyValue: { value: { integerValue: '1' }, quality: 'GOOD' } },
    }),
    "Your propertyValue.quality for IotSitewiseAction couldn't be parsed. You must use correct syntax in your expression.",
    ACTION,
  ],
  [
    'STRING for dynamoDBv2',
    acting({ dynamoDBv2: { tableName: "'T'", payload: content("'x'") } }),
    "We couldn't evaluate your expression to valid JSON. The DynamoDBv2 action only supports the JSON payload type.",
    ACTION,
  ],
  [
    'JSON content that is no string',
    acting({ sns: { targetArn: 'arn', payload: content('1 + 2', 'JSON') } }),
    "Your payload expression {1 + 2} isn't valid. The defined payload type is JSON, so you must specify an expression that AWS IoT Events would evaluate to a string.",
    ACTION,
  ],
  [
    '$sitewise in a detector model',
    model({
      events: [{ eventName: 'e', condition: '$sitewise.assetModel.`m`.`p`.propertyValue.value > 1' }],
    }),
    "Failed to parse expression '$sitewise.assetModel.`m`.`p`.propertyValue.value > 1' for e",
    EVENT,
  ],
  [
    'an input that does not exist, in a condition',
    model({ events: [{ eventName: 'e', condition: '$input.Other.x > 1 || currentInput("Other")' }] }),
    "Detector Model Definition contains reference to Input 'Other' that does not exist.",
    EVENT,
  ],
  [
    'an input that does not exist, in an action',
    acting({ setVariable: { variableName: 'x', value: '$input.Other.x' } }),
    "Detector Model Definition contains reference to Input 'Other' that does not exist.",
    ACTION,
  ],
];

describe("each fault is reported as one ERROR with the service's wording and its location", () => {
  test.each(FAULTS)('%s', (_name, definition, ...expected) => {
    expect(errors(definition)).toEqual([expected]);
  });
});

describe('limits', () => {
  const limits = {
    ...DEFAULT_LIMITS,
    statesPerModel: 2,
    eventsPerState: 2,
    transitionEventsPerState: 1,
    actionsPerEvent: 1,
    payloadBytes: 10,
  };
  const event: Event = { eventName: 'e', condition: 'true' };
  const clear: Action = { clearTimer: { timerName: 't' } };

  test.each<[DetectorModelDefinition, string, ...string[]]>([
    [
      model({ states: [{ stateName: 'B' }, { stateName: 'C' }] }),
      'Number of states allowed in detector model definition exceeded the limit 2.',
    ],
    [
      {
        ...model({}),
        states: [
          {
            stateName: 'A',
            onEnter: { events: [event] },
            onInput: { events: [{ eventName: 'r', condition: '$input.I.x > 0' }] },
            onExit: { events: [event] },
          },
        ],
      },
      'Number of events allowed per state exceeded the limit 2 in detector model definition',
      'states[0]',
    ],
    [
      model({
        transitions: [
          { ...event, condition: 'true', nextState: 'A' },
          { ...event, condition: 'true', nextState: 'A' },
        ],
      }),
      'Number of transition events allowed per state exceeded the limit 1 in detector model definition.',
      'states[0]',
    ],
    [
      acting(clear, clear),
      'Number of actions allowed per event exceeded the limit 1 in detector model definition',
      EVENT,
    ],
    [
      acting({ sns: { targetArn: 'arn', payload: content("'ümlaut ü'") } }),
      'Content Expression allowed in payload exceeded the limit 10 bytes in event e in state A.',
      ACTION,
    ],
  ])('%#', (definition, ...expected) => {
    expect(errors(definition, limits)).toEqual([expected]);
  });
});

test('models published by AWS are accepted', () => {
  const definition = acting(
    { iotTopicPublish: { mqttTopic: 'hvac/Heating/Off' } },
    { iotTopicPublish: { mqttTopic: '$aws/things/x/shadow/update' } },
    { setVariable: { variableName: 'x', value: '"unack"' } },
    { setTimer: { timerName: 't', durationExpression: '$variable.late * 60' } },
    { setVariable: { variableName: 'late', value: '2' } },
    { setVariable: { variableName: 'a', value: '1' } },
  );
  expect(errors(definition)).toEqual([]);
  expect(
    errors(
      model({
        events: [
          { eventName: 'same', condition: '$variable.a != $variable.a' },
          { eventName: 'same', actions: [{ setVariable: { variableName: 'a', value: '1' } }] },
        ],
      }),
    ),
  ).toEqual([]);
});

test('the detail of a syntax error shows its position in the expression', () => {
  const [finding] = analyse(model({ events: [{ eventName: 'e', condition: '$input.I.x > > 1' }] }), {
    limits: DEFAULT_LIMITS,
    hasInput: () => true,
  });
  expect(finding?.detail).toContain('$input.I.x > > 1\n             ^');
});

test('an unknown action type is named together with the nearest known one', () => {
  const [finding] = analyse(acting({ SetVariable: { variableName: 'x' } } as Action), {
    limits: DEFAULT_LIMITS,
    hasInput: () => true,
  });
  expect(finding?.detail).toBe('There is no action type SetVariable. Did you mean setVariable?');
});
