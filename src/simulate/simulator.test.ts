import { beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../limits.ts';
import { type ModelRequest, prepareModel } from './models.ts';
import { evaluationRecord, rejectionRecord, renderRecord, summaryRecord } from './records.ts';
import { Simulator } from './simulator.ts';

const START = Date.parse('2026-01-01T00:00:00.000Z');
/** The members of a record that the tests check individually. */
interface Shown {
  readonly type: string;
  readonly time: string;
  readonly modelName?: string;
  readonly keyValue?: string;
  readonly trigger?: { readonly inputName?: string; readonly timerName?: string };
  readonly reason?: string;
}
let records: Shown[];
beforeEach(() => {
  records = [];
});

function simulate(...requests: ModelRequest[]): Simulator {
  const models = requests.map((request) => {
    const prepared = prepareModel(request);
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.problems));
    return prepared.model;
  });
  const keep = (text: string) => records.push(JSON.parse(text));
  return new Simulator({
    models,
    start: START,
    trace: true,
    onEvaluation: (evaluation) => keep(renderRecord(evaluationRecord(evaluation, { explain: false }))),
    onRejection: (rejection) => keep(renderRecord(rejectionRecord(rejection))),
  });
}

/** `model key trigger` for each evaluation, or the reason of each rejection. */
function outline(): string[] {
  return records.map(({ type, modelName, keyValue, trigger, reason }) => {
    if (type !== 'evaluation') return `${reason}`;
    return `${modelName} ${keyValue ?? '-'} ${trigger?.inputName ?? trigger?.timerName}`;
  });
}

/** Sets timers of the given durations, and sends a message to another input when one expires. */
function ticker(detectorModelName: string, seconds: number, tells?: string): ModelRequest {
  const actions = tells === undefined ? [] : [{ iotEvents: { inputName: tells, payload: TICK } }];
  return {
    detectorModelName,
    key: 'id',
    detectorModelDefinition: {
      initialStateName: 'S',
      states: [
        {
          stateName: 'S',
          onInput: {
            events: [
              {
                eventName: 'set',
                condition: 'currentInput("I")',
                actions: [{ setTimer: { timerName: 't', seconds } }],
              },
              { eventName: 'tell', condition: 'timeout("t")', actions },
            ],
          },
        },
      ],
    },
  };
}

const TICK = { type: 'STRING', contentExpression: `'{"id":"\${$input.I.id}"}'` } as const;

function listener(detectorModelName: string, inputName: string): ModelRequest {
  const condition = `currentInput("${inputName}")`;
  return {
    detectorModelName,
    key: 'id',
    detectorModelDefinition: {
      initialStateName: 'S',
      states: [
        {
          stateName: 'S',
          onInput: { transitionEvents: [{ eventName: 'heard', condition, nextState: 'S' }] },
        },
      ],
    },
  };
}

const put = (simulator: Simulator, inputName: string, id: unknown, messageId?: string) =>
  simulator.put({ inputName, messageId, payload: JSON.stringify({ id }) });

describe('timers', () => {
  test('fire at their deadlines, each as an evaluation of its own, in the order of the deadlines', () => {
    const simulator = simulate(ticker('Slow', 120), ticker('Fast', 60));
    put(simulator, 'I', 'a');
    simulator.advanceTo(START + 10_000);
    put(simulator, 'I', 'b');
    records.length = 0;
    simulator.advanceTo(START + 130_000);
    const times = records.map(({ time }) => (Date.parse(time) - START) / 1000);
    expect(outline()).toEqual(['Fast a t', 'Fast b t', 'Slow a t', 'Slow b t']);
    expect(times).toEqual([60, 70, 120, 130]);
    expect(simulator.nextDeadline).toBeUndefined();
  });

  test('that are due together fire in the order in which their detectors were created', () => {
    const simulator = simulate(ticker('M', 60));
    for (const id of ['q', 'a', 'z', 'c', 'b', 'y']) put(simulator, 'I', id);
    records.length = 0;
    simulator.advanceTo(START + 60_000);
    expect(outline()).toEqual(['q', 'a', 'z', 'c', 'b', 'y'].map((id) => `M ${id} t`));
  });

  test('due at the time of a message fire before it', () => {
    const simulator = simulate(ticker('M', 60));
    put(simulator, 'I', 'a');
    simulator.advanceTo(START + 60_000);
    put(simulator, 'I', 'a');
    expect(outline()).toEqual(['M a I', 'M a t', 'M a I']);
  });

  test('set again before they are due are due later', () => {
    const simulator = simulate(ticker('M', 60));
    for (let seconds = 0; seconds <= 200; seconds += 50) {
      simulator.advanceTo(START + seconds * 1000);
      put(simulator, 'I', 'a');
    }
    expect(outline()).toEqual(Array.from({ length: 5 }, () => 'M a I'));
    expect(simulator.nextDeadline).toBe(START + 260_000);
    expect(simulator.fireNext()).toBe(true);
    expect(simulator.time).toBe(START + 260_000);
  });

  test('of a deleted detector do not fire', () => {
    const simulator = simulate(ticker('M', 60));
    put(simulator, 'I', 'a');
    expect(simulator.delete({ kind: 'detector', compiled: { name: 'M' } }, 'a')).toBe(true);
    expect(simulator.delete({ kind: 'detector', compiled: { name: 'M' } }, 'a')).toBe(false);
    put(simulator, 'I', 'b');
    records.length = 0;
    simulator.advanceTo(START + 600_000);
    expect(outline()).toEqual(['M b t']);
  });
});

