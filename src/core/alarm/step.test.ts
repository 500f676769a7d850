import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReferenceAlarm } from '../../../test/reference/alarm.ts';
import { DEFAULT_LIMITS } from '../../limits.ts';
import { parseJson } from '../expression/json.ts';
import type { Value } from '../expression/value.ts';
import { decodeAlarm, encodeAlarm } from './codec.ts';
import { compileAlarmModel } from './compile.ts';
import type { CompiledAlarmModel } from './compiled.ts';
import type { AlarmModelDefinition, SimpleRule } from './definition.ts';
import { step } from './step.ts';
import { type Alarm, type AlarmStepResult, CUSTOMER_ACTIONS, type CustomerAction } from './types.ts';

const RULE: SimpleRule = {
  inputProperty: '$input.I.t',
  comparisonOperator: 'GREATER',
  threshold: '30',
};
const ENABLED = { initializationConfiguration: { disabledOnInitialization: false } };

function compiled(definition: Partial<AlarmModelDefinition> & { key?: string }): CompiledAlarmModel {
  const result = compileAlarmModel({
    alarmModelName: 'Boiler',
    alarmModelVersion: '1',
    alarmRule: { simpleRule: RULE },
    alarmCapabilities: ENABLED,
    ...definition,
  });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.model;
}

/** One alarm with its clock. After each step the alarm is encoded and decoded. */
class Bench {
  readonly model: CompiledAlarmModel;
  alarm: Alarm | undefined;
  now = 1_607_550_262_000;
  limits = DEFAULT_LIMITS;
  #sequence = 0;

  constructor(definition: Partial<AlarmModelDefinition> & { key?: string } = {}) {
    this.model = compiled(definition);
  }

  put(text: string, inputName = 'I'): AlarmStepResult {
    const parsed = parseJson(text);
    if (!parsed.ok) throw new Error(parsed.message);
    const input = this.model.inputs.get(inputName) as number;
    const payload = { text, value: parsed.value };
    return this.#step({ type: 'Message', input, messageId: 'm', payload });
  }

  act(action: CustomerAction): AlarmStepResult {
    return this.#step({ type: 'CustomerAction', action });
  }

  expire(): AlarmStepResult {
    return this.#step({ type: 'Timer', timerName: 'snooze' });
  }

  #step(trigger: Parameters<typeof step>[2]): AlarmStepResult {
    this.#sequence++;
    const context = {
      now: this.now,
      sequence: this.#sequence,
      keyValue: this.model.key && 'a1',
      limits: this.limits,
      trace: false,
    };
    const result = step(this.model, this.alarm, trigger, context);
    const decoded = decodeAlarm(encodeAlarm(result.alarm));
    if (!decoded.ok) throw new Error(decoded.message);
    expect(decoded.alarm).toEqual(result.alarm);
    this.alarm = decoded.alarm;
    return result;
  }
}

