import { beforeEach, describe, expect, test } from 'vitest';
import { countingModel, startService } from '../../test/support/service.ts';
import { DEFINITIONS } from './catalog/definitions.ts';
import type { LoggingOptions } from './catalog/logging.ts';
import { EvaluationLog } from './evaluation-log.ts';

type Started = Awaited<ReturnType<typeof startService>>;
let started: Started;
let texts: string[];
let messages = 0;

const entries = () => texts.map((text) => JSON.parse(text));
const roleArn = 'arn:aws:iam::000000000000:role/Logs';
const log = (loggingOptions: Partial<LoggingOptions>) =>
  started.call.PutLoggingOptions({
    loggingOptions: { roleArn, enabled: true, level: 'DEBUG', ...loggingOptions },
  });
const put = (payload: string, inputName = 'I') =>
  started.call.BatchPutMessage({
    messages: [{ messageId: `m${++messages}`, inputName, payload: Buffer.from(payload) }],
  });

function watch(): void {
  texts = [];
  const sink = { write: (text: string) => texts.push(text), close: async () => {} };
  const { pump, clock } = started;
  const evaluationLog = new EvaluationLog(() => pump.evaluator.catalog.logging, clock, sink);
  started.host.observe(evaluationLog);
}

const motor = {
  detectorModelName: 'Motor',
  key: 'id',
  roleArn,
  detectorModelDefinition: {
    initialStateName: 'Normal',
    states: [
      {
        stateName: 'Normal',
        onEnter: {
          events: [{ eventName: 'init', actions: [{ setVariable: { variableName: 'n', value: '1.0' } }] }],
        },
        onInput: {
          events: [
            {
              eventName: 'wrong',
              condition: '$input.I.wrong == true',
              actions: [
                { setVariable: { variableName: 'n', value: '$input.I.none' } },
                { resetTimer: { timerName: 'never' } },
              ],
            },
          ],
          transitionEvents: [
            {
              eventName: 'high',
              condition: '$input.I.p > 70',
              nextState: 'High',
              actions: [{ setTimer: { timerName: 'cool', seconds: 60 } }],
            },
            { eventName: 'higher', condition: '$input.I.p > 90', nextState: 'High' },
          ],
        },
      },
      {
        stateName: 'High',
        onInput: {
          transitionEvents: [{ eventName: 'cooled', condition: 'timeout("cool")', nextState: 'Normal' }],
        },
      },
    ],
  },
};

beforeEach(async () => {
  started = await startService();
  watch();
  const inputDefinition = { attributes: [{ jsonPath: 'id' }] };
  await started.call.CreateInput({ inputName: 'I', inputDefinition });
  await started.call.CreateInput({ inputName: 'J', inputDefinition });
  await started.call.CreateDetectorModel(motor);
  await started.call.CreateDetectorModel(countingModel('Counter', 'J'));
});

test('nothing is logged before options are set, nor after they are disabled', async () => {
  await put('{"id":"a","p":80}');
  await log({ enabled: false, detectorDebugOptions: [{ detectorModelName: 'Motor' }] });
  await put('{"id":"a","wrong":true}');
  expect(texts).toEqual([]);
});

