import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../limits.ts';
import { compileModel } from '../model/compile.ts';
import type { CompiledModel } from '../model/compiled.ts';
import type {
  DetectorModelDefinition,
  EvaluationMethod,
  Event,
  TransitionEvent,
} from '../model/definition.ts';
import { sizeOf } from './effect.ts';
import { step } from './step.ts';
import type { Detector, StepResult, Trigger } from './types.ts';
import { namedVariables } from './variables.ts';

/** The motor of models 7.7 in the reference: three low readings cancel the count that one high reading raised. */
const MOTOR: DetectorModelDefinition = {
  initialStateName: 'Normal',
  states: [
    {
      stateName: 'Normal',
      onEnter: { events: [set('init', 'pressureThresholdBreached', '0')] },
      onInput: {
        transitionEvents: [
          {
            ...set('Overpressurized', 'pressureThresholdBreached', '$variable.pressureThresholdBreached + 3'),
            condition: '$input.PressureInput.sensorData.pressure > 70',
            nextState: 'Dangerous',
          },
        ],
      },
    },
    {
      stateName: 'Dangerous',
      onEnter: {
        events: [
          {
            eventName: 'Pressure Threshold Breached',
            condition: '$variable.pressureThresholdBreached > 1',
            actions: [{ sns: { targetArn: 'arn:aws:sns:us-east-1:123456789012:underPressureAction' } }],
          },
        ],
      },
      onInput: {
        events: [
          {
            ...set('Overpressurized', 'pressureThresholdBreached', '3'),
            condition: '$input.PressureInput.sensorData.pressure > 70',
          },
          {
            ...set('Pressure Okay', 'pressureThresholdBreached', '$variable.pressureThresholdBreached - 1'),
            condition: '$input.PressureInput.sensorData.pressure <= 70',
          },
        ],
        transitionEvents: [
          {
            eventName: 'BackToNormal',
            condition:
              '$input.PressureInput.sensorData.pressure <= 70 && $variable.pressureThresholdBreached <= 1',
            nextState: 'Normal',
          },
        ],
      },
      onExit: {
        events: [
          {
            eventName: 'Normal Pressure Restored',
            condition: 'true',
            actions: [{ sns: { targetArn: 'arn:aws:sns:us-east-1:123456789012:pressureClearedAction' } }],
          },
        ],
      },
    },
  ],
};

function set(eventName: string, variableName: string, value: string): Event {
  return { eventName, actions: [{ setVariable: { variableName, value } }] };
}

/** A detector with its clock and a log of its effects. */
class Bench {
  readonly model: CompiledModel;
  readonly results: StepResult[] = [];
  now = 1_600_000_000_000;
  /** Milliseconds by which the wall clock is ahead. */
  ahead = 0;
  #sequence = 0;

  constructor(definition: DetectorModelDefinition, evaluationMethod: EvaluationMethod = 'BATCH') {
    const compiled = compileModel({
      detectorModelName: 'motorDetectorModel',
      detectorModelVersion: '1',
      detectorModelDefinition: definition,
      evaluationMethod,
      key: 'motorid',
    });
    if (!compiled.ok)
      throw new Error(compiled.problems.map(({ path, message }) => `${path} ${message}`).join());
    this.model = compiled.model;
  }

  get detector(): Detector | undefined {
    return this.results.at(-1)?.detector;
  }

  get state(): string | undefined {
    return this.detector && this.model.states[this.detector.state]?.name;
  }

  get variables(): Record<string, unknown> {
    return this.detector ? Object.fromEntries(namedVariables(this.model, this.detector)) : {};
  }

  message(inputName: string, value: object, messageId = '00001'): StepResult {
    const input = this.model.inputs.get(inputName) ?? -1;
    const text = JSON.stringify(value);
    const payload = { text, value: JSON.parse(text) };
    return this.#step({ type: 'Message', input, messageId, payload });
  }

  timer(timerName: string): StepResult {
    return this.#step({ type: 'Timer', timerName });
  }

  #step(trigger: Trigger): StepResult {
    const context = {
      now: this.now,
      wall: this.now + this.ahead,
      sequence: ++this.#sequence,
      keyValue: 'Fulton-A32',
      limits: DEFAULT_LIMITS,
      trace: true,
    };
    const result = step(this.model, this.detector, trigger, context);
    this.results.push(result);
    return result;
  }
}

