import { type ActionEffect, type EffectSource, refuseSize, sizeOf } from '../detector/effect.ts';
import { uuidFromName } from '../detector/execution-id.ts';
import { evaluateExternal } from '../detector/external.ts';
import { shownAt, wallOf } from '../detector/instant.ts';
import { type ActionTrace, Tracer } from '../detector/trace.ts';
import type { MessageTrigger, Problem, StepContext } from '../detector/types.ts';
import { numberOf } from '../expression/numbers.ts';
import type { Decimal, Integer, Outcome } from '../expression/value.ts';
import type { CompiledAlarmModel } from './compiled.ts';
import { eventDocument, stateDocument } from './document.ts';
import { evaluateNotification, notificationSize } from './notification.ts';
import { AlarmScope } from './scope.ts';
import { afterCustomerAction, afterData, isEvaluating } from './transitions.ts';
import type {
  Alarm,
  AlarmEffect,
  AlarmStepResult,
  AlarmTrigger,
  CustomerAction,
  RuleEvaluation,
} from './types.ts';

/** An alarm's only timer. */
const SNOOZE = 'snooze';

/**
 * Evaluates one trigger for one alarm: a pure function with the same contract as a detector's step. Without an alarm, a
 * message creates one. A customer action that the state does not allow changes nothing and is reported.
 */
export function step(
  model: CompiledAlarmModel,
  alarm: Alarm | undefined,
  trigger: AlarmTrigger,
  context: StepContext,
): AlarmStepResult {
  const before = alarm ?? create(model, context);
  const tracer = context.trace ? new Tracer<AlarmEffect>() : undefined;
  const remembered = remember(model, before, trigger);
  const scope = new AlarmScope(model, remembered.inputs, trigger);
  const evaluation: Evaluation = { model, scope, context, problems: [], effects: [], tracer };
  const after = react(evaluation, remembered, trigger);
  traceTimers(evaluation, before, after, trigger);
  if (after.state !== before.state) act(evaluation, after);
  const { effects, problems } = evaluation;
  return { alarm: after, effects, problems, trace: tracer };
}

/** The state and the results of one evaluation. */
interface Evaluation {
  readonly model: CompiledAlarmModel;
  readonly scope: AlarmScope;
  readonly context: StepContext;
  readonly problems: Problem[];
  readonly effects: AlarmEffect[];
  readonly tracer: Tracer<AlarmEffect> | undefined;
}

/** Traces a snooze that starts, ends or is cut short. */
function traceTimers(
  { tracer, context }: Evaluation,
  before: Alarm,
  after: Alarm,
  trigger: AlarmTrigger,
): void {
  if (tracer === undefined) return;
  for (const { name, expiresAt } of before.timers) {
    if (after.timers.length > 0) continue;
    if (trigger.type === 'Timer') tracer.timerExpired(name, shownAt(context, expiresAt));
    else tracer.timerCleared(name);
  }
  for (const { name, duration, expiresAt } of after.timers) {
    if (after.timers !== before.timers)
      tracer.timerStarted('set', name, duration, shownAt(context, expiresAt));
  }
}

function create(model: CompiledAlarmModel, context: StepContext): Alarm {
  const { keyValue, sequence } = context;
  const now = wallOf(context);
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
  const name = model.inputNames[trigger.input] ?? '';
  return { ...alarm, inputs: new Map(alarm.inputs).set(name, trigger.payload) };
}

function react(evaluation: Evaluation, alarm: Alarm, trigger: AlarmTrigger): Alarm {
  switch (trigger.type) {
    case 'Message':
      return evaluateRule(evaluation, alarm, trigger);
    case 'CustomerAction':
      return respond(evaluation, alarm, trigger.action);
    case 'Timer':
      return { ...begin(alarm, evaluation.context), snoozeTimeout: true };
  }
}

/** Compares numbers only; if either side is not a number, nothing changes (reference: alarms 2.2). */
function evaluateRule(evaluation: Evaluation, alarm: Alarm, { input }: MessageTrigger): Alarm {
  const { rule, acknowledgeFlow } = evaluation.model;
  if (input !== rule.input)
    return untouched(evaluation, alarm, 'The message is not on the input of the rule.');
  if (!isEvaluating(alarm.state))
    return untouched(evaluation, alarm, `An alarm in the state ${alarm.state} does not evaluate its rule.`);
  const inputProperty = rule.inputProperty(evaluation.scope);
  // A message without the property is not a data point of this rule.
  if (inputProperty === undefined || inputProperty === null)
    return untouched(evaluation, alarm, 'The message has no value for the inputProperty.');
  const threshold = rule.threshold(evaluation.scope);
  if (!isNumber(inputProperty)) return notANumber(evaluation, alarm, 'inputProperty');
  if (!isNumber(threshold)) return notANumber(evaluation, alarm, 'threshold');
  const isBreached = rule.isBreached(evaluation.scope) === true;
  const state = afterData(alarm.state, isBreached, acknowledgeFlow);
  const ruleEvaluation: RuleEvaluation = { inputProperty, operator: rule.operator, threshold };
  if (evaluation.tracer !== undefined) {
    evaluation.tracer.rule = {
      isEvaluated: true,
      inputPropertyValue: inputProperty,
      operator: rule.operator,
      thresholdValue: threshold,
      result: isBreached,
    };
  }
  const evaluated = { ...alarm, ruleEvaluation, lastUpdateTime: wallOf(evaluation.context) };
  if (state === alarm.state) return evaluated;
  return { ...evaluated, state, customerAction: undefined, snoozeTimeout: false };
}