describe('DEBUG', () => {
  test('has the members of the documented entry, in order, for a message', async () => {
    await log({ detectorDebugOptions: [{ detectorModelName: 'Motor' }] });
    await put('{"id":"a","p":95}');
    expect(texts).toHaveLength(1);
    expect(texts[0]).toBe(
      '{"timestamp":"2020-09-13T12:26:40.000Z","level":"DEBUG","logMessage":"Summary of message evaluation",' +
        `"context":"MessageEvaluation","status":"Success","messageId":"m${messages}","keyValue":"a",` +
        '"detectorModelName":"Motor","initialState":"Normal","initialVariables":{},"finalState":"High",' +
        '"finalVariables":{"n":1.0},"message":"{\\"id\\":\\"a\\",\\"p\\":95}","messageType":"CUSTOMER_MESSAGE",' +
        '"conditionEvaluationResults":[' +
        '{"result":"True","eventName":"init","state":"Normal","lifeCycle":"OnEnter","hasTransition":false},' +
        '{"result":"False","eventName":"wrong","state":"Normal","lifeCycle":"OnInput","hasTransition":false},' +
        '{"result":"True","eventName":"high","state":"Normal","lifeCycle":"OnInput","hasTransition":true},' +
        '{"result":"Skipped","eventName":"higher","state":"Normal","lifeCycle":"OnInput","hasTransition":true,' +
        '"resultDetails":"Skipped due to transition from high event"}]}',
    );
  });

  test('for a timer names the timer in place of the message', async () => {
    await put('{"id":"a","p":80}');
    await log({ detectorDebugOptions: [{ detectorModelName: 'Motor' }] });
    await started.clock.advance(started.clock.now() + 60_000, () => started.host.catalog());
    const [entry] = entries();
    expect(entry).toMatchObject({
      timestamp: '2020-09-13T12:27:40.000Z',
      initialState: 'High',
      initialVariables: { n: 1 },
      finalState: 'Normal',
      messageType: 'TIMER',
      timerName: 'cool',
    });
    expect(entry).not.toHaveProperty('messageId');
    expect(entry).not.toHaveProperty('message');
  });

  test.each<[string, LoggingOptions['detectorDebugOptions'], string[]]>([
    ['none', undefined, []],
    ['one model', [{ detectorModelName: 'Motor' }], ['Motor a', 'Motor b']],
    ['one detector', [{ detectorModelName: 'Motor', keyValue: 'b' }], ['Motor b']],
    [
      'a model and one of its detectors',
      [{ detectorModelName: 'Motor', keyValue: 'b' }, { detectorModelName: 'Motor' }],
      ['Motor a', 'Motor b'],
    ],
    [
      'detectors of two models',
      [
        { detectorModelName: 'Motor', keyValue: 'a' },
        { detectorModelName: 'Counter', keyValue: 'b' },
      ],
      ['Motor a', 'Counter b'],
    ],
    [
      'what is not there',
      [{ detectorModelName: 'Other' }, { detectorModelName: 'Motor', keyValue: 'c' }],
      [],
    ],
  ])('covers the detectors that the options name: %s', async (_what, options, expected) => {
    for (const inputName of ['I', 'J']) for (const id of ['a', 'b']) await put(`{"id":"${id}"}`, inputName);
    await log(options === undefined ? {} : { detectorDebugOptions: options });
    const traced: string[] = [];
    started.host.observe({
      observe: (evaluated) => {
        if (evaluated.kind !== 'detector') return;
        const { model, keyValue, result } = evaluated;
        if (result.trace !== undefined) traced.push(`${model.compiled.name} ${keyValue}`);
      },
      traces: () => false,
    });
    for (const inputName of ['I', 'J']) for (const id of ['a', 'b']) await put(`{"id":"${id}"}`, inputName);
    expect(entries().map((entry) => `${entry.detectorModelName} ${entry.keyValue}`)).toEqual(expected);
    // No other evaluation has the cost of a trace.
    expect(traced).toEqual(expected);
  });
});

test.each<[LoggingOptions['level'], string[]]>([
  ['ERROR', ['ERROR']],
  ['INFO', ['INFO', 'ERROR', 'WARN', 'INFO']],
  ['DEBUG', ['INFO', 'ERROR', 'WARN', 'INFO']],
])('the level %s logs %j', async (level, expected) => {
  await log({ level });
  await put('{"id":"a"}');
  await put('{"id":"a","wrong":true}');
  await put('{"id":"a","p":80}');
  expect(entries().map((entry) => entry.level)).toEqual(expected);
});

