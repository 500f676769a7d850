import type { ActionEffect, EffectPayload, EffectSource } from '../detector/effect.ts';
import type { Trace } from '../detector/trace.ts';
import type { Payload, Problem, Timer, Trigger } from '../detector/types.ts';
import type { Value } from '../expression/value.ts';

/**
 * Terms used here, in addition to those of detectors:
 *
 * - *alarm*: one running instance of an alarm model, for one key value.
 * - *rule*: the comparison of the watched property with the threshold.
 * - *customer action*: an operator's command to an alarm.
 */
export const ALARM_STATES = [
  'DISABLED',
  'NORMAL',
  'ACTIVE',
  'ACKNOWLEDGED',
  'SNOOZE_DISABLED',
  'LATCHED',
] as const;
export type AlarmStateName = (typeof ALARM_STATES)[number];

export const CUSTOMER_ACTIONS = ['ACKNOWLEDGE', 'DISABLE', 'ENABLE', 'RESET', 'SNOOZE'] as const;
export type CustomerActionName = (typeof CUSTOMER_ACTIONS)[number];

export interface CustomerAction {
  readonly actionName: CustomerActionName;
  readonly note?: string;
  /** For SNOOZE, in seconds. */
  readonly snoozeDuration?: number;
}

/** The operands of the rule in its last evaluation. */
export interface RuleEvaluation {
  readonly inputProperty: Value;
  readonly operator: string;
  readonly threshold: Value;
}

/** Immutable: a step returns a new alarm. */
export interface Alarm {
  /** Absent for a model without a key. */
  readonly keyValue: string | undefined;
  readonly state: AlarmStateName;
  /** The last evaluation since the alarm started evaluating. */
  readonly ruleEvaluation: RuleEvaluation | undefined;
  /** The operator's action that led to the current state. */
  readonly customerAction: CustomerAction | undefined;
  /** Whether the end of a snooze led to the current state. */
  readonly snoozeTimeout: boolean;
  /** The end of the current snooze, if any. */
  readonly timers: readonly Timer[];
  /** The last message on each input, by input name so that it survives a new version of the model. */
  readonly inputs: ReadonlyMap<string, Payload>;
  readonly createdBy: number;
  /** Milliseconds since the epoch. */
  readonly creationTime: number;
  readonly lastUpdateTime: number;
}

export type AlarmTrigger = Trigger | CustomerActionTrigger;

export interface CustomerActionTrigger {
  readonly type: 'CustomerAction';
  readonly action: CustomerAction;
}

export interface AlarmStepResult {
  readonly alarm: Alarm;
  readonly effects: readonly AlarmEffect[];
  readonly problems: readonly Problem[];
  /** Defined only if `StepContext.trace` is set. */
  readonly trace: AlarmTrace | undefined;
}

export type AlarmEffect = ActionEffect | NotificationEffect;
export type AlarmTrace = Trace<AlarmEffect>;

/** One notification for one change of state. `action/` resolves how to reach its recipients. */
export interface NotificationEffect extends EffectSource {
  readonly type: 'notification';
  readonly functionArn: string;
  /** The payload for the Lambda function if the model defines one; otherwise it gets `event`. */
  readonly payload?: EffectPayload;
  /** `notificationEventPayload` as JSON (reference: alarms 5.3). */
  readonly event: string;
  /** Included in e-mails, together with the source. */
  readonly severity: number | undefined;
  readonly ruleEvaluation: RuleEvaluation | undefined;
  readonly emails: readonly EmailEffect[];
  readonly sms: readonly SmsEffect[];
}

export interface EmailEffect {
  readonly from: string;
  readonly subject?: string;
  readonly additionalMessage?: string;
  readonly to: readonly Identity[];
}

export interface SmsEffect {
  readonly senderId?: string;
  readonly additionalMessage?: string;
  readonly to: readonly Identity[];
}

/** A user, as identified by AWS IAM Identity Center. */
export interface Identity {
  readonly identityStoreId: string;
  readonly userId?: string;
}