test('for any operator and values, the state equals that of the reference', () => {
  const event = fc.oneof(
    fc.record({ kind: fc.constant('value' as const), beyond: fc.boolean() }),
    fc.record({
      kind: fc.constant('action' as const),
      actionName: fc.constantFrom(...CUSTOMER_ACTIONS),
      seconds: fc.integer({ min: 1, max: 50 }),
    }),
    fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 60 }) }),
  );
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.boolean(),
      fc.array(event, { maxLength: 40 }),
      (acknowledgeFlow, enabled, events) => {
        const bench = new Bench({
          alarmCapabilities: {
            initializationConfiguration: { disabledOnInitialization: !enabled },
            acknowledgeFlow: { enabled: acknowledgeFlow },
          },
        });
        const reference = new ReferenceAlarm({ acknowledgeFlow, enabled });
        bench.put('{"t":0}');
        for (const each of events) {
          if (each.kind === 'value') {
            bench.put(each.beyond ? '{"t":31}' : '{"t":30}');
            reference.value(each.beyond);
          } else if (each.kind === 'action') {
            const { actionName, seconds } = each;
            const action = {
              actionName,
              ...(actionName === 'SNOOZE' && { snoozeDuration: seconds }),
            };
            const before = bench.alarm?.state;
            const wasPossible = bench.act(action).problems.length === 0;
            expect(reference.act(actionName, bench.now, seconds)).toBe(wasPossible);
            if (wasPossible) expect(bench.alarm?.state).not.toBe(before);
          } else {
            bench.now += each.seconds * 1000;
            const [timer] = bench.alarm?.timers ?? [];
            if (timer !== undefined && timer.expiresAt <= bench.now) bench.expire();
            reference.passTo(bench.now);
          }
          expect(bench.alarm?.state).toBe(reference.state);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

describe('the first message', () => {
  test('creates a disabled alarm unless the model enables it', () => {
    const bench = new Bench({ alarmCapabilities: {} });
    expect(bench.put('{"t":99}')).toMatchObject({
      alarm: { state: 'DISABLED', ruleEvaluation: undefined },
      effects: [],
    });
  });

  test('is evaluated at once if the alarm is enabled', () => {
    expect(new Bench().put('{"t":31.5}').alarm).toMatchObject({
      state: 'ACTIVE',
      ruleEvaluation: { inputProperty: 31.5, operator: 'GREATER', threshold: 30 },
    });
  });
});

describe('the rule', () => {
  test.each([
    ['GREATER', [false, false, true]],
    ['GREATER_OR_EQUAL', [false, true, true]],
    ['LESS', [true, false, false]],
    ['LESS_OR_EQUAL', [true, true, false]],
    ['EQUAL', [false, true, false]],
    ['NOT_EQUAL', [true, false, true]],
  ] as const)('%s', (comparisonOperator, breached) => {
    for (const [index, value] of ['29', '30.0', '30.5'].entries()) {
      const bench = new Bench({ alarmRule: { simpleRule: { ...RULE, comparisonOperator } } });
      bench.put(`{"t":${value}}`);
      expect([value, bench.alarm?.state]).toEqual([value, breached[index] ? 'ACTIVE' : 'NORMAL']);
    }
  });

  test.each([
    ['-5', '{"t":-4}', 'ACTIVE'],
    ['-5.5', '{"t":-6}', 'NORMAL'],
    ['$input.I.limit', '{"t":31,"limit":30}', 'ACTIVE'],
    ['$input.I.limit', '{"t":31,"limit":32.5}', 'NORMAL'],
    ['$input.I.`the limit`[0]', '{"t":31,"the limit":[30]}', 'ACTIVE'],
  ])('threshold %s with %s: %s', (threshold, text, state) => {
    const bench = new Bench({ alarmRule: { simpleRule: { ...RULE, threshold } } });
    bench.put(text);
    expect(bench.alarm?.state).toBe(state);
  });

  test('a threshold from another input is remembered, but its arrival evaluates nothing', () => {
    const bench = new Bench({ alarmRule: { simpleRule: { ...RULE, threshold: '$input.Limits.high' } } });
    expect(bench.put('{"t":31}').problems).toMatchObject([
      { message: 'The rule was not evaluated: the threshold is not a number.' },
    ]);
    bench.put('{"high":20}', 'Limits');
    expect(bench.alarm?.state).toBe('NORMAL');
    bench.put('{"t":21}');
    expect(bench.alarm?.state).toBe('ACTIVE');
  });

  test.each(['{}', '{"t":null}', '{"other":1}'])(
    'a message without the property, %s, changes nothing',
    (text) => {
      const bench = new Bench();
      bench.put('{"t":31}');
      bench.now += 1000;
      const { alarm, problems } = bench.put(text);
      expect(alarm).toMatchObject({ state: 'ACTIVE', lastUpdateTime: bench.now - 1000 });
      expect(problems).toEqual([]);
    },
  );

  test.each(['{"t":"31"}', '{"t":true}', '{"t":[31]}'])(
    'a property that is no number, %s, is reported',
    (text) => {
      const bench = new Bench();
      bench.put('{"t":31}');
      expect(bench.put(text)).toMatchObject({
        alarm: { state: 'ACTIVE' },
        problems: [
          { level: 'ERROR', message: 'The rule was not evaluated: the inputProperty is not a number.' },
        ],
      });
    },
  );
});

const NOTIFY: AlarmModelDefinition['alarmNotification'] = {
  notificationActions: [
    {
      action: { lambdaAction: { functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:notify' } },
      emailConfigurations: [
        {
          from: 'plant@example.com',
          content: { subject: "'Boiler ${$input.I.id}'", additionalMessage: 'Call the shift.' },
          recipients: { to: [{ ssoIdentity: { identityStoreId: 'd-1', userId: 'u-1' } }] },
        },
      ],
      smsConfigurations: [
        {
          senderId: 'Plant',
          recipients: [{ ssoIdentity: { identityStoreId: 'd-1', userId: '$input.I.who' } }],
        },
      ],
    },
  ],
};

describe('a change of state', () => {
  test('limits what its actions and notifications send, like an evaluation of a detector', () => {
    const actions = ['one', 'two', 'three'].map((targetArn) => ({ sns: { targetArn } }));
    const bench = new Bench({
      key: 'id',
      alarmEventActions: { alarmActions: actions },
      alarmNotification: NOTIFY,
    });
    bench.limits = { ...DEFAULT_LIMITS, evaluationText: 500 };
    const { effects, problems, alarm } = bench.put('{"id":"a1","t":31.5,"who":"u-2"}');
    expect(alarm.state).toBe('ACTIVE');
    expect(effects.map(({ type }) => type)).toEqual(['sns', 'sns']);
    expect(problems).toMatchObject([
      {
        level: 'ERROR',
        message: expect.stringMatching(/^The sns action was not executed: .* more than 500 bytes/),
      },
      { level: 'ERROR', message: expect.stringMatching(/^The notification action was not executed/) },
    ]);
  });

  test('carries the documented event to actions and notifications', () => {
    const bench = new Bench({
      key: 'id',
      severity: 3,
      alarmEventActions: { alarmActions: [{ sns: { targetArn: 'topic' } }] },
      alarmNotification: NOTIFY,
    });
    const { effects } = bench.put('{"id":"a1","t":31.5,"who":"u-2"}');
    const event =
      '{"alarmModelName":"Boiler","keyValue":"a1","severity":3,"stateUpdateTime":1607550262000,' +
      '"alarmState":{"stateName":"ACTIVE","ruleEvaluation":{"simpleRule":' +
      '{"inputProperty":31.5,"operator":"GREATER","threshold":30}}}}';
    const source = { alarmModelName: 'Boiler', keyValue: 'a1', eventName: 'ACTIVE', eventTime: bench.now };
    expect(effects).toMatchObject([
      {
        ...source,
        type: 'sns',
        parameters: { targetArn: 'topic' },
        payload: { type: 'DEFAULT', text: event },
      },
      {
        ...source,
        type: 'notification',
        event,
        emails: [
          {
            from: 'plant@example.com',
            subject: 'Boiler a1',
            additionalMessage: 'Call the shift.',
            to: [{ identityStoreId: 'd-1', userId: 'u-1' }],
          },
        ],
        sms: [{ senderId: 'Plant', to: [{ identityStoreId: 'd-1', userId: 'u-2' }] }],
      },
    ]);
    const ids = effects.map(({ actionExecutionId }) => actionExecutionId);
    expect(new Set(ids).size).toBe(2);
  });

  test('works without key and severity, by an operator and at the end of a snooze', () => {
    const bench = new Bench({ alarmEventActions: { alarmActions: [{ sns: { targetArn: 'topic' } }] } });
    const states = (result: AlarmStepResult) =>
      result.effects.map((effect) => JSON.parse('payload' in effect ? (effect.payload?.text ?? '') : ''));
    bench.put('{"t":29}');
    expect(states(bench.act({ actionName: 'SNOOZE', snoozeDuration: 60, note: 'tea' }))).toEqual([
      {
        alarmModelName: 'Boiler',
        severity: null,
        stateUpdateTime: bench.now,
        alarmState: {
          stateName: 'SNOOZE_DISABLED',
          ruleEvaluation: { simpleRule: { inputProperty: 29, operator: 'GREATER', threshold: 30 } },
          customerAction: { actionName: 'SNOOZE', snooze: { snoozeDuration: 60, note: 'tea' } },
        },
      },
    ]);
    bench.now += 60_000;
    expect(states(bench.expire())).toMatchObject([
      {
        alarmState: {
          stateName: 'NORMAL',
          ruleEvaluation: null,
          systemEvent: { eventType: 'STATE_CHANGE', stateChange: { triggerType: 'SNOOZE_TIMEOUT' } },
        },
      },
    ]);
    expect(states(bench.act({ actionName: 'DISABLE' }))[0].alarmState.customerAction).toEqual({
      actionName: 'DISABLE',
      disable: {},
    });
  });

  test('an action that cannot be evaluated is reported, and the others are sent', () => {
    const alarmActions = [
      { sqs: { queueUrl: 'q', payload: { contentExpression: '$input.I.none', type: 'STRING' as const } } },
      { sns: { targetArn: 'topic' } },
    ];
    const result = new Bench({ alarmEventActions: { alarmActions } }).put('{"t":31}');
    expect(result.effects.map(({ type }) => type)).toEqual(['sns']);
    expect(result.problems).toMatchObject([{ level: 'ERROR', state: 'ACTIVE' }]);
  });

  test('a notification whose texts have no value is reported', () => {
    const result = new Bench({ alarmNotification: NOTIFY }).put('{"t":31}');
    expect(result.effects).toEqual([]);
    expect(result.problems).toHaveLength(1);
  });
});

describe('SiteWise', () => {
  const property = (id: string, rest = 'propertyValue.value') =>
    `$sitewise.assetModel.\`m\`.\`${id}\`.${rest}`;
  const value = (v: string) => `{"assetId":"asset-1","propertyId":"p","propertyValue":{"value":${v}}}`;

  test('resolves property, threshold and asset from its messages and writes the state back', () => {
    const bench = new Bench({
      alarmRule: { simpleRule: { ...RULE, inputProperty: property('p'), threshold: property('limit') } },
      alarmEventActions: {
        alarmActions: [{ iotSiteWise: { assetId: property('p', 'assetId'), propertyId: "'state'" } }],
      },
    });
    expect(bench.model.key).toEqual(['assetId']);
    expect(bench.model.inputNames).toEqual(['sitewise/p', 'sitewise/limit']);
    bench.put(value('30.0'), 'sitewise/limit');
    const { effects } = bench.put(value('31.524855556613428'), 'sitewise/p');
    expect(effects).toMatchObject([
      {
        type: 'iotSiteWise',
        parameters: {
          assetId: 'asset-1',
          propertyId: 'state',
          'propertyValue.value.stringValue':
            '{"stateName":"ACTIVE","ruleEvaluation":{"simpleRule":{"inputProperty":31.524855556613428,' +
            '"operator":"GREATER","threshold":30.0}}}',
        },
      },
    ]);
  });

  test('a model that watches an input has no implicit key, whatever its actions refer to', () => {
    const iotSiteWise = { assetId: property('p', 'assetId'), propertyId: "'state'" };
    const bench = new Bench({ alarmEventActions: { alarmActions: [{ iotSiteWise }] } });
    expect(bench.model.key).toBeUndefined();
  });

  test('keeps a value that the action sets itself', () => {
    const iotSiteWise = {
      propertyAlias: "'/a'",
      propertyValue: { value: { stringValue: "'mine'" } },
    };
    const { effects } = new Bench({ alarmEventActions: { alarmActions: [{ iotSiteWise }] } }).put('{"t":31}');
    expect(effects[0]).toMatchObject({ parameters: { 'propertyValue.value.stringValue': 'mine' } });
  });
});

describe('refused', () => {
  const ONE = 'must refer to one attribute of an input or one SiteWise property';
  test.each<[string, Partial<AlarmModelDefinition>, string, string]>([
    ['no rule', { alarmRule: {} }, 'alarmRule.simpleRule', 'The alarm rule has no simpleRule'],
    [
      'a computed property',
      { alarmRule: { simpleRule: { ...RULE, inputProperty: '$input.I.t + 1' } } },
      'alarmRule.simpleRule',
      `inputProperty: ${ONE}`,
    ],
    [
      'a whole input',
      { alarmRule: { simpleRule: { ...RULE, inputProperty: '31' } } },
      'alarmRule.simpleRule',
      `inputProperty: ${ONE}`,
    ],
    [
      'a text as threshold',
      { alarmRule: { simpleRule: { ...RULE, threshold: "'30'" } } },
      'alarmRule.simpleRule',
      'threshold: must be a number, or refer to one attribute of an input or one SiteWise property',
    ],
    [
      'a variable',
      { alarmRule: { simpleRule: { ...RULE, threshold: '$variable.x' } } },
      'alarmRule.simpleRule',
      'threshold: $variable can only be used in detector models',
    ],
    [
      'a SiteWise reference of another form',
      { alarmRule: { simpleRule: { ...RULE, threshold: '$sitewise.asset.x' } } },
      'alarmRule.simpleRule',
      'threshold: a reference to a SiteWise property has the form ' +
        '$sitewise.assetModel.`assetModelId`.`propertyId`.propertyValue.value',
    ],
    [
      'two actions in one',
      { alarmEventActions: { alarmActions: [{ sns: { targetArn: 't' }, sqs: { queueUrl: 'q' } }] } },
      'alarmEventActions.alarmActions[0]',
      'An alarm action must have exactly one type, but has 2',
    ],
    [
      'a notification without a function',
      { alarmNotification: { notificationActions: [{ action: {} }] } },
      'alarmNotification.notificationActions[0].action',
      'The notification has no lambdaAction',
    ],
    [
      'nobody to notify',
      {
        alarmNotification: {
          notificationActions: [
            { action: { lambdaAction: { functionArn: 'f' } }, smsConfigurations: [{ recipients: [{}] }] },
          ],
        },
      },
      'alarmNotification.notificationActions[0].smsConfigurations[0].recipients[0]',
      'The recipient has no ssoIdentity',
    ],
  ])('%s', (_, definition, path, message) => {
    const result = compileAlarmModel({
      alarmModelName: 'A',
      alarmModelVersion: '1',
      alarmRule: { simpleRule: RULE },
      ...definition,
    });
    expect(result).toEqual({ ok: false, problems: [{ path, message }] });
  });
});

test('a row that is not an alarm is refused with the reason', () => {
  expect(decodeAlarm('{"state":"ASLEEP","inputs":{}}')).toEqual({
    ok: false,
    message: 'ASLEEP is not a state of an alarm',
  });
  expect(decodeAlarm('{')).toMatchObject({ ok: false });
});

describe('the trace of an alarm', () => {
  const model = compiled({
    alarmEventActions: { alarmActions: [{ sns: { targetArn: 'arn:aws:sns:us-east-1:000000000000:a' } }] },
  });
  const input = model.inputs.get('I') as number;
  const context = { now: 1000, sequence: 1, keyValue: undefined, limits: DEFAULT_LIMITS, trace: true };
  const traced = (alarm: Alarm | undefined, trigger: Parameters<typeof step>[2]) => {
    const { alarm: after, trace } = step(model, alarm, trigger, context);
    return { after, trace };
  };
  const message = (t: Value) => {
    return { type: 'Message', input, messageId: 'm', payload: { text: '', value: { t } } } as const;
  };
  const active = traced(undefined, message(31));

  test('contains the rule with its operands, and the actions', () => {
    expect(active.trace).toMatchObject({
      rule: {
        isEvaluated: true,
        inputPropertyValue: 31,
        operator: 'GREATER',
        thresholdValue: 30,
        result: true,
      },
      actions: [{ type: 'sns', place: 'alarmEventActions.alarmActions[0]', state: 'ACTIVE' }],
    });
    expect(active.trace?.actions[0]?.effect?.eventName).toBe('ACTIVE');
  });

  test('states why the rule was not evaluated, and why an operator was refused', () => {
    expect(traced(active.after, message('hot')).trace?.rule).toEqual({
      isEvaluated: false,
      reason: 'The rule was not evaluated: the inputProperty is not a number.',
    });
    const refused = traced(active.after, { type: 'CustomerAction', action: { actionName: 'ENABLE' } });
    expect(refused.trace).toMatchObject({
      refusal: 'The alarm cannot do ENABLE in the state ACTIVE.',
      actions: [],
    });
  });

  test('contains a snooze from start to end', () => {
    const snooze = { actionName: 'SNOOZE', snoozeDuration: 60 } as const;
    const snoozed = traced(active.after, { type: 'CustomerAction', action: snooze });
    expect(snoozed.trace?.timers).toEqual([{ name: 'snooze', change: 'set', seconds: 60, deadline: 61_000 }]);
    expect(traced(snoozed.after, message(31)).trace?.timers).toEqual([]);
    const ends = [
      [{ type: 'Timer', timerName: 'snooze' }, 'expired', 61_000],
      [{ type: 'CustomerAction', action: { actionName: 'ENABLE' } }, 'cleared', undefined],
    ] as const;
    for (const [trigger, change, deadline] of ends)
      expect(traced(snoozed.after, trigger).trace?.timers).toMatchObject([
        { name: 'snooze', change, deadline },
      ]);
  });
});
