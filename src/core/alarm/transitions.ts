import type { AlarmStateName, CustomerActionName } from './types.ts';

/** The transitions of an alarm (reference: alarms 2.1, questions Q-LATCHED, Q-ALARM-ONREACT, Q-ALARM-ILLEGAL). */

/** Whether the alarm evaluates its rule in this state. */
export function isEvaluating(state: AlarmStateName): boolean {
  return state !== 'DISABLED' && state !== 'SNOOZE_DISABLED';
}

/** The state after the rule was evaluated. Without the acknowledge flow no state is latched. */
export function afterData(
  state: AlarmStateName,
  isBreached: boolean,
  acknowledgeFlow: boolean,
): AlarmStateName {
  switch (state) {
    case 'NORMAL':
      return isBreached ? 'ACTIVE' : state;
    case 'ACTIVE':
      if (isBreached) return state;
      return acknowledgeFlow ? 'LATCHED' : 'NORMAL';
    case 'ACKNOWLEDGED':
      return isBreached ? state : 'NORMAL';
    case 'LATCHED':
      return isBreached ? 'ACTIVE' : state;
    default:
      return state;
  }
}

const AFTER: Readonly<Record<CustomerActionName, Partial<Record<AlarmStateName, AlarmStateName>>>> = {
  ACKNOWLEDGE: { ACTIVE: 'ACKNOWLEDGED', LATCHED: 'NORMAL' },
  RESET: { ACTIVE: 'NORMAL', ACKNOWLEDGED: 'NORMAL', LATCHED: 'NORMAL' },
  ENABLE: { DISABLED: 'NORMAL', SNOOZE_DISABLED: 'NORMAL' },
  DISABLE: {
    NORMAL: 'DISABLED',
    ACTIVE: 'DISABLED',
    ACKNOWLEDGED: 'DISABLED',
    LATCHED: 'DISABLED',
    SNOOZE_DISABLED: 'DISABLED',
  },
  SNOOZE: {
    NORMAL: 'SNOOZE_DISABLED',
    ACTIVE: 'SNOOZE_DISABLED',
    ACKNOWLEDGED: 'SNOOZE_DISABLED',
    LATCHED: 'SNOOZE_DISABLED',
  },
};

/** The state after an operator's action; undefined when this state does not allow the action. */
export function afterCustomerAction(
  state: AlarmStateName,
  action: CustomerActionName,
  acknowledgeFlow: boolean,
): AlarmStateName | undefined {
  if (action === 'ACKNOWLEDGE' && state === 'ACTIVE' && !acknowledgeFlow) return undefined;
  return AFTER[action][state];
}
