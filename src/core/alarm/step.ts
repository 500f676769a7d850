import type { ActionEffect, EffectSource } from '../detector/effect.ts';
import { uuidFromName } from '../detector/execution-id.ts';
import { evaluateExternal } from '../detector/external.ts';
import type { Problem, StepContext } from '../detector/types.ts';
import { numberOf } from '../expression/numbers.ts';
import type { Outcome, Value } from '../expression/value.ts';
import type { CompiledAlarmModel } from './compiled.ts';
import { eventDocument, stateDocument } from './document.ts';
import { evaluateNotification } from './notification.ts';
import { AlarmScope } from './scope.ts';
import { afterCustomerAction, afterData, isEvaluating } from './transitions.ts';
import type {
  Alarm,
  AlarmStepResult,
  AlarmTrigger,
  CustomerAction,
  NotificationEffect,
  RuleEvaluation,
} from './types.ts';

/** The one timer of an alarm. */
const SNOOZE = 'snooze';

/**
 * One trigger and what it does to one alarm: a pure function on the contract of a detector's step. Without an alarm
 * a message creates one. A customer action that the state does not allow changes nothing and is reported.
 */
export function step(
  model: CompiledAlarmModel,
  alarm: Alarm | undefined,
  trigger: AlarmTrigger,
  context: StepContext,
): AlarmStepResult {
  const before = alarm ?? create(model, context);
  const remembered = remember(model, before, trigger);
  const scope = new AlarmScope(model, remembered.inputs, trigger);
  const problems: Problem[] = [];
  const after = react(model, remembered, trigger, scope, context, problems);
  if (after.state === before.state) return { alarm: after, effects: NO_EFFECTS, problems };
  const effects = act(model, after, scope, context, problems);
  return { alarm: after, effects, problems };
}

const NO_EFFECTS: AlarmStepResult['effects'] = [];

function create(model: CompiledAlarmModel, { keyValue, sequence, now }: StepContext): Alarm {
  return {
    keyValue,
    state: model.disabledOnInitialization ? 'DISABLED' : 'NORMAL',
    ruleEvaluation: undefined,
    customerAction: undefined,
    snoozeTimeout: false,
    timers: [],
    inputs: new Map(),
    createdBy: sequence,
    creationTime: now,
    lastUpdateTime: now,
  };
}

function remember(model: CompiledAlarmModel, alarm: Alarm, trigger: AlarmTrigger): Alarm {
  if (trigger.type !== 'Message') return alarm;
  const name = model.placeNames[trigger.input] ?? '';
  return { ...alarm, inputs: new Map(alarm.inputs).set(name, trigger.payload) };
}

function react(
  model: CompiledAlarmModel,
  alarm: Alarm,
  trigger: AlarmTrigger,
  scope: AlarmScope,
  context: StepContext,
  problems: Problem[],
): Alarm {
  switch (trigger.type) {
    case 'Message':
      return trigger.input === model.rule.input && isEvaluating(alarm.state)
        ? evaluateRule(model, alarm, scope, context, problems)
        : alarm;
    case 'CustomerAction':
      return respond(model, alarm, trigger.action, context, problems);
    case 'Timer':
      return { ...begin(alarm, context), snoozeTimeout: true };
  }
}

/** Only numbers are compared; without two of them nothing changes (spec: alarms 2.2). */
function evaluateRule(
  { rule, acknowledgeFlow }: CompiledAlarmModel,
  alarm: Alarm,
  scope: AlarmScope,
  { now }: StepContext,
  problems: Problem[],
): Alarm {
  const inputProperty = rule.inputProperty(scope);
  // A message without the property is about something else.
  if (inputProperty === undefined || inputProperty === null) return alarm;
  const threshold = rule.threshold(scope);
  const wrong = !isNumber(inputProperty) ? 'inputProperty' : !isNumber(threshold) ? 'threshold' : undefined;
  if (wrong !== undefined) {
    const message = `The rule was not evaluated: the ${wrong} is not a number.`;
    problems.push({ level: 'ERROR', message, state: alarm.state, eventName: 'simpleRule' });
    return alarm;
  }
  const state = afterData(alarm.state, rule.isBreached(scope) === true, acknowledgeFlow);
  const ruleEvaluation: RuleEvaluation = {
    inputProperty: inputProperty as Value,
    operator: rule.operator,
    threshold: threshold as Value,
  };
  const evaluated = { ...alarm, ruleEvaluation, lastUpdateTime: now };
  if (state === alarm.state) return evaluated;
  return { ...evaluated, state, customerAction: undefined, snoozeTimeout: false };
}