test('problems have their location, changes of state both states', async () => {
  await log({ level: 'INFO' });
  await put('{"id":"a"}');
  await put('{"id":"a","wrong":true}');
  await put('{"id":"a","p":80}');
  const where = { keyValue: 'a', detectorModelName: 'Motor', state: 'Normal', eventName: 'wrong' };
  expect(entries()).toMatchObject([
    { logMessage: 'Detector created', finalState: 'Normal', finalVariables: { n: 1 } },
    { logMessage: expect.stringContaining('Variable n keeps its value'), status: 'Failure', ...where },
    { logMessage: 'The timer named never was not reset: it is not set.', status: 'Success', ...where },
    { logMessage: 'State changed', initialState: 'Normal', finalState: 'High', messageId: `m${messages}` },
  ]);
  for (const entry of entries()) expect(entry).not.toHaveProperty('conditionEvaluationResults');
});

test('a failed action is logged with its reason, unless logging is off', async () => {
  const execution = {
    actionExecutionId: 'id',
    type: 'sns',
    detectorModelName: 'Motor',
    keyValue: 'a',
    eventName: 'high',
    status: 'FAILED',
    attempts: 8,
    createdAt: 0,
    roleArn,
    lastError: 'NotFoundException: Topic does not exist',
  } as const;
  const { pump, clock } = started;
  const evaluationLog = new EvaluationLog(() => pump.evaluator.catalog.logging, clock, {
    write: (text) => texts.push(text),
  });
  evaluationLog.finished([execution]);
  expect(texts).toEqual([]);
  await log({ level: 'ERROR' });
  evaluationLog.finished([execution]);
  expect(entries()).toEqual([
    {
      timestamp: '2020-09-13T12:26:40.000Z',
      level: 'ERROR',
      logMessage: 'NotFoundException: Topic does not exist',
      context: 'ActionExecution',
      status: 'Failure',
      keyValue: 'a',
      detectorModelName: 'Motor',
      eventName: 'high',
      actionType: 'sns',
      actionExecutionId: 'id',
    },
  ]);
});

describe('the options', () => {
  test('are absent until they are set, and replaced as a whole', async () => {
    await expect(started.call.DescribeLoggingOptions({})).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
    const first: LoggingOptions = {
      roleArn,
      enabled: true,
      level: 'DEBUG',
      detectorDebugOptions: [{ detectorModelName: 'Motor', keyValue: 'a' }],
    };
    await log(first);
    expect(await started.call.DescribeLoggingOptions({})).toEqual({ loggingOptions: first });
    const second: LoggingOptions = { roleArn, enabled: true, level: 'INFO' };
    await started.call.PutLoggingOptions({ loggingOptions: second });
    expect(await started.call.DescribeLoggingOptions({})).toEqual({ loggingOptions: second });
    await put('{"id":"a"}');
    expect(entries().map((entry) => entry.level)).toEqual(['INFO']);
  });

  test('apply from the next evaluation on, also within one turn', async () => {
    await Promise.all([
      put('{"id":"a"}'),
      put('{"id":"b","p":80}'),
      log({ level: 'INFO' }),
      put('{"id":"a","p":80}'),
      put('{"id":"c"}'),
    ]);
    expect(entries()).toMatchObject([
      { keyValue: 'a', logMessage: 'State changed', initialState: 'Normal', finalState: 'High' },
      { keyValue: 'c', logMessage: 'Detector created', finalState: 'Normal' },
    ]);
  });

  test('survive a restart', async () => {
    await log({ detectorDebugOptions: [{ detectorModelName: 'Motor' }] });
    await started.pump.close();
    started = await startService({}, started.image);
    watch();
    expect(await started.call.DescribeLoggingOptions({})).toMatchObject({
      loggingOptions: { level: 'DEBUG' },
    });
    await put('{"id":"a"}');
    expect(entries().map((entry) => entry.level)).toEqual(['DEBUG']);
  });

  test('are rolled back with a turn that does not become durable', async () => {
    await expect(
      started.pump.run((turn) => {
        const options: LoggingOptions = { roleArn, enabled: true, level: 'ERROR' };
        const context = { now: turn.now, limits: started.pump.limits };
        turn.define(DEFINITIONS.putLoggingOptions(started.pump.evaluator.catalog, options, context));
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(started.pump.evaluator.catalog.logging.options).toBeUndefined();
  });
});
