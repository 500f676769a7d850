import { renderJson } from '../expression/json.ts';
import type { Json } from '../expression/value.ts';
import type { CompiledAlarmModel } from './compiled.ts';
import type { Alarm, CustomerAction } from './types.ts';

/**
 * An alarm's state as the service publishes it: the value of a SiteWise alarm-state property, and part of the
 * notification payload (reference: alarms 5.3, 6). `ruleEvaluation` is null rather than absent, because the original
 * notification function reads it without checking.
 */
function alarmState({ state, ruleEvaluation, customerAction, snoozeTimeout }: Alarm): Json {
  return {
    stateName: state,
    ruleEvaluation: ruleEvaluation === undefined ? null : { simpleRule: { ...ruleEvaluation } },
    ...(customerAction && { customerAction: customerActionOf(customerAction) }),
    ...(snoozeTimeout && {
      systemEvent: { eventType: 'STATE_CHANGE', stateChange: { triggerType: 'SNOOZE_TIMEOUT' } },
    }),
  };
}

function customerActionOf({ actionName, note, snoozeDuration }: CustomerAction): Json {
  return {
    actionName,
    [actionName.toLowerCase()]: {
      ...(snoozeDuration !== undefined && { snoozeDuration }),
      ...(note !== undefined && { note }),
    },
  };
}

/** The alarm's state as JSON. */
export function stateDocument(alarm: Alarm): string {
  return renderJson(alarmState(alarm));
}

/** The payload of notifications and actions: the object of `notificationEventPayload`, as JSON. */
export function eventDocument({ name, severity }: CompiledAlarmModel, alarm: Alarm): string {
  return renderJson({
    alarmModelName: name,
    ...(alarm.keyValue !== undefined && { keyValue: alarm.keyValue }),
    severity: severity ?? null,
    stateUpdateTime: alarm.lastUpdateTime,
    alarmState: alarmState(alarm),
  });
}
