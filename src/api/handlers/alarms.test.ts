import { beforeEach, describe, expect, test } from 'vitest';
import { startService } from '../../../test/support/service.ts';

type Started = Awaited<ReturnType<typeof startService>>;
let started: Started;
let messages = 0;

const ROLE = 'arn:aws:iam::000000000000:role/Alarms';
const ARN = 'arn:aws:iotevents:us-east-1:000000000000:alarmModel/Boiler';
const simpleRule = {
  inputProperty: '$input.Temp.t',
  comparisonOperator: 'GREATER' as const,
  threshold: '30',
};
const boiler = {
  alarmModelName: 'Boiler',
  roleArn: ROLE,
  key: 'id',
  severity: 3,
  alarmRule: { simpleRule },
  alarmCapabilities: {
    initializationConfiguration: { disabledOnInitialization: false },
    acknowledgeFlow: { enabled: true },
  },
};

beforeEach(async () => {
  started = await startService();
  await started.call.CreateInput({
    inputName: 'Temp',
    inputDefinition: { attributes: [{ jsonPath: 'id' }, { jsonPath: 't' }] },
  });
});

const create = (model: object = {}) => started.call.CreateAlarmModel({ ...boiler, ...model });
const put = (id: string, t: number, inputName = 'Temp') =>
  started.call.BatchPutMessage({
    messages: [{ messageId: `m${++messages}`, inputName, payload: Buffer.from(JSON.stringify({ id, t })) }],
  });
const alarm = async (keyValue?: string) =>
  (
    (await started.call.DescribeAlarm({
      alarmModelName: 'Boiler',
      ...(keyValue !== undefined && { keyValue }),
    })) as { alarm: { alarmState: { stateName: string }; alarmModelVersion: string } }
  ).alarm;
const state = async (keyValue?: string) => (await alarm(keyValue)).alarmState.stateName;
const entry = <R extends object>(keyValue: string, rest?: R) => ({
  requestId: keyValue,
  alarmModelName: 'Boiler',
  keyValue,
  ...(rest as R),
});
const refusal = (promise: unknown) =>
  Promise.resolve(promise).then(
    () => 'accepted',
    (error: Error & { code: string }) => `${error.code}: ${error.message}`,
  );

