import type { Limits } from '../../limits.ts';
import { sizeOf } from '../detector/effect.ts';
import { COULD_NOT_EVALUATE } from '../detector/messages.ts';
import { evaluateCustomPayload } from '../detector/payload.ts';
import { utf8Length } from '../expression/utf8.ts';
import { isValue, renderText } from '../expression/value.ts';
import type { CompiledText } from '../model/compiled.ts';
import type { CompiledIdentity, CompiledNotification } from './compiled.ts';
import type { AlarmScope } from './scope.ts';
import type { EmailEffect, Identity, NotificationEffect, SmsEffect } from './types.ts';

type Evaluated = Pick<NotificationEffect, 'functionArn' | 'payload' | 'emails' | 'sms'>;

/** Evaluates all texts of a notification. Returns the reason, as a string, when one cannot be evaluated. */
export function evaluateNotification(
  notification: CompiledNotification,
  scope: AlarmScope,
  limits: Limits,
): Evaluated | string {
  const texts = new Texts(scope);
  const emails = notification.emails.map(
    (email): EmailEffect => ({
      from: texts.of(email.from),
      ...texts.member('subject', email.subject),
      ...texts.member('additionalMessage', email.additionalMessage),
      to: email.to.map((identity) => texts.identity(identity)),
    }),
  );
  const sms = notification.sms.map(
    (each): SmsEffect => ({
      ...texts.member('senderId', each.senderId),
      ...texts.member('additionalMessage', each.additionalMessage),
      to: each.to.map((identity) => texts.identity(identity)),
    }),
  );
  if (texts.failed) return COULD_NOT_EVALUATE;
  const { functionArn } = notification;
  if (notification.payload === undefined) return { functionArn, emails, sms };
  const payload = evaluateCustomPayload(notification.payload, scope, limits);
  return payload.ok ? { functionArn, payload: payload.payload, emails, sms } : payload.message;
}

/** Evaluates texts and records whether any of them has no value. */
class Texts {
  failed = false;
  readonly #scope: AlarmScope;

  constructor(scope: AlarmScope) {
    this.#scope = scope;
  }

  of(text: CompiledText): string {
    if (typeof text === 'string') return text;
    const value = text(this.#scope);
    if (isValue(value)) return renderText(value);
    this.failed = true;
    return '';
  }

  member<N extends string>(name: N, text: CompiledText | undefined): { readonly [member in N]?: string } {
    return text === undefined ? {} : ({ [name]: this.of(text) } as { readonly [member in N]: string });
  }

  identity({ identityStoreId, userId }: CompiledIdentity): Identity {
    return { identityStoreId: this.of(identityStoreId), ...this.member('userId', userId) };
  }
}

/** The length of a notification's texts in UTF-8, in bytes. */
export function notificationSize({
  event,
  payload,
  emails,
  sms,
}: Pick<NotificationEffect, 'event' | 'payload' | 'emails' | 'sms'>): number {
  let size = utf8Length(event) + sizeOf({ payload });
  for (const { subject = '', additionalMessage = '' } of emails)
    size += utf8Length(subject) + utf8Length(additionalMessage);
  for (const { additionalMessage = '' } of sms) size += utf8Length(additionalMessage);
  return size;
}
