import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateAlarmModelCommand,
  type CreateAlarmModelCommandInput,
  CreateInputCommand,
  DeleteAlarmModelCommand,
  DescribeAlarmModelCommand,
  IoTEventsClient,
  ListAlarmModelsCommand,
  ListAlarmModelVersionsCommand,
  UpdateAlarmModelCommand,
} from '@aws-sdk/client-iot-events';
import {
  BatchAcknowledgeAlarmCommand,
  BatchDisableAlarmCommand,
  BatchEnableAlarmCommand,
  BatchPutMessageCommand,
  BatchResetAlarmCommand,
  BatchSnoozeAlarmCommand,
  DescribeAlarmCommand,
  IoTEventsDataClient,
  ListAlarmsCommand,
} from '@aws-sdk/client-iot-events-data';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Execution } from '../../src/runtime/delivery/execution.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { pause } from '../support/server-process.ts';
import { type MailServer, startMailServer } from '../support/smtp.ts';

/** An operator's day with the unmodified clients of the AWS SDK, a real mail server and a whole server. */
let folder: string;
let mail: MailServer;
let server: TestServer;
let control: IoTEventsClient;
let data: IoTEventsDataClient;
let messages = 0;

const RECIPIENTS = [
  { userId: 'shift', identityStoreId: 'd-1', email: 'shift@example.com', phone: '+15550100' },
  { userId: 'chief', email: 'chief@example.com' },
];