const UUID_V3 = /^[0-9a-f]{8}-[0-9a-f]{4}-3[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('the motor example', () => {
  test('goes through the states, variables and both payloads of models 7.7 in the reference', () => {
    const bench = new Bench(MOTOR);
    const trace: unknown[] = [];
    for (const [index, pressure] of [80, 60, 60, 60].entries()) {
      bench.message('PressureInput', { motorid: 'Fulton-A32', sensorData: { pressure } }, `0000${index + 1}`);
      trace.push([bench.state, bench.variables.pressureThresholdBreached]);
    }
    expect(trace).toEqual([
      ['Dangerous', 3],
      ['Dangerous', 2],
      ['Dangerous', 1],
      ['Normal', 0],
    ]);
    const payloads = bench.results.flatMap(({ effects }) =>
      effects.map(({ payload }) => JSON.parse(payload.text)),
    );
    expect(payloads).toEqual([
      body('Pressure Threshold Breached', 'Dangerous', 3, '00001'),
      body('Normal Pressure Restored', 'Dangerous', 0, '00004'),
    ]);
  });

  function body(eventName: string, stateName: string, breached: number, messageId: string) {
    return {
      eventTime: 1_600_000_000_000,
      payload: {
        actionExecutionId: expect.stringMatching(UUID_V3),
        detector: {
          detectorModelName: 'motorDetectorModel',
          keyValue: 'Fulton-A32',
          detectorModelVersion: '1',
        },
        eventTriggerDetails: { inputName: 'PressureInput', messageId, triggerType: 'Message' },
        state: { stateName, variables: { pressureThresholdBreached: breached }, timers: {} },
      },
      eventName,
    };
  }
});

test('timers in a payload are times of the wall clock, like its eventTime', () => {
  const actions = [
    { setTimer: { timerName: 't', seconds: 60 } },
    { sns: { targetArn: 'arn:aws:sns:us-east-1:123456789012:t' } },
  ];
  const events = [{ eventName: 'e', condition: '$input.I.x > 0', actions }];
  const bench = new Bench({ initialStateName: 's', states: [{ stateName: 's', onInput: { events } }] });
  bench.ahead = 3_600_000;
  const [effect] = bench.message('I', { x: 1 }).effects;
  const { eventTime, payload } = JSON.parse(effect?.payload.text ?? '');
  expect(eventTime).toBe(bench.now + bench.ahead);
  expect(payload.state.timers).toEqual({ t: eventTime + 60_000 });
});

describe('conditions', () => {
  const model = (condition: string): DetectorModelDefinition => ({
    initialStateName: 's',
    states: [
      {
        stateName: 's',
        onInput: {
          events: [{ ...set('e', 'hit', 'true'), condition }],
          transitionEvents: [
            transition('a', '$input.I.x == 1', 's'),
            transition('b', '$input.I.x >= 1', 's'),
          ],
        },
      },
    ],
  });

  function transition(eventName: string, condition: string, nextState: string): TransitionEvent {
    return { eventName, condition, nextState };
  }

  test.each(['1', "'true'", '$input.I.absent', '$input.I', '$variable.unset > 1', 'timeout("t")'])(
    'anything but the Boolean true is false: %s',
    (condition) => {
      const bench = new Bench(model(condition));
      bench.message('I', { x: 0 });
      expect(bench.variables).toEqual({});
    },
  );

  test('transitions after the chosen one are skipped, with the reason', () => {
    const bench = new Bench(model('true'));
    const { trace } = bench.message('I', { x: 1 });
    const conditions = trace?.conditions ?? [];
    expect(conditions.map((each) => [each.eventName, each.result, each.resultDetails])).toEqual([
      ['e', 'True', undefined],
      ['a', 'True', undefined],
      ['b', 'Skipped', 'Skipped due to transition from a event'],
    ]);
    expect(conditions[1]?.reads).toEqual([{ reference: '$input.I.x', value: 1 }]);
  });
});

describe('purity', () => {
  test('a step does not change its detector, and repeats with the same result', () => {
    const bench = new Bench(MOTOR);
    bench.message('PressureInput', { sensorData: { pressure: 80 } });
    const before = bench.detector as Detector;
    const frozen = structuredClone(before);
    const trigger: Trigger = {
      type: 'Message',
      input: 0,
      messageId: 'm',
      payload: { text: '{}', value: { sensorData: { pressure: 60 } } },
    };
    const context = { now: 1, sequence: 9, keyValue: 'k', limits: DEFAULT_LIMITS, trace: false };
    const first = step(bench.model, before, trigger, context);
    const second = step(bench.model, before, trigger, context);
    expect(first).toEqual(second);
    expect(before).toEqual(frozen);
  });
});

describe('texts beyond a limit', () => {
  const send = (eventName: string, count: number): Event => ({
    eventName,
    condition: 'currentInput("I")',
    actions: Array.from({ length: count }, () => ({
      dynamoDB: {
        tableName: "'t'",
        hashKeyField: "'k'",
        hashKeyValue: '$variable.long',
        rangeKeyValue: '$variable.long',
        rangeKeyField: "'r'",
        payload: { type: 'STRING' as const, contentExpression: "'x'" },
      },
    })),
  });
  const evaluate = (event: Event, limits: Partial<typeof DEFAULT_LIMITS>) => {
    const compiled = compileModel({
      detectorModelName: 'M',
      detectorModelVersion: '1',
      detectorModelDefinition: {
        initialStateName: 'A',
        states: [
          {
            stateName: 'A',
            onEnter: { events: [set('init', 'long', "'0123456789'")] },
            onInput: { events: [event] },
          },
        ],
      },
    });
    if (!compiled.ok) throw new Error('does not compile');
    const trigger: Trigger = {
      type: 'Message',
      input: compiled.model.inputs.get('I') ?? 0,
      messageId: 'm',
      payload: { text: '{}', value: {} },
    };
    const context = { now: 0, sequence: 1, keyValue: undefined, trace: false };
    return step(compiled.model, undefined, trigger, {
      ...context,
      limits: { ...DEFAULT_LIMITS, ...limits },
    });
  };

  test('drop an action that is too large, and report it', () => {
    const { effects, problems } = evaluate(send('e', 1), { actionText: 20 });
    expect(effects).toEqual([]);
    expect(problems).toMatchObject([
      {
        level: 'ERROR',
        message: expect.stringMatching(/^The dynamoDB action was not executed: .* limit is 20/),
      },
    ]);
  });

  test('drop actions that together are too large for one commit', () => {
    const { effects, problems } = evaluate(send('e', 10), { evaluationText: 60 });
    expect(effects).toHaveLength(2);
    expect(effects.reduce((sum, effect) => sum + sizeOf(effect), 0)).toBeLessThanOrEqual(60);
    expect(problems).toHaveLength(8);
  });

  test('leave a variable unchanged', () => {
    const twice = { ...set('e', 'long', '$variable.long + $variable.long'), condition: 'currentInput("I")' };
    const { detector, problems } = evaluate(twice, { variableText: 15 });
    expect(namedVariablesOf(detector)).toContain('0123456789');
    expect(problems).toMatchObject([{ message: expect.stringContaining('the limit is 15') }]);
  });

  test('are measured in bytes', () => {
    const euros = { ...set('e', 'long', "'€€€€€'"), condition: 'currentInput("I")' };
    expect(evaluate(euros, { variableText: 15 }).problems).toEqual([]);
    expect(evaluate(euros, { variableText: 14 }).problems).toMatchObject([
      { message: expect.stringContaining('the new one has 15 bytes; the limit is 14') },
    ]);
  });

  test('leave a variable unchanged when all texts of the detector together exceed the limit', () => {
    const long = 'x'.repeat(1500);
    const third = {
      eventName: 'e',
      condition: 'currentInput("I")',
      actions: ['a', 'b', 'c'].map((variableName) => ({ setVariable: { variableName, value: `'${long}'` } })),
    };
    const { detector, problems } = evaluate(third, { detectorText: 4000 });
    expect(namedVariablesOf(detector).split(long)).toHaveLength(3);
    expect(problems).toMatchObject([
      {
        level: 'ERROR',
        message: "Variable c keeps its value: the detector's texts would have 4510 bytes; the limit is 4000.",
      },
    ]);
  });

  const namedVariablesOf = (detector: Detector) => JSON.stringify(detector);
});
