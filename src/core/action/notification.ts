import type { EmailEffect, Identity, NotificationEffect, SmsEffect } from '../alarm/types.ts';
import { uuidFromName } from '../detector/execution-id.ts';
import { renderText } from '../expression/value.ts';
import { type BuildResult, type BuiltRequest, built, refused } from './request.ts';

/** A recipient's addresses. */
export interface Contact {
  readonly email?: string;
  /** E.164: `+15550100`. */
  readonly phone?: string;
}

export interface NotificationSettings {
  /** Replaces the lookup in AWS IAM Identity Center. */
  readonly contactOf: (identity: Identity) => Contact | undefined;
  /** Whether e-mail is sent by SMTP instead of the model's Lambda function. */
  readonly smtp: boolean;
}

/** Without a directory of recipients nobody can be reached. */
export const NO_RECIPIENTS: NotificationSettings = { contactOf: () => undefined, smtp: false };

/**
 * Builds the requests of one notification: one Invoke of its function with the documented event (reference: alarms
 * 5.3). With SMTP, one mail per e-mail configuration; the function is then invoked only for text messages, for a
 * payload of its own, or if there is nobody to mail.
 */
export function notificationRequests(
  effect: NotificationEffect,
  settings: NotificationSettings,
): BuiltRequest[] {
  const { actionExecutionId: id, emails, sms, payload } = effect;
  const contacts = new Contacts(settings);
  if (!settings.smtp) return [{ actionExecutionId: id, result: invocation(effect, emails, contacts) }];
  const requests = emails.map((email, index) => {
    const actionExecutionId = uuidFromName(`${id}\0${index}`);
    return { actionExecutionId, result: mail(effect, email, actionExecutionId, new Contacts(settings)) };
  });
  const hasRest = sms.length > 0 || emails.length === 0 || payload !== undefined;
  if (!hasRest) return requests;
  return [{ actionExecutionId: id, result: invocation(effect, [], contacts) }, ...requests];
}

/** Looks up recipients and records those not found. */
class Contacts {
  readonly missing: string[] = [];
  found = 0;
  readonly #settings: NotificationSettings;

  constructor(settings: NotificationSettings) {
    this.#settings = settings;
  }

  of(identities: readonly Identity[], way: keyof Contact): string[] {
    return identities.flatMap((identity) => {
      const address = this.#settings.contactOf(identity)?.[way];
      if (address === undefined) {
        const who = identity.userId ?? `a user of ${identity.identityStoreId}`;
        this.missing.push(`The recipients file has no ${way} for ${who}`);
        return [];
      }
      this.found++;
      return [address];
    });
  }
}

function invocation(
  { functionArn, payload, event, sms }: NotificationEffect,
  emails: readonly EmailEffect[],
  contacts: Contacts,
): BuildResult {
  const documented = () => ({
    notificationEventPayload: event,
    emailConfigurations: emails.map(({ to, ...rest }) => ({
      ...rest,
      to: contacts.of(to, 'email'),
      cc: [],
      bcc: [],
    })),
    smsConfigurations: sms.map(({ to, ...rest }: SmsEffect) => ({
      ...rest,
      phoneNumbers: contacts.of(to, 'phone'),
    })),
  });
  const text = payload?.text ?? JSON.stringify(documented());
  if (contacts.missing.length > 0 && contacts.found === 0) return refused(contacts.missing.join('; '));
  const input = { FunctionName: functionArn, InvocationType: 'Event', Payload: text };
  return built('lambda', 'Invoke', input, contacts.missing);
}

/** The e-mail that the service's own function would have sent through SES. */
function mail(
  effect: NotificationEffect,
  { from, to, subject, additionalMessage = '' }: EmailEffect,
  actionExecutionId: string,
  contacts: Contacts,
): BuildResult {
  const addresses = contacts.of(to, 'email');
  if (addresses.length === 0) {
    return refused(
      contacts.missing.length > 0 ? contacts.missing.join('; ') : 'The e-mail has no recipients',
    );
  }
  const { summary, text } = describe(effect);
  const input = {
    // Stable across attempts, so that mail clients can detect duplicates.
    messageId: `<${actionExecutionId}@tripline>`,
    from,
    to: addresses,
    subject: subject ?? summary,
    text: `${text}\n${additionalMessage}`,
  };
  return built('smtp', 'SendMail', input, contacts.missing);
}

/** Subject and text, as in the service's own function (reference: alarms 5.3). */
function describe(effect: NotificationEffect): { readonly summary: string; readonly text: string } {
  const {
    alarmModelName,
    keyValue = 'Singleton',
    eventName: state,
    eventTime,
    severity,
    ruleEvaluation,
  } = effect;
  // biome-ignore lint/style/noRestrictedGlobals: formats a time that came in as data
  const time = new Date(eventTime).toISOString().slice(0, 19).replace('T', ' ');
  const lines = [`Alarm ${state}`, `Sev: ${severity ?? 'None'}`];
  let summary = `${alarmModelName} ${keyValue} ${state} at ${time} UTC`;
  if (ruleEvaluation !== undefined) {
    const { inputProperty, operator, threshold } = ruleEvaluation;
    lines.push(`Current Value: ${renderText(inputProperty)}`);
    summary += ` (${renderText(inputProperty)} ${operator} ${renderText(threshold)})`;
  }
  return { summary, text: [...lines, summary, ''].join('\n') };
}
