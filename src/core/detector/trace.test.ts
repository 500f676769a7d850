import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../limits.ts';
import { parseJson } from '../expression/json.ts';
import { compileModel } from '../model/compile.ts';
import type { CompiledModel } from '../model/compiled.ts';
import type { DetectorModelDefinition } from '../model/definition.ts';
import { step } from './step.ts';
import type { Trace } from './trace.ts';
import type { Detector, Trigger } from './types.ts';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:told';

const DOOR: DetectorModelDefinition = {
  initialStateName: 'Closed',
  states: [
    {
      stateName: 'Closed',
      onEnter: {
        events: [{ eventName: 'zero', actions: [{ setVariable: { variableName: 'n', value: '0' } }] }],
      },
      onInput: {
        events: [
          {
            eventName: 'count',
            condition: 'currentInput("I")',
            actions: [
              { setVariable: { variableName: 'n', value: '$variable.n + $input.I.by' } },
              { setVariable: { variableName: 'same', value: '1' } },
              { resetTimer: { timerName: 'never' } },
              {
                sns: { targetArn: TOPIC, payload: { contentExpression: '$input.I.absent', type: 'STRING' } },
              },
              { sns: { targetArn: TOPIC } },
            ],
          },
        ],
        transitionEvents: [
          {
            eventName: 'open',
            condition: '$input.I.open && $variable.n < 5',
            nextState: 'Open',
            actions: [
              { setTimer: { timerName: 'shut', seconds: 60 } },
              { setTimer: { timerName: 'u', seconds: 90 } },
            ],
          },
          { eventName: 'again', condition: 'true', nextState: 'Closed' },
        ],
      },
      onExit: { events: [{ eventName: 'bye', condition: '$variable.none == 1' }] },
    },
    {
      stateName: 'Open',
      onEnter: { events: [{ eventName: 'entered', actions: [{ resetTimer: { timerName: 'u' } }] }] },
      onInput: {
        transitionEvents: [
          {
            eventName: 'shut',
            condition: 'timeout("shut")',
            nextState: 'Closed',
            actions: [{ clearTimer: { timerName: 'u' } }, { clearTimer: { timerName: 'unknown' } }],
          },
        ],
      },
    },
  ],
};

const compiled = compileModel({
  detectorModelName: 'Door',
  detectorModelVersion: '1',
  detectorModelDefinition: DOOR,
});
if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
const model: CompiledModel = compiled.model;

let sequence = 0;
function traced(detector: Detector | undefined, trigger: Trigger, now: number): [Detector, Trace] {
  const context = { now, sequence: ++sequence, keyValue: undefined, limits: DEFAULT_LIMITS, trace: true };
  const result = step(model, detector, trigger, context);
  return [result.detector, result.trace as Trace];
}

function message(text: string): Trigger {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error(parsed.message);
  const input = model.inputs.get('I') as number;
  return { type: 'Message', input, messageId: 'm', payload: { text, value: parsed.value } };
}

const [created, first] = traced(undefined, message('{"by":2,"open":true}'), 1000);
const [, second] = traced(created, { type: 'Timer', timerName: 'shut' }, 61_000);

test('contains every event in order of evaluation, with its place and parts', () => {
  const outline = first.conditions.map(({ lifeCycle, state, place, result }) => [
    lifeCycle,
    state,
    place,
    result,
  ]);
  expect(outline).toEqual([
    ['OnEnter', 'Closed', 'states[0].onEnter.events[0]', 'True'],
    ['OnInput', 'Closed', 'states[0].onInput.events[0]', 'True'],
    ['OnInput', 'Closed', 'states[0].onInput.transitionEvents[0]', 'True'],
    ['OnInput', 'Closed', 'states[0].onInput.transitionEvents[1]', 'Skipped'],
    ['OnExit', 'Closed', 'states[0].onExit.events[0]', 'False'],
    ['OnEnter', 'Open', 'states[1].onEnter.events[0]', 'True'],
  ]);
  expect(first.conditions[2]).toMatchObject({
    condition: '$input.I.open && $variable.n < 5',
    hasTransition: true,
    value: true,
    reads: [
      { reference: '$input.I.open', value: true },
      { reference: '$variable.n', value: 0 },
    ],
    explain: [
      { expression: '$input.I.open', value: true, isSkipped: false },
      { expression: '$variable.n', value: 0, isSkipped: false },
      { expression: '$variable.n < 5', value: true, isSkipped: false },
      { expression: '$input.I.open && $variable.n < 5', value: true, isSkipped: false },
    ],
  });
  expect(first.conditions[4]?.value).toBeUndefined();
  expect(first.transition).toEqual({
    eventName: 'open',
    from: 'Closed',
    to: 'Open',
    place: 'states[0].onInput.transitionEvents[0]',
  });
});

test('contains the changes of variables and timers', () => {
  expect(first.variables).toEqual([
    { name: 'n', old: undefined, new: 2 },
    { name: 'same', old: undefined, new: 1 },
  ]);
  expect(first.timers).toEqual([
    { name: 'shut', change: 'set', seconds: 60, deadline: 61_000 },
    { name: 'u', change: 'set', seconds: 90, deadline: 91_000 },
    { name: 'u', change: 'reset', seconds: 90, deadline: 91_000 },
  ]);
  // The onEnter group of Closed resets n from 2 to 0.
  expect(second.variables).toEqual([{ name: 'n', old: 2, new: 0 }]);
  expect(second.timers).toEqual([
    { name: 'shut', change: 'expired', seconds: undefined, deadline: 61_000 },
    { name: 'u', change: 'cleared', seconds: undefined, deadline: undefined },
  ]);
});

test('setting a variable to the same value is not a change, but 2.0 instead of 2 is', () => {
  const [, { variables }] = traced(created, message('{"by":0}'), 2000);
  expect(variables).toEqual([]);
  const closed = traced(created, { type: 'Timer', timerName: 'shut' }, 61_000)[0];
  const [, trace] = traced(closed, message('{"by":0.0,"open":true}'), 62_000);
  expect(trace.variables).toMatchObject([{ name: 'n', old: 0, new: { value: 0 } }]);
});

test('contains every action with its effect or its problem', () => {
  const actions = first.actions.map(({ type, place, state, effect, problem }) => {
    return [type, place.replace('states', ''), state, effect?.eventName, problem?.level];
  });
  expect(actions).toEqual([
    ['setVariable', '[0].onEnter.events[0].actions[0]', 'Closed', undefined, undefined],
    ['setVariable', '[0].onInput.events[0].actions[0]', 'Closed', undefined, undefined],
    ['setVariable', '[0].onInput.events[0].actions[1]', 'Closed', undefined, undefined],
    ['resetTimer', '[0].onInput.events[0].actions[2]', 'Closed', undefined, 'WARNING'],
    ['sns', '[0].onInput.events[0].actions[3]', 'Closed', undefined, 'ERROR'],
    ['sns', '[0].onInput.events[0].actions[4]', 'Closed', 'count', undefined],
    ['setTimer', '[0].onInput.transitionEvents[0].actions[0]', 'Closed', undefined, undefined],
    ['setTimer', '[0].onInput.transitionEvents[0].actions[1]', 'Closed', undefined, undefined],
    ['resetTimer', '[1].onEnter.events[0].actions[0]', 'Open', undefined, undefined],
  ]);
});

test('there is no trace unless requested', () => {
  const context = { now: 1, sequence: 1, keyValue: undefined, limits: DEFAULT_LIMITS, trace: false };
  expect(step(model, undefined, message('{"by":1}'), context).trace).toBeUndefined();
});
