import { describe, expect, test } from 'vitest';
import type { NotificationEffect } from '../alarm/types.ts';
import { type Contact, NO_RECIPIENTS, notificationRequests } from './notification.ts';

const ID = '3b1a0f3e-9c5e-3d3c-8a46-0d2f6c1d2e3f';
const person = (userId: string) => ({ identityStoreId: 'd-1', userId });
const event = () =>
  JSON.stringify({
    alarmModelName: 'Boiler',
    keyValue: 'b1',
    severity: 3,
    stateUpdateTime: 1_607_550_262_000,
    alarmState: {
      stateName: 'ACTIVE',
      ruleEvaluation: { simpleRule: { inputProperty: 31.5, operator: 'GREATER', threshold: 30 } },
    },
  });

const effect: NotificationEffect = {
  actionExecutionId: ID,
  type: 'notification',
  alarmModelName: 'Boiler',
  keyValue: 'b1',
  eventName: 'ACTIVE',
  eventTime: 1_607_550_262_000,
  functionArn: 'notify',
  event: event(),
  severity: 3,
  ruleEvaluation: { inputProperty: 31.5, operator: 'GREATER', threshold: 30 },
  emails: [{ from: 'plant@example.com', to: [person('shift'), person('chief')], subject: 'Hot' }],
  sms: [{ senderId: 'Plant', to: [person('shift')], additionalMessage: 'Call.' }],
};

const CONTACTS: Readonly<Record<string, Contact>> = {
  shift: { email: 'shift@example.com', phone: '+15550100' },
  chief: { email: 'chief@example.com' },
};
const contactOf = ({ userId = '' }) => CONTACTS[userId];
const build = (given: Partial<NotificationEffect> = {}, smtp = false) =>
  notificationRequests({ ...effect, ...given }, { contactOf, smtp });
/** The events passed to all invocations. */
const events = (requests: ReturnType<typeof build>) =>
  requests.flatMap(({ result }) =>
    result.ok && result.request.service === 'lambda'
      ? [JSON.parse(String(result.request.input.Payload)) as unknown]
      : [],
  );

describe('through the function', () => {
  test('sends one invocation with the documented event', () => {
    const requests = build();
    expect(requests).toMatchObject([
      {
        actionExecutionId: ID,
        result: {
          ok: true,
          warnings: [],
          request: {
            service: 'lambda',
            operation: 'Invoke',
            input: { FunctionName: 'notify', InvocationType: 'Event' },
          },
        },
      },
    ]);
    expect(events(requests)).toEqual([
      {
        notificationEventPayload: effect.event,
        emailConfigurations: [
          {
            from: 'plant@example.com',
            subject: 'Hot',
            to: ['shift@example.com', 'chief@example.com'],
            cc: [],
            bcc: [],
          },
        ],
        smsConfigurations: [{ senderId: 'Plant', additionalMessage: 'Call.', phoneNumbers: ['+15550100'] }],
      },
    ]);
  });

  test('recipients without an address are named, the others are reached', () => {
    const [request] = build({ sms: [{ to: [person('chief')] }] });
    expect(request?.result).toMatchObject({
      ok: true,
      warnings: ['The recipients file has no phone for chief'],
    });
  });

  test('fails, with their names, if no recipient can be reached', () => {
    const [request] = notificationRequests(effect, NO_RECIPIENTS);
    expect(request?.result).toEqual({
      ok: false,
      message:
        'The recipients file has no email for shift; The recipients file has no email for chief; ' +
        'The recipients file has no phone for shift',
    });
  });

  test('a custom payload replaces the documented event', () => {
    const [request] = build({ payload: { type: 'JSON', text: '{"mine":1}' } });
    expect(request?.result).toMatchObject({ request: { input: { Payload: '{"mine":1}' } } });
  });

  test('a notification without recipients still invokes the function', () => {
    expect(events(build({ emails: [], sms: [] }))).toEqual([
      { notificationEventPayload: effect.event, emailConfigurations: [], smsConfigurations: [] },
    ]);
  });
});

describe('with SMTP', () => {
  test('mail is sent directly, text messages through the function', () => {
    const requests = build({}, true);
    expect(requests).toHaveLength(2);
    expect(events(requests)).toEqual([
      expect.objectContaining({ emailConfigurations: [], smsConfigurations: [expect.anything()] }),
    ]);
    const [invocation, mail] = requests;
    expect(invocation?.actionExecutionId).toBe(ID);
    expect(mail?.result).toEqual({
      ok: true,
      warnings: [],
      request: {
        service: 'smtp',
        operation: 'SendMail',
        input: {
          messageId: `<${mail?.actionExecutionId}@tripline>`,
          from: 'plant@example.com',
          to: ['shift@example.com', 'chief@example.com'],
          subject: 'Hot',
          text:
            'Alarm ACTIVE\nSev: 3\nCurrent Value: 31.5\n' +
            'Boiler b1 ACTIVE at 2020-12-09 21:44:22 UTC (31.5 GREATER 30)\n\n',
        },
      },
    });
    // The id is stable across attempts and restarts.
    expect(build({}, true)[1]?.actionExecutionId).toBe(mail?.actionExecutionId);
  });

  test('no function is needed for mail alone', () => {
    expect(build({ sms: [] }, true).map(({ result }) => result.ok && result.request.service)).toEqual([
      'smtp',
    ]);
  });

  test('an alarm without a key, a severity and a value', () => {
    const { subject: _, ...email } = effect.emails[0] as (typeof effect.emails)[0];
    const { keyValue: __, ...keyless } = effect;
    const nothing = { severity: undefined, ruleEvaluation: undefined, eventName: 'NORMAL' };
    const [mail] = notificationRequests(
      { ...keyless, ...nothing, sms: [], emails: [email] },
      { contactOf, smtp: true },
    );
    expect(mail?.result).toMatchObject({
      request: {
        input: {
          subject: 'Boiler Singleton NORMAL at 2020-12-09 21:44:22 UTC',
          text: 'Alarm NORMAL\nSev: None\nBoiler Singleton NORMAL at 2020-12-09 21:44:22 UTC\n\n',
        },
      },
    });
  });
});