describe('iotEvents actions', () => {
  test('send their message right after the evaluation, at the same time', () => {
    const simulator = simulate(ticker('A', 60, 'J'), ticker('B', 60), listener('C', 'J'));
    put(simulator, 'I', 'a');
    records.length = 0;
    simulator.advanceTo(START + 100_000);
    expect(outline()).toEqual(['A a t', 'C a J', 'B a t']);
    expect(new Set(records.map(({ time }) => time)).size).toBe(1);
  });

  test('are ordinary actions if no model of the simulation reads the input', () => {
    const simulator = simulate(ticker('A', 60, 'Elsewhere'));
    put(simulator, 'I', 'a');
    simulator.advanceTo(START + 60_000);
    expect(simulator.counts).toMatchObject({ actions: 1, rejected: 0 });
  });

  test("that form a cycle stop at the server's limit", () => {
    const echo: ModelRequest = {
      detectorModelName: 'Echo',
      detectorModelDefinition: {
        initialStateName: 'S',
        states: [
          {
            stateName: 'S',
            onInput: {
              events: [
                {
                  eventName: 'e',
                  condition: 'currentInput("I")',
                  actions: [{ iotEvents: { inputName: 'I', payload: TICK } }],
                },
              ],
            },
          },
        ],
      },
    };
    const simulator = simulate(echo);
    put(simulator, 'I', 'a');
    expect(simulator.counts).toMatchObject({ evaluations: DEFAULT_LIMITS.chainMessages + 1, rejected: 1 });
    expect(records.at(-1)).toMatchObject({ type: 'rejected', reason: 'LIMIT' });
  });
});

describe('rejected messages', () => {
  test.each([
    ['an input that no model uses', 'X', '{}', 'INPUT'],
    ['text that is no JSON', 'I', '{', 'PAYLOAD'],
    ['JSON that is no object', 'I', '[1]', 'PAYLOAD'],
    [
      'more bytes than a message may have',
      'I',
      JSON.stringify({ id: 'a', more: 'ä'.repeat(512) }),
      'PAYLOAD',
    ],
    ['a key that is missing', 'I', '{"x":1}', 'KEY'],
    ['a key that has no key value', 'I', '{"id":"a b"}', 'KEY'],
  ])('%s', (_what, inputName, payload, reason) => {
    const simulator = simulate(ticker('M', 60));
    simulator.put({ inputName, messageId: 'm', payload });
    expect(outline()).toEqual([reason]);
    expect(simulator.counts).toMatchObject({ messages: 1, rejected: 1, evaluations: 0 });
  });

  test('of one model are accepted by the others', () => {
    const keyed = { ...ticker('Other', 60), key: 'other' };
    const simulator = simulate(keyed, ticker('M', 60));
    put(simulator, 'I', 'a');
    expect(outline()).toEqual(['KEY', 'M a I']);
    expect(records[0]).toMatchObject({ modelName: 'Other' });
  });

  test('have an id that the input accepted less than five minutes ago', () => {
    const simulator = simulate(ticker('M', 600), listener('L', 'J'));
    put(simulator, 'I', 'a', 'one');
    put(simulator, 'J', 'a', 'one');
    simulator.advanceTo(START + 299_999);
    put(simulator, 'I', 'a', 'one');
    simulator.advanceTo(START + 300_000);
    put(simulator, 'I', 'a', 'one');
    expect(outline()).toEqual(['M a I', 'L a J', 'DUPLICATE', 'M a I']);
  });

  test('do not use up their id', () => {
    const simulator = simulate(ticker('M', 600));
    put(simulator, 'I', 'b c', 'one');
    put(simulator, 'I', 'b', 'one');
    expect(outline()).toEqual(['KEY', 'M b I']);
  });
});