describe('an alarm model', () => {
  test('is described as given, flattened; Create and Update answer with its version', async () => {
    const { clock } = started;
    expect(await create({ tags: [{ key: 'a', value: 'b' }], alarmModelDescription: 'hot' })).toEqual({
      alarmModelArn: ARN,
      alarmModelVersion: '1',
      creationTime: clock.now(),
      lastUpdateTime: clock.now(),
      status: 'ACTIVATING',
    });
    expect(await started.call.DescribeAlarmModel({ alarmModelName: 'Boiler' })).toEqual({
      ...boiler,
      alarmModelDescription: 'hot',
      alarmModelArn: ARN,
      alarmModelVersion: '1',
      creationTime: clock.now(),
      lastUpdateTime: clock.now(),
      status: 'ACTIVE',
    });
    expect(await started.call.ListTagsForResource({ resourceArn: ARN })).toEqual({
      tags: [{ key: 'a', value: 'b' }],
    });
    const { key: _, ...update } = { ...boiler, severity: 4 };
    expect(await started.call.UpdateAlarmModel(update)).toMatchObject({ alarmModelVersion: '2' });
    expect(
      await started.call.DescribeAlarmModel({ alarmModelName: 'Boiler', alarmModelVersion: '1' }),
    ).toMatchObject({ severity: 3, status: 'INACTIVE', key: 'id' });
    expect(await started.call.ListAlarmModelVersions({ alarmModelName: 'Boiler' })).toMatchObject({
      alarmModelVersionSummaries: [
        {
          alarmModelName: 'Boiler',
          alarmModelArn: ARN,
          alarmModelVersion: '2',
          status: 'ACTIVE',
          roleArn: ROLE,
        },
        { alarmModelVersion: '1', status: 'INACTIVE' },
      ],
    });
    expect(await started.call.ListAlarmModels({})).toEqual({
      alarmModelSummaries: [{ alarmModelName: 'Boiler', creationTime: clock.now() }],
    });
  });

  test('survives a restart with its alarms', async () => {
    await create();
    await put('a', 31);
    await started.call.BatchSnoozeAlarm({
      snoozeActionRequests: [entry('a', { snoozeDuration: 60, note: 'later' })],
    });
    const before = await alarm('a');
    started = await startService({}, started.image);
    expect(await alarm('a')).toEqual(before);
    expect(await state('a')).toBe('SNOOZE_DISABLED');
  });

  test('of a new version takes over existing alarms at their next data', async () => {
    await create();
    await put('a', 31);
    const { key: _, ...update } = {
      ...boiler,
      alarmRule: { simpleRule: { ...simpleRule, threshold: '40' } },
    };
    await started.call.UpdateAlarmModel(update);
    expect(await alarm('a')).toMatchObject({ alarmModelVersion: '2', alarmState: { stateName: 'ACTIVE' } });
    await put('a', 35);
    expect(await state('a')).toBe('LATCHED');
    // A snooze that began under the previous version ends under this one, with its actions.
    await started.call.BatchSnoozeAlarm({ snoozeActionRequests: [entry('a', { snoozeDuration: 10 })] });
    const alarmActions = [{ sns: { targetArn: 'topic' } }];
    await started.call.UpdateAlarmModel({ ...update, alarmEventActions: { alarmActions } });
    await started.clock.advance(
      started.clock.now() + 10_000,
      () => new Promise((done) => setImmediate(done)),
    );
    expect(await state('a')).toBe('NORMAL');
    expect(started.effects).toMatchObject([{ type: 'sns', alarmModelName: 'Boiler', eventName: 'NORMAL' }]);
    started = await startService({}, started.image);
    expect(await alarm('a')).toMatchObject({ alarmModelVersion: '3', alarmState: { stateName: 'NORMAL' } });
  });

  test('deletes its alarms with it, and an input in use is kept', async () => {
    await create();
    await put('a', 31);
    expect(await refusal(started.call.DeleteInput({ inputName: 'Temp' }))).toBe(
      'ResourceInUseException: Input of name: Temp is in use by alarm model: Boiler',
    );
    expect(
      await started.call.ListInputRoutings({
        inputIdentifier: { iotEventsInputIdentifier: { inputName: 'Temp' } },
      }),
    ).toEqual({ routedResources: [{ name: 'Boiler', arn: ARN }] });
    await started.call.DeleteAlarmModel({ alarmModelName: 'Boiler' });
    await create();
    expect(await started.call.ListAlarms({ alarmModelName: 'Boiler' })).toEqual({ alarmSummaries: [] });
    started = await startService({}, started.image);
    expect(await started.call.ListAlarms({ alarmModelName: 'Boiler' })).toEqual({ alarmSummaries: [] });
  });

  test('and a detector model may have the same name', async () => {
    await create();
    await started.call.CreateDetectorModel({
      detectorModelName: 'Boiler',
      key: 'id',
      roleArn: ROLE,
      detectorModelDefinition: {
        initialStateName: 'A',
        states: [
          {
            stateName: 'A',
            onInput: { events: [{ eventName: 'e', condition: '$input.Temp.t > 0', actions: [] }] },
          },
        ],
      },
    });
    await put('a', 31);
    expect(await state('a')).toBe('ACTIVE');
    await started.call.DeleteDetectorModel({ detectorModelName: 'Boiler' });
    expect(await state('a')).toBe('ACTIVE');
    started = await startService({}, started.image);
    expect(await state('a')).toBe('ACTIVE');
  });

  const email = (count: number) => ({
    from: 'a@example.com',
    recipients: {
      to: Array.from({ length: count }, () => ({ ssoIdentity: { identityStoreId: 'd-1', userId: 'u' } })),
    },
  });
  const notify = (count: number) => ({
    notificationActions: [
      { action: { lambdaAction: { functionArn: 'f' } }, emailConfigurations: [email(count)] },
    ],
  });
  test.each<[object, string]>([
    [{}, 'ResourceAlreadyExistsException: Alarm model of name: Boiler already exists'],
    [
      { alarmModelName: 'B', alarmRule: { simpleRule: { ...simpleRule, inputProperty: '$input.None.t' } } },
      "InvalidRequestException: Alarm model contains reference to Input 'None' that does not exist.",
    ],
    [
      { alarmModelName: 'B', alarmRule: { simpleRule: { ...simpleRule, inputProperty: '$input.Temp.t >' } } },
      'InvalidRequestException: inputProperty: Expected a value, but the expression ends here (alarmRule.simpleRule)',
    ],
    [
      {
        alarmModelName: 'B',
        alarmEventActions: { alarmActions: Array.from({ length: 11 }, () => ({ sns: { targetArn: 't' } })) },
      },
      'LimitExceededException: Number of actions of the alarm model exceeds the limit 10',
    ],
    [
      { alarmModelName: 'B', alarmNotification: notify(11) },
      'LimitExceededException: Number of recipients of the notification exceeds the limit 10',
    ],
    [
      {
        alarmModelName: 'B',
        alarmEventActions: {
          alarmActions: [
            { dynamoDBv2: { tableName: "'T'", payload: { contentExpression: "'x'", type: 'STRING' } } },
          ],
        },
      },
      "InvalidRequestException: We couldn't evaluate your expression to valid JSON. The DynamoDBv2 action only supports the JSON payload type. (alarmEventActions.alarmActions[0])",
    ],
  ])('is refused: %j', async (model, expected) => {
    await create();
    expect(await refusal(create(model))).toContain(expected);
    expect(await started.call.ListAlarmModels({})).toMatchObject({
      alarmModelSummaries: [{ alarmModelName: 'Boiler' }],
    });
  });

  test('has limits for models, versions and alarms', async () => {
    started = await startService({ alarmModels: 1, alarmModelVersions: 2, alarmsPerModel: 1 });
    await started.call.CreateInput({
      inputName: 'Temp',
      inputDefinition: { attributes: [{ jsonPath: 'id' }] },
    });
    await create();
    expect(await refusal(create({ alarmModelName: 'B' }))).toBe(
      'LimitExceededException: Number of alarm models exceeds the limit 1',
    );
    const { key: _, ...update } = boiler;
    await started.call.UpdateAlarmModel(update);
    expect(await refusal(started.call.UpdateAlarmModel(update))).toBe(
      'LimitExceededException: Number of versions of the alarm model exceeds the limit 2',
    );
    await put('a', 31);
    expect(await put('b', 31)).toMatchObject({
      BatchPutMessageErrorEntries: [
        { errorMessage: 'Number of alarms of alarm model Boiler exceeds the limit 1' },
      ],
    });
  });

  test.each(['DescribeAlarmModel', 'DeleteAlarmModel', 'ListAlarmModelVersions', 'ListAlarms'] as const)(
    '%s of one that there is not is refused',
    async (operation) => {
      expect(await refusal(started.call[operation]({ alarmModelName: 'No' }))).toBe(
        'ResourceNotFoundException: Alarm model of name: No not found',
      );
    },
  );
});