function isNumber(outcome: Outcome): boolean {
  return numberOf(outcome) !== undefined;
}

function respond(
  { acknowledgeFlow }: CompiledAlarmModel,
  alarm: Alarm,
  action: CustomerAction,
  context: StepContext,
  problems: Problem[],
): Alarm {
  const { actionName: name, snoozeDuration = 0 } = action;
  const state = afterCustomerAction(alarm.state, name, acknowledgeFlow);
  if (state === undefined) {
    const message = `The alarm cannot do ${name} in the state ${alarm.state}.`;
    problems.push({ level: 'ERROR', message, state: alarm.state, eventName: name });
    return alarm;
  }
  const changed = { state, customerAction: action, snoozeTimeout: false, lastUpdateTime: context.now };
  if (name === 'ENABLE' || name === 'RESET') return { ...begin(alarm, context), ...changed };
  if (name !== 'SNOOZE') return { ...alarm, timers: [], ...changed };
  const expiresAt = context.now + snoozeDuration * 1000;
  const timer = { name: SNOOZE, place: -1, expiresAt, duration: snoozeDuration, status: 'RUNNING' as const };
  return { ...alarm, timers: [timer], ...changed };
}

/** The alarm evaluates from here on: what it saw before no longer counts. */
function begin(alarm: Alarm, { now }: StepContext): Alarm {
  return {
    ...alarm,
    state: 'NORMAL',
    ruleEvaluation: undefined,
    customerAction: undefined,
    snoozeTimeout: false,
    timers: [],
    lastUpdateTime: now,
  };
}

/** The alarm's actions, then its notifications: once for each change of state (spec: alarms 5.2, 6). */
function act(
  model: CompiledAlarmModel,
  alarm: Alarm,
  scope: AlarmScope,
  context: StepContext,
  problems: Problem[],
): (ActionEffect | NotificationEffect)[] {
  const event = eventDocument(model, alarm);
  const effects: (ActionEffect | NotificationEffect)[] = [];
  const report = (level: Problem['level'], message: string) =>
    problems.push({ level, message, state: alarm.state, eventName: alarm.state });
  let position = 0;
  const source = (): EffectSource => {
    const name = [model.name, alarm.keyValue ?? '', context.sequence, context.now, position++].join('\0');
    return {
      actionExecutionId: uuidFromName(name),
      alarmModelName: model.name,
      ...(alarm.keyValue !== undefined && { keyValue: alarm.keyValue }),
      eventName: alarm.state,
      eventTime: context.now,
    };
  };
  for (const action of model.actions) {
    const own = source();
    const evaluated = evaluateExternal(action, scope, context.limits, () => event);
    if (!evaluated.ok) {
      report('ERROR', evaluated.message);
      continue;
    }
    const { payload, warning } = evaluated;
    if (warning !== undefined) report('WARNING', warning);
    const parameters =
      action.type === 'iotSiteWise' ? withState(evaluated.parameters, alarm) : evaluated.parameters;
    effects.push({ ...own, type: action.type, parameters, payload });
  }
  for (const notification of model.notifications) {
    const own = source();
    const evaluated = evaluateNotification(notification, scope, context.limits);
    if (typeof evaluated === 'string') report('ERROR', evaluated);
    else {
      const { severity } = model;
      const { ruleEvaluation } = alarm;
      effects.push({ ...own, type: 'notification', event, severity, ruleEvaluation, ...evaluated });
    }
  }
  return effects;
}

/** An iotSiteWise action that gives no value writes the alarm's state (spec: alarms 6). */
function withState(parameters: ActionEffect['parameters'], alarm: Alarm): ActionEffect['parameters'] {
  if (Object.keys(parameters).some((name) => name.startsWith('propertyValue.value.'))) return parameters;
  return { ...parameters, 'propertyValue.value.stringValue': stateDocument(alarm) };
}