describe('alarms', () => {
  const ALARM: ModelRequest = {
    alarmModelName: 'Hot',
    key: 'id',
    alarmRule: {
      simpleRule: { inputProperty: '$input.I.t', comparisonOperator: 'GREATER', threshold: '30' },
    },
    alarmCapabilities: {
      initializationConfiguration: { disabledOnInitialization: false },
      acknowledgeFlow: { enabled: true },
    },
    alarmEventActions: { alarmActions: [{ sns: { targetArn: 'arn:aws:sns:us-east-1:000000000000:hot' } }] },
  };
  const reading = (simulator: Simulator, t: string) =>
    simulator.put({ inputName: 'I', messageId: undefined, payload: `{"id":"a","t":${t}}` });

  test('have records with their rule, their operator and the end of their snooze', () => {
    const simulator = simulate(ALARM);
    const operate = (action: Parameters<Simulator['operate']>[0]['action']) =>
      simulator.operate({ alarmModelName: 'Hot', keyValue: 'a', action });
    operate({ actionName: 'ACKNOWLEDGE' });
    reading(simulator, '31.0');
    operate({ actionName: 'ACKNOWLEDGE' });
    operate({ actionName: 'ENABLE' });
    operate({ actionName: 'SNOOZE', snoozeDuration: 60 });
    simulator.advanceTo(START + 60_000);
    expect(records).toMatchObject([
      { type: 'rejected', reason: 'STATE', modelName: 'Hot' },
      {
        kind: 'alarm',
        sequence: 1,
        created: true,
        stateAfter: 'ACTIVE',
        conditions: [],
        rule: { inputPropertyValue: 31, operator: 'GREATER', thresholdValue: 30, result: true },
        actions: [{ type: 'sns', eventName: 'ACTIVE', place: 'alarmEventActions.alarmActions[0]' }],
      },
      {
        stateBefore: 'ACTIVE',
        stateAfter: 'ACKNOWLEDGED',
        trigger: { type: 'CustomerAction', actionName: 'ACKNOWLEDGE' },
      },
      { type: 'rejected', reason: 'STATE' },
      {
        sequence: 3,
        stateAfter: 'SNOOZE_DISABLED',
        timers: [{ name: 'snooze', change: 'set', seconds: 60 }],
      },
      { sequence: 4, stateAfter: 'NORMAL', trigger: { type: 'Timer', timerName: 'snooze' } },
    ]);
    expect(records[1]).not.toHaveProperty('stateBefore');
    expect(records[2]).not.toHaveProperty('rule');
  });
});

test('values keep their type, and undefined ones are absent', () => {
  const request: ModelRequest = {
    detectorModelName: 'M',
    detectorModelDefinition: {
      initialStateName: 'S',
      states: [
        {
          stateName: 'S',
          onInput: {
            events: [
              {
                eventName: 'e',
                condition: '$input.I.v > 1 || $input.I.none == 1',
                actions: [{ setVariable: { variableName: 'v', value: '$input.I.v' } }],
              },
            ],
          },
        },
      ],
    },
  };
  let text = '';
  const prepared = prepareModel(request);
  if (!prepared.ok) throw new Error('the model is refused');
  const simulator = new Simulator({
    models: [prepared.model],
    start: START,
    trace: true,
    onEvaluation: (evaluation) => {
      text = renderRecord(evaluationRecord(evaluation, { explain: true }));
    },
  });
  simulator.put({ inputName: 'I', messageId: 'm', payload: '{"v":30.0}' });
  expect(text).toContain('"variables":[{"name":"v","new":30.0}]');
  expect(text).toContain('"reads":[{"reference":"$input.I.v","value":30.0},{"reference":"$input.I.none"}]');
  expect(text).toContain('{"expression":"$input.I.none == 1","skipped":true}');
  expect(renderRecord(summaryRecord(simulator))).toBe(
    '{"type":"summary","time":"2026-01-01T00:00:00.000Z","messages":1,"rejected":0,"evaluations":1,"transitions":0,' +
      '"actions":0,"detectorCount":1,"detectors":[{"modelName":"M","state":"S","variables":{"v":30.0},"timers":[]}]}',
  );
});
