import type { Action, Payload } from '../model/definition.ts';

/** The shapes of alarm models as the API accepts and returns them (reference: alarms 1, 5.1). */
export interface AlarmModelDefinition {
  /** 0 to 2,147,483,647, with a meaning defined by the user. */
  readonly severity?: number;
  readonly alarmRule: { readonly simpleRule?: SimpleRule };
  readonly alarmNotification?: { readonly notificationActions?: readonly NotificationAction[] };
  readonly alarmEventActions?: { readonly alarmActions?: readonly AlarmAction[] };
  readonly alarmCapabilities?: {
    readonly initializationConfiguration?: { readonly disabledOnInitialization: boolean };
    readonly acknowledgeFlow?: { readonly enabled: boolean };
  };
}

export interface SimpleRule {
  readonly inputProperty: string;
  readonly comparisonOperator: ComparisonOperator;
  readonly threshold: string;
}

export const COMPARISON_OPERATORS = {
  GREATER: '>',
  GREATER_OR_EQUAL: '>=',
  LESS: '<',
  LESS_OR_EQUAL: '<=',
  EQUAL: '==',
  NOT_EQUAL: '!=',
} as const;

export type ComparisonOperator = keyof typeof COMPARISON_OPERATORS;

/** One of the nine external actions. */
export type AlarmAction = Omit<Action, 'setVariable' | 'setTimer' | 'resetTimer' | 'clearTimer'>;

export interface NotificationAction {
  readonly action: { readonly lambdaAction?: { readonly functionArn: string; readonly payload?: Payload } };
  readonly smsConfigurations?: readonly SmsConfiguration[];
  readonly emailConfigurations?: readonly EmailConfiguration[];
}

export interface SmsConfiguration {
  readonly senderId?: string;
  readonly additionalMessage?: string;
  readonly recipients: readonly RecipientDetail[];
}

export interface EmailConfiguration {
  readonly from: string;
  readonly content?: { readonly subject?: string; readonly additionalMessage?: string };
  readonly recipients: { readonly to?: readonly RecipientDetail[] };
}

export interface RecipientDetail {
  readonly ssoIdentity?: { readonly identityStoreId: string; readonly userId?: string };
}