const boiler: CreateAlarmModelCommandInput = {
  alarmModelName: 'Boiler',
  roleArn: 'arn:aws:iam::000000000000:role/Alarms',
  key: 'id',
  severity: 3,
  alarmRule: {
    simpleRule: { inputProperty: '$input.Temp.t', comparisonOperator: 'GREATER', threshold: '30.0' },
  },
  alarmCapabilities: {
    initializationConfiguration: { disabledOnInitialization: false },
    acknowledgeFlow: { enabled: true },
  },
  alarmNotification: {
    notificationActions: [
      {
        action: { lambdaAction: { functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:notify' } },
        emailConfigurations: [
          {
            from: 'plant@example.com',
            content: { additionalMessage: 'Call the shift.' },
            recipients: {
              to: [
                { ssoIdentity: { identityStoreId: 'd-1', userId: 'shift' } },
                { ssoIdentity: { identityStoreId: 'd-1', userId: 'chief' } },
              ],
            },
          },
        ],
      },
    ],
  },
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tripline-alarms-'));
  const recipients = join(folder, 'recipients.json');
  await writeFile(recipients, JSON.stringify(RECIPIENTS));
  mail = await startMailServer();
  server = await startTestServer({}, { actions: 'aws', smtpUrl: mail.url, recipients });
  const config = {
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  };
  control = new IoTEventsClient(config);
  data = new IoTEventsDataClient(config);
  await control.send(
    new CreateInputCommand({
      inputName: 'Temp',
      inputDefinition: { attributes: [{ jsonPath: 'id' }, { jsonPath: 't' }] },
    }),
  );
});

afterAll(async () => {
  control.destroy();
  data.destroy();
  await server.dispose();
  await mail.close();
  await rm(folder, { recursive: true });
});

async function put(id: string, text: string): Promise<void> {
  const payload = Buffer.from(`{"id":"${id}","t":${text}}`);
  const { BatchPutMessageErrorEntries: errors } = await data.send(
    new BatchPutMessageCommand({ messages: [{ messageId: `m${++messages}`, inputName: 'Temp', payload }] }),
  );
  expect(errors).toEqual([]);
}

const describeAlarm = async (keyValue: string, alarmModelName = 'Boiler') =>
  (await data.send(new DescribeAlarmCommand({ alarmModelName, keyValue }))).alarm;
const stateOf = async (keyValue: string) => (await describeAlarm(keyValue))?.alarmState?.stateName;
const entry = (keyValue: string) => ({ requestId: 'r1', alarmModelName: 'Boiler', keyValue });

/** Polls until the condition holds. */
async function until<T>(look: () => T | Promise<T>, isSo: (seen: T) => boolean): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(seen)} after 20 s`);
    await pause(20);
  }
}

const executions = async (query: string): Promise<Execution[]> => {
  const response = await fetch(`${server.url}/_tripline/actions?${query}`);
  return ((await response.json()) as { actions: Execution[] }).actions;
};

test('alarm models live through all their operations', async () => {
  const created = await control.send(new CreateAlarmModelCommand({ ...boiler, alarmModelName: 'Life' }));
  expect(created).toMatchObject({ alarmModelVersion: '1', status: 'ACTIVATING' });
  expect(created.creationTime).toBeInstanceOf(Date);
  const { key: _, ...update } = { ...boiler, alarmModelName: 'Life', severity: 4 };
  expect(await control.send(new UpdateAlarmModelCommand(update))).toMatchObject({ alarmModelVersion: '2' });
  const described = await control.send(new DescribeAlarmModelCommand({ alarmModelName: 'Life' }));
  expect(described).toMatchObject({ ...update, key: 'id', status: 'ACTIVE', alarmModelVersion: '2' });
  const { alarmModelVersionSummaries: versions } = await control.send(
    new ListAlarmModelVersionsCommand({ alarmModelName: 'Life' }),
  );
  expect(versions?.map(({ alarmModelVersion }) => alarmModelVersion)).toEqual(['2', '1']);
  const { alarmModelSummaries } = await control.send(new ListAlarmModelsCommand({}));
  expect(alarmModelSummaries?.map(({ alarmModelName }) => alarmModelName)).toEqual(['Life']);
  await control.send(new DeleteAlarmModelCommand({ alarmModelName: 'Life' }));
  await expect(control.send(new DescribeAlarmModelCommand({ alarmModelName: 'Life' }))).rejects.toMatchObject(
    { name: 'ResourceNotFoundException' },
  );
});

test('an alarm goes its way, and each change of its state is one mail', async () => {
  await control.send(new CreateAlarmModelCommand(boiler));
  await put('b1', '29');
  await put('b1', '31.5');
  expect(await describeAlarm('b1')).toMatchObject({
    severity: 3,
    alarmState: {
      stateName: 'ACTIVE',
      ruleEvaluation: {
        simpleRuleEvaluation: { inputPropertyValue: '31.5', operator: 'GREATER', thresholdValue: '30.0' },
      },
    },
  });
  await put('b1', '32');
  const request = entry('b1');
  const note = 'on it';
  await data.send(new BatchAcknowledgeAlarmCommand({ acknowledgeActionRequests: [{ ...request, note }] }));
  expect((await describeAlarm('b1'))?.alarmState).toMatchObject({
    stateName: 'ACKNOWLEDGED',
    customerAction: { actionName: 'ACKNOWLEDGE', acknowledgeActionConfiguration: { note } },
  });
  await put('b1', '29');
  expect(await stateOf('b1')).toBe('NORMAL');
  await put('b1', '33');
  await put('b1', '29');
  expect(await stateOf('b1')).toBe('LATCHED');
  await data.send(new BatchResetAlarmCommand({ resetActionRequests: [request] }));
  await data.send(new BatchDisableAlarmCommand({ disableActionRequests: [request] }));
  expect(await stateOf('b1')).toBe('DISABLED');
  await data.send(new BatchEnableAlarmCommand({ enableActionRequests: [request] }));
  const { errorEntries } = await data.send(
    new BatchSnoozeAlarmCommand({ snoozeActionRequests: [{ ...request, snoozeDuration: 1 }] }),
  );
  expect(errorEntries).toEqual([]);
  expect(await stateOf('b1')).toBe('SNOOZE_DISABLED');
  await until(
    () => stateOf('b1'),
    (state) => state === 'NORMAL',
  );
  const { alarmSummaries } = await data.send(new ListAlarmsCommand({ alarmModelName: 'Boiler' }));
  expect(alarmSummaries).toMatchObject([{ keyValue: 'b1', stateName: 'NORMAL' }]);

  const states = [
    ...['ACTIVE', 'ACKNOWLEDGED', 'NORMAL', 'ACTIVE', 'LATCHED', 'NORMAL'],
    ...['DISABLED', 'NORMAL', 'SNOOZE_DISABLED', 'NORMAL'],
  ];
  const mails = await until(
    () => mail.mails,
    ({ length }) => length >= states.length,
  );
  // In the order of the changes, each to both recipients, none twice.
  expect(mails.map(({ text }) => text.split('\n')[0])).toEqual(states.map((state) => `Alarm ${state}`));
  const [first] = mails;
  expect(first).toMatchObject({
    from: 'plant@example.com',
    to: ['shift@example.com', 'chief@example.com'],
  });
  const time = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/;
  expect(first?.headers.get('subject')?.replace(time, 'TIME')).toBe(
    'Boiler b1 ACTIVE at TIME (31.5 GREATER 30.0)',
  );
  expect(first?.text.replace(time, 'TIME').trimEnd().split('\n')).toEqual([
    'Alarm ACTIVE',
    'Sev: 3',
    'Current Value: 31.5',
    'Boiler b1 ACTIVE at TIME (31.5 GREATER 30.0)',
    '',
    'Call the shift.',
  ]);
  const ids = (await executions('alarmModelName=Boiler')).map(
    ({ actionExecutionId: id }) => `<${id}@tripline>`,
  );
  expect(new Set(mails.map(({ headers }) => headers.get('message-id')))).toEqual(new Set(ids));
});

describe('a mail', () => {
  const own = async (alarmModelName: string, to: string) => {
    const [notification] = boiler.alarmNotification?.notificationActions ?? [];
    const [email] = notification?.emailConfigurations ?? [];
    const recipients = { to: [{ ssoIdentity: { identityStoreId: 'd-1', userId: to } }] };
    const emailConfigurations = [{ from: email?.from ?? '', recipients }];
    await control.send(
      new CreateAlarmModelCommand({
        ...boiler,
        alarmModelName,
        alarmNotification: {
          notificationActions: [{ action: notification?.action ?? {}, emailConfigurations }],
        },
      }),
    );
  };

  test('that the server puts off is sent when it takes it', async () => {
    await own('Busy', 'chief');
    mail.isBusy = true;
    await put('busy', '31');
    const [waiting] = await until(
      () => executions('alarmModelName=Busy'),
      ([first]) => (first?.attempts ?? 0) > 0,
    );
    expect(waiting).toMatchObject({ type: 'notification', status: 'PENDING', target: 'smtp' });
    mail.isBusy = false;
    const [done] = await until(
      () => executions('alarmModelName=Busy'),
      ([first]) => first?.status === 'DELIVERED',
    );
    const same = mail.mails.filter(
      ({ headers }) => headers.get('message-id') === `<${done?.actionExecutionId}@tripline>`,
    );
    expect(same).toHaveLength(1);
  });

  test('that the server refuses is listed with its words', async () => {
    await own('Refused', 'shift');
    mail.refuses.add('shift@example.com');
    await put('refused', '31');
    const [failed] = await until(
      () => executions('alarmModelName=Refused'),
      ([first]) => first?.status === 'FAILED',
    );
    mail.refuses.clear();
    expect(failed?.lastError).toContain('did not accept the e-mail');
    expect(failed?.lastError).toContain('No such user');
  });

  test('to somebody that nobody knows is listed, named', async () => {
    await own('Unknown', 'ghost');
    await put('unknown', '31');
    const [failed] = await executions('alarmModelName=Unknown');
    expect(failed).toMatchObject({
      status: 'FAILED',
      lastError: 'The recipients file has no email for ghost',
    });
  });
});

describe('SiteWise', () => {
  const property = (id: string, rest: string) => `$sitewise.assetModel.\`m1\`.\`${id}\`.${rest}`;
  const notify = async (body: object | string | Buffer) => {
    const response = await fetch(`${server.url}/_tripline/sitewise/property-values`, {
      method: 'POST',
      body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    });
    return { status: response.status, ...((await response.json()) as object) };
  };
  const values = (assetId: string, propertyId: string, ...doubles: number[]) => ({
    type: 'PropertyValueUpdate',
    payload: {
      assetId,
      propertyId,
      values: doubles.map((doubleValue, n) => ({
        timestamp: { timeInSeconds: 1_600_000_000 + n, offsetInNanos: 0 },
        quality: 'GOOD',
        value: { doubleValue },
      })),
    },
  });

  test('property values drive an alarm an asset, and the state is written back', async () => {
    await control.send(
      new CreateAlarmModelCommand({
        alarmModelName: 'Pressure',
        roleArn: 'arn:aws:iam::000000000000:role/Alarms',
        alarmRule: {
          simpleRule: {
            inputProperty: property('pressure', 'propertyValue.value'),
            comparisonOperator: 'GREATER_OR_EQUAL',
            threshold: property('limit', 'propertyValue.value'),
          },
        },
        alarmCapabilities: { initializationConfiguration: { disabledOnInitialization: false } },
        alarmEventActions: {
          alarmActions: [
            { iotSiteWise: { assetId: property('pressure', 'assetId'), propertyId: "'state'" } },
          ],
        },
      }),
    );
    expect(
      await notify([values('a1', 'limit', 8.5), values('a1', 'pressure', 8, 9), values('a1', 'other', 1)]),
    ).toEqual({ status: 200, accepted: 3, ignored: 1, errorEntries: [] });
    expect((await describeAlarm('a1', 'Pressure'))?.alarmState).toMatchObject({
      stateName: 'ACTIVE',
      ruleEvaluation: {
        simpleRuleEvaluation: {
          inputPropertyValue: '9',
          operator: 'GREATER_OR_EQUAL',
          thresholdValue: '8.5',
        },
      },
    });
    const [written] = await executions('alarmModelName=Pressure');
    expect(written?.request?.input).toMatchObject({
      entries: [
        {
          assetId: 'a1',
          propertyId: 'state',
          propertyValues: [
            {
              value: {
                stringValue:
                  '{"stateName":"ACTIVE","ruleEvaluation":{"simpleRule":' +
                  '{"inputProperty":9,"operator":"GREATER_OR_EQUAL","threshold":8.5}}}',
              },
            },
          ],
        },
      ],
    });
    // A value published twice by SiteWise counts once.
    expect(await notify(values('a1', 'pressure', 8, 9))).toMatchObject({ accepted: 2 });
    expect(await executions('alarmModelName=Pressure')).toHaveLength(1);
  });

  test.each<[string, object | string | Buffer, string]>([
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'The request body: It is not valid UTF-8'],
    ['no JSON', '{', 'The request body: It is not valid JSON'],
    ['another type', { type: 'Other' }, 'Value "Other" at \'type\' is not PropertyValueUpdate'],
    ['no payload', [{ type: 'PropertyValueUpdate' }], "'[0].payload' must be an object"],
    [
      'no asset',
      { type: 'PropertyValueUpdate', payload: { propertyId: 'p', values: [] } },
      "'payload.assetId' must be a text",
    ],
    [
      'two values in one',
      {
        type: 'PropertyValueUpdate',
        payload: {
          assetId: 'a',
          propertyId: 'p',
          values: [{ timestamp: { timeInSeconds: 1 }, value: { doubleValue: 1, integerValue: 1 } }],
        },
      },
      "'payload.values[0].value' must have exactly one of",
    ],
  ])('%s is refused and changes nothing', async (_, body, message) => {
    expect(await notify(body)).toMatchObject({ status: 400, message: expect.stringContaining(message) });
  });
});
