import type { RowWriter } from '../../row-writer.ts';
import { decodeAlarm, encodeAlarm } from '../alarm/codec.ts';
import type { CompiledAlarmModel } from '../alarm/compiled.ts';
import { step } from '../alarm/step.ts';
import { afterCustomerAction } from '../alarm/transitions.ts';
import type { Alarm, AlarmTrigger, CustomerAction } from '../alarm/types.ts';
import type { StepContext } from '../detector/types.ts';
import { renderText } from '../expression/value.ts';
import type { AlarmCommand } from './commands.ts';
import { placedAt } from './instance-key.ts';
import type { DecodeResult, Kind, Reaction } from './kind.ts';
import type { Refusal } from './refusal.ts';
import type { EvaluatedAlarm, RunningAlarmModel } from './running.ts';
import type { AlarmView } from './views.ts';

const ALARMS: Kind = {
  evaluate(
    model: RunningAlarmModel,
    keyValue: string | undefined,
    before: Alarm | undefined,
    trigger: AlarmTrigger,
    context: StepContext,
  ): EvaluatedAlarm {
    const result = step(model.compiled, before, trigger, context);
    const instance = result.alarm;
    const isNew = before === undefined;
    const changedState = before?.state !== instance.state;
    return { kind: 'alarm', model, keyValue, trigger, isNew, changedState, instance, before, result };
  },

  write: (_model: RunningAlarmModel, alarm: Alarm, out: RowWriter) => out.text(encodeAlarm(alarm)),

  decode(_model: RunningAlarmModel, text: string): DecodeResult {
    const decoded = decodeAlarm(text);
    return decoded.ok ? { ok: true, instance: decoded.alarm } : decoded;
  },

  firstExpiry: () => undefined,

  stateOf: (_model: RunningAlarmModel, { state }: Alarm) => state,

  view({ compiled }: RunningAlarmModel, keyValue: string | undefined, alarm: Alarm): AlarmView {
    const { ruleEvaluation: rule, customerAction, snoozeTimeout, timers } = alarm;
    return {
      kind: 'alarm',
      modelName: compiled.name,
      modelVersion: compiled.version,
      ...(keyValue !== undefined && { keyValue }),
      stateName: alarm.state,
      ...(compiled.severity !== undefined && { severity: compiled.severity }),
      ...(rule !== undefined && {
        ruleEvaluation: {
          inputProperty: renderText(rule.inputProperty),
          operator: rule.operator,
          threshold: renderText(rule.threshold),
        },
      }),
      ...(customerAction !== undefined && { customerAction }),
      snoozeTimeout,
      timers: timers.map(({ name, expiresAt, status }) => ({ name, expiresAt, status })),
      createdBy: alarm.createdBy,
      creationTime: alarm.creationTime,
      lastUpdateTime: alarm.lastUpdateTime,
    };
  },

  carryOver: (_from: RunningAlarmModel, _to: RunningAlarmModel, alarm: Alarm) => alarm,

  // Alarms keep whole messages.
  attributesNotKept: () => [],

  react(model: RunningAlarmModel, alarm: Alarm, { action }: AlarmCommand, { limits }): Reaction {
    const refusal = refusalOf(model, alarm, action, limits.maximumTimerSeconds);
    if (refusal !== undefined) return { type: 'Refuse', refusal };
    return { type: 'Evaluate', trigger: { type: 'CustomerAction', action } };
  },
};

export function runAlarmModel(
  compiled: CompiledAlarmModel,
  epoch: number,
  roleArn: string,
): RunningAlarmModel {
  return { ...placedAt('alarm', compiled.name, epoch), behaviour: ALARMS, roleArn, compiled };
}

/** Reference: questions Q-ALARM-ILLEGAL. */
function refusalOf(
  { compiled }: RunningAlarmModel,
  { state }: Alarm,
  { actionName, snoozeDuration = 0 }: CustomerAction,
  most: number,
): Refusal | undefined {
  if (actionName === 'SNOOZE' && (snoozeDuration < 1 || snoozeDuration > most)) {
    return invalid(
      `Value '${snoozeDuration}' at 'snoozeDuration' is not a number of seconds between 1 and ${most}`,
    );
  }
  const { acknowledgeFlow } = compiled;
  if (afterCustomerAction(state, actionName, acknowledgeFlow) !== undefined) return undefined;
  const needsFlow = actionName === 'ACKNOWLEDGE' && state === 'ACTIVE';
  const why = needsFlow ? ' of a model without the acknowledge flow' : '';
  return invalid(`${actionName} is not possible for an alarm in state ${state}${why}`);
}

function invalid(message: string): Refusal {
  return { code: 'InvalidRequestException', message };
}
