import type { ActionEffect, EffectPayload, EffectSource } from '../detector/effect.ts';
import type { Trace } from '../detector/trace.ts';
import type { Payload, Problem, Timer, Trigger } from '../detector/types.ts';
import type { Value } from '../expression/value.ts';

/**
 * The words of this room, beside the detector's.
 *
 * - *alarm*: one running copy of an alarm model, for one key value.
 * - *rule*: the comparison of the watched property with the threshold.
 * - *customer action*: what an operator asks of an alarm.
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
  /** Seconds, for SNOOZE. */
  readonly snoozeDuration?: number;
}

/** What the rule saw when it was last evaluated. */
export interface RuleEvaluation {
  readonly inputProperty: Value;
  readonly operator: string;
  readonly threshold: Value;
}

/** A value, as a detector is: a step makes a new one. */
export interface Alarm {
  /** Absent for a model without a key. */
  readonly keyValue: string | undefined;
  readonly state: AlarmStateName;
  /** Of the last evaluation since the alarm began to evaluate. */
  readonly ruleEvaluation: RuleEvaluation | undefined;
  /** The operator's action that led to the state. */
  readonly customerAction: CustomerAction | undefined;
  /** Whether the end of a snooze led to the state. */
  readonly snoozeTimeout: boolean;
  /** The end of the snooze, while it lasts. */
  readonly timers: readonly Timer[];
  /** By the names of inputs: the last message on each, so that it outlives a new version of the model. */
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
  /** Undefined unless `StepContext.trace` asked for it. */
  readonly trace: AlarmTrace | undefined;
}

export type AlarmEffect = ActionEffect | NotificationEffect;
export type AlarmTrace = Trace<AlarmEffect>;

/** One notification of one change of state; who is reached how is for `action/` to look up. */
export interface NotificationEffect extends EffectSource {
  readonly type: 'notification';
  readonly functionArn: string;
  /** What the function gets in place of the documented event, when the model says so. */
  readonly payload?: EffectPayload;
  /** `notificationEventPayload`: JSON text (reference: alarms 5.3). */
  readonly event: string;
  /** What of it a mail says beside the source. */
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

/** Somebody, as AWS IAM Identity Center names them. */
export interface Identity {
  readonly identityStoreId: string;
  readonly userId?: string;
}