function notANumber(evaluation: Evaluation, alarm: Alarm, side: string): Alarm {
  const message = `The rule was not evaluated: the ${side} is not a number.`;
  evaluation.problems.push({ level: 'ERROR', message, state: alarm.state, eventName: 'simpleRule' });
  return untouched(evaluation, alarm, message);
}

function untouched({ tracer }: Evaluation, alarm: Alarm, reason: string): Alarm {
  if (tracer !== undefined) tracer.rule = { isEvaluated: false, reason };
  return alarm;
}

function isNumber(outcome: Outcome): outcome is Integer | Decimal {
  return numberOf(outcome) !== undefined;
}

function respond(evaluation: Evaluation, alarm: Alarm, action: CustomerAction): Alarm {
  const { model, context, problems, tracer } = evaluation;
  const { actionName: name, snoozeDuration = 0 } = action;
  const state = afterCustomerAction(alarm.state, name, model.acknowledgeFlow);
  if (state === undefined) {
    const message = `The alarm cannot do ${name} in the state ${alarm.state}.`;
    problems.push({ level: 'ERROR', message, state: alarm.state, eventName: name });
    if (tracer !== undefined) tracer.refusal = message;
    return alarm;
  }
  const changed = { state, customerAction: action, snoozeTimeout: false, lastUpdateTime: wallOf(context) };
  if (name === 'ENABLE' || name === 'RESET') return { ...begin(alarm, context), ...changed };
  if (name !== 'SNOOZE') return { ...alarm, timers: [], ...changed };
  const expiresAt = context.now + snoozeDuration * 1000;
  const timer = { name: SNOOZE, place: -1, expiresAt, duration: snoozeDuration, status: 'RUNNING' as const };
  return { ...alarm, timers: [timer], ...changed };
}

/** Starts evaluating afresh: earlier evaluations no longer count. */
function begin(alarm: Alarm, context: StepContext): Alarm {
  return {
    ...alarm,
    state: 'NORMAL',
    ruleEvaluation: undefined,
    customerAction: undefined,
    snoozeTimeout: false,
    timers: [],
    lastUpdateTime: wallOf(context),
  };
}

/** Runs the alarm's actions and then its notifications, once per change of state (reference: alarms 5.2, 6). */
function act(evaluation: Evaluation, alarm: Alarm): void {
  const { model, scope, context } = evaluation;
  const event = eventDocument(model, alarm);
  let position = 0;
  /** Total size of the effects' texts so far, in bytes. */
  let text = 0;
  const source = (): EffectSource => {
    const name = [model.name, alarm.keyValue ?? '', context.sequence, context.now, position++].join('\0');
    return {
      actionExecutionId: uuidFromName(name),
      alarmModelName: model.name,
      ...(alarm.keyValue !== undefined && { keyValue: alarm.keyValue }),
      eventName: alarm.state,
      eventTime: wallOf(context),
    };
  };
  for (const action of model.actions) {
    const own = source();
    const evaluated = evaluateExternal(action, scope, context.limits, () => event);
    if (!evaluated.ok) {
      acted(evaluation, alarm, action, undefined, { level: 'ERROR', message: evaluated.message });
      continue;
    }
    const { payload, warning } = evaluated;
    const parameters =
      action.type === 'iotSiteWise' ? withState(evaluated.parameters, alarm) : evaluated.parameters;
    const effect: ActionEffect = { ...own, type: action.type, parameters, payload };
    const size = sizeOf(effect);
    const refusal = refuseSize(action.type, size, text, context.limits);
    if (refusal !== undefined) {
      acted(evaluation, alarm, action, undefined, { level: 'ERROR', message: refusal });
      continue;
    }
    text += size;
    acted(
      evaluation,
      alarm,
      action,
      effect,
      warning === undefined ? undefined : { level: 'WARNING', message: warning },
    );
  }
  for (const notification of model.notifications) {
    const own = source();
    const evaluated = evaluateNotification(notification, scope, context.limits);
    const action = { type: 'notification' as const, place: notification.place };
    if (typeof evaluated === 'string')
      acted(evaluation, alarm, action, undefined, { level: 'ERROR', message: evaluated });
    else {
      const { severity } = model;
      const { ruleEvaluation } = alarm;
      const effect = { ...own, type: action.type, event, severity, ruleEvaluation, ...evaluated };
      const size = notificationSize(effect);
      const refusal = refuseSize(action.type, size, text, context.limits);
      if (refusal === undefined) text += size;
      const problem = refusal === undefined ? undefined : { level: 'ERROR' as const, message: refusal };
      acted(evaluation, alarm, action, refusal === undefined ? effect : undefined, problem);
    }
  }
}

/** Records the result of one action or notification. */
function acted(
  { effects, problems, tracer }: Evaluation,
  { state }: Alarm,
  { type, place }: Pick<ActionTrace<AlarmEffect>, 'type' | 'place'>,
  effect: AlarmEffect | undefined,
  wrong: Pick<Problem, 'level' | 'message'> | undefined,
): void {
  const problem = wrong && { ...wrong, state, eventName: state };
  if (problem !== undefined) problems.push(problem);
  if (effect !== undefined) effects.push(effect);
  tracer?.actions.push({ type, place, state, eventName: state, effect, problem });
}

/** An iotSiteWise action without a value writes the alarm's state (reference: alarms 6). */
function withState(parameters: ActionEffect['parameters'], alarm: Alarm): ActionEffect['parameters'] {
  if (Object.keys(parameters).some((name) => name.startsWith('propertyValue.value.'))) return parameters;
  return { ...parameters, 'propertyValue.value.stringValue': stateDocument(alarm) };
}