describe('operators', () => {
  test('acknowledge, reset, disable, enable and snooze, and see the result', async () => {
    await create();
    await put('a', 31);
    expect(await alarm('a')).toEqual({
      alarmModelName: 'Boiler',
      alarmModelVersion: '1',
      keyValue: 'a',
      severity: 3,
      creationTime: started.clock.now(),
      lastUpdateTime: started.clock.now(),
      alarmState: {
        stateName: 'ACTIVE',
        ruleEvaluation: {
          simpleRuleEvaluation: { inputPropertyValue: '31', operator: 'GREATER', thresholdValue: '30' },
        },
      },
    });
    const { call } = started;
    await call.BatchAcknowledgeAlarm({ acknowledgeActionRequests: [entry('a', { note: 'on it' })] });
    expect((await alarm('a')).alarmState).toMatchObject({
      stateName: 'ACKNOWLEDGED',
      customerAction: {
        actionName: 'ACKNOWLEDGE',
        acknowledgeActionConfiguration: { note: 'on it' },
      },
    });
    await call.BatchResetAlarm({ resetActionRequests: [entry('a')] });
    expect((await alarm('a')).alarmState).toEqual({
      stateName: 'NORMAL',
      customerAction: { actionName: 'RESET', resetActionConfiguration: {} },
    });
    await call.BatchDisableAlarm({ disableActionRequests: [entry('a')] });
    await put('a', 99);
    expect(await state('a')).toBe('DISABLED');
    await call.BatchEnableAlarm({ enableActionRequests: [entry('a')] });
    expect(await state('a')).toBe('NORMAL');
    await call.BatchSnoozeAlarm({
      snoozeActionRequests: [entry('a', { snoozeDuration: 60, note: 'tea' })],
    });
    expect((await alarm('a')).alarmState).toMatchObject({
      stateName: 'SNOOZE_DISABLED',
      customerAction: {
        actionName: 'SNOOZE',
        snoozeActionConfiguration: { snoozeDuration: 60, note: 'tea' },
      },
    });
    const tick = () => new Promise<void>((done) => setImmediate(done));
    const end = started.clock.now() + 60_000;
    await started.clock.advance(end - 1, tick);
    expect(await state('a')).toBe('SNOOZE_DISABLED');
    await started.clock.advance(end, tick);
    expect((await alarm('a')).alarmState).toEqual({
      stateName: 'NORMAL',
      systemEvent: {
        eventType: 'STATE_CHANGE',
        stateChangeConfiguration: { triggerType: 'SNOOZE_TIMEOUT' },
      },
    });
  });

  test('get each refusal separately; the rest of the batch is executed', async () => {
    await create();
    await put('a', 31);
    await put('b', 29);
    const answer = await started.call.BatchAcknowledgeAlarm({
      acknowledgeActionRequests: [
        entry('b'),
        entry('a'),
        entry('c'),
        { ...entry('d'), alarmModelName: 'No' },
      ],
    });
    expect(answer).toEqual({
      errorEntries: [
        {
          requestId: 'b',
          errorCode: 'InvalidRequestException',
          errorMessage: 'ACKNOWLEDGE is not possible for an alarm in state NORMAL',
        },
        {
          requestId: 'c',
          errorCode: 'ResourceNotFoundException',
          errorMessage: 'Alarm of alarm model: Boiler with key value: c not found',
        },
        {
          requestId: 'd',
          errorCode: 'ResourceNotFoundException',
          errorMessage: 'Alarm model of name: No not found',
        },
      ],
    });
    expect(await state('a')).toBe('ACKNOWLEDGED');
  });

  test('are refused when the model has no acknowledge flow', async () => {
    await create({ alarmCapabilities: { initializationConfiguration: { disabledOnInitialization: false } } });
    await put('a', 31);
    const { errorEntries } = (await started.call.BatchAcknowledgeAlarm({
      acknowledgeActionRequests: [entry('a')],
    })) as { errorEntries: { errorMessage: string }[] };
    expect(errorEntries[0]?.errorMessage).toBe(
      'ACKNOWLEDGE is not possible for an alarm in state ACTIVE of a model without the acknowledge flow',
    );
  });

  test.each([0, -1, 31_622_401])('cannot snooze for %d seconds', async (snoozeDuration) => {
    await create();
    await put('a', 31);
    const { errorEntries } = (await started.call.BatchSnoozeAlarm({
      snoozeActionRequests: [entry('a', { snoozeDuration })],
    })) as { errorEntries: { errorMessage: string }[] };
    expect(errorEntries).toMatchObject([{ errorCode: 'InvalidRequestException' }]);
    expect(errorEntries[0]?.errorMessage).toContain(`Value '${snoozeDuration}' at 'snoozeDuration'`);
  });

  test('cannot send too many at once, nor a requestId twice', async () => {
    await create();
    const eleven = Array.from({ length: 11 }, (_, n) => entry(`k${n}`));
    expect(await refusal(started.call.BatchResetAlarm({ resetActionRequests: eleven }))).toBe(
      'InvalidRequestException: Number of requests in the batch 11 exceeds the limit 10',
    );
    expect(
      await refusal(started.call.BatchResetAlarm({ resetActionRequests: [entry('a'), entry('a')] })),
    ).toBe('InvalidRequestException: Request ID a is not unique within the batch');
  });

  test('list alarms in pages', async () => {
    await create();
    for (let n = 0; n < 25; n++) await put(`k${n}`, n + 10);
    const found: { keyValue: string; stateName: string }[] = [];
    let nextToken: string | undefined;
    do {
      const page = (await started.call.ListAlarms({
        alarmModelName: 'Boiler',
        maxResults: 7,
        ...(nextToken !== undefined && { nextToken }),
      })) as { alarmSummaries: typeof found; nextToken?: string };
      found.push(...page.alarmSummaries);
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(found.map(({ keyValue }) => keyValue).sort()).toEqual(
      Array.from({ length: 25 }, (_, n) => `k${n}`).sort(),
    );
    expect(found.filter(({ stateName }) => stateName === 'ACTIVE')).toHaveLength(4);
  });

  test('find the single alarm of a model without a key', async () => {
    const { key: _, ...keyless } = boiler;
    await started.call.CreateAlarmModel(keyless);
    await put('a', 31);
    expect(await alarm()).not.toHaveProperty('keyValue');
    expect(await state()).toBe('ACTIVE');
  });
});
