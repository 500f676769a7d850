import { buildRequests, NO_RECIPIENTS } from '../core/action/index.ts';
import type { AlarmEffect, CustomerAction } from '../core/alarm/types.ts';
import type { ActionTrace, ConditionTrace, RuleTrace } from '../core/detector/trace.ts';
import { namedVariables } from '../core/detector/variables.ts';
import { renderJson } from '../core/expression/json.ts';
import type { Json, Outcome } from '../core/expression/value.ts';
import type { Rejection, SimulatedEvaluation, SimulatedTrigger } from './evaluation.ts';
import type { Instance, Simulator } from './simulator.ts';
import { isoTime } from './times.ts';

/**
 * The records printed by `tripline simulate --json`, one JSON object per line. Values keep their type: a Decimal has a
 * fraction. Undefined values are absent. Use `renderRecord` to render a record.
 */
export type SimulationRecord = JsonMembers;

/** Undefined members are omitted from the text. */
interface JsonMembers {
  readonly [name: string]: Json | undefined;
}

/** Renders a record as JSON. */
export function renderRecord(record: SimulationRecord): string {
  return renderJson(record as Json);
}

/** The record of an evaluation, which must have a trace. */
export function evaluationRecord(
  evaluation: SimulatedEvaluation,
  options: { readonly explain: boolean },
): SimulationRecord {
  const { trace, model, stateBefore } = evaluation;
  return {
    type: 'evaluation',
    ...(model.kind === 'alarm' && { kind: 'alarm' }),
    sequence: evaluation.sequence,
    time: isoTime(evaluation.time),
    modelName: model.compiled.name,
    keyValue: evaluation.keyValue,
    created: stateBefore === undefined,
    trigger: triggerRecord(evaluation.trigger),
    stateBefore,
    stateAfter: evaluation.stateAfter,
    transition: trace?.transition && { ...trace.transition },
    rule: trace?.rule && ruleRecord(trace.rule),
    conditions: (trace?.conditions ?? []).map((condition) =>
      members(conditionRecord(condition, options.explain)),
    ),
    variables: (trace?.variables ?? []).map((change) =>
      members({ name: change.name, old: change.old, new: change.new }),
    ),
    timers: (trace?.timers ?? []).map(({ name, change, seconds, deadline }) =>
      members({ name, change, seconds, deadline: deadline === undefined ? undefined : isoTime(deadline) }),
    ),
    actions: (trace?.actions ?? []).flatMap(actionRecords),
    problems: evaluation.problems.map((problem) => ({ ...problem })),
  };
}

function triggerRecord(trigger: SimulatedTrigger): Json {
  switch (trigger.type) {
    case 'Message': {
      const { type, inputName, messageId, payload } = trigger;
      return { type, inputName, messageId, payload: payload.value };
    }
    case 'Timer':
      return { type: trigger.type, timerName: trigger.timerName };
    case 'CustomerAction':
      return { type: trigger.type, ...customerAction(trigger.action) };
  }
}

function customerAction({ actionName, note, snoozeDuration }: CustomerAction): JsonMembers {
  return { actionName, note, snoozeDuration };
}

function ruleRecord(rule: RuleTrace): Json | undefined {
  if (!rule.isEvaluated) return undefined;
  const { inputPropertyValue, operator, thresholdValue, result } = rule;
  return { inputPropertyValue, operator, thresholdValue, result };
}

function conditionRecord(condition: ConditionTrace, withParts: boolean): JsonMembers {
  const { lifeCycle, state, eventName, hasTransition, place, result } = condition;
  const isExplained = withParts && result !== 'Skipped' && condition.condition !== undefined;
  return {
    lifeCycle,
    state,
    eventName,
    hasTransition,
    place,
    result,
    condition: condition.condition,
    value: condition.condition === undefined ? undefined : condition.value,
    reads: condition.reads.map(({ reference, value }) => members({ reference, value })),
    resultDetails: condition.resultDetails,
    explain: isExplained
      ? condition.explain.map(({ expression, value, isSkipped }) =>
          members({ expression, value, skipped: isSkipped ? true : undefined }),
        )
      : undefined,
  };
}

/** One record per request of the action; none if its expressions failed. */
function actionRecords({ type, eventName, state, place, effect }: ActionTrace<AlarmEffect>): Json[] {
  if (effect === undefined) return [];
  return requestsOf(effect).map(({ actionExecutionId, request, error }) =>
    members({
      type,
      eventName,
      state,
      place,
      actionExecutionId,
      request: request as Json | undefined,
      error,
    }),
  );
}

/** A service request, or why there is none. */
export interface SimulatedRequest {
  readonly actionExecutionId: string;
  /** `{service, operation, input}`, as in `GET /_tripline/actions`. */
  readonly request:
    | { readonly service: string; readonly operation: string; readonly input: object }
    | undefined;
  readonly error: string | undefined;
}

export function requestsOf(effect: AlarmEffect): SimulatedRequest[] {
  return buildRequests(effect, NO_RECIPIENTS).map(({ actionExecutionId, result }) => {
    return result.ok
      ? { actionExecutionId, request: result.request, error: undefined }
      : { actionExecutionId, request: undefined, error: result.message };
  });
}

export function rejectionRecord(rejection: Rejection): SimulationRecord {
  const { time, inputName, messageId, modelName, reason, message } = rejection;
  return { type: 'rejected', time: isoTime(time), inputName, messageId, modelName, reason, message };
}

/** A summary of the simulation so far. */
export function summaryRecord(simulator: Simulator): SimulationRecord {
  const { messages, rejected, evaluations, transitions, actions } = simulator.counts;
  return {
    type: 'summary',
    time: isoTime(simulator.time),
    messages,
    rejected,
    evaluations,
    transitions,
    actions,
    detectorCount: simulator.instanceCount,
    detectors: Array.from(simulator.instances(), instanceRecord),
  };
}

/** A detector or alarm with its current variables and running timers. */
export function instanceRecord({ model, keyValue, state, timers, detector }: Instance): Json {
  const variables =
    model.kind === 'detector' && detector !== undefined ? namedVariables(model.compiled, detector) : [];
  return members({
    modelName: model.compiled.name,
    keyValue,
    state,
    variables: Object.fromEntries(variables),
    timers: timers
      .filter(({ status }) => status === 'RUNNING')
      .map(({ name, expiresAt }) => ({ name, deadline: isoTime(expiresAt) })),
  });
}

/** An object without its undefined members. */
function members(given: Readonly<Record<string, Outcome>>): Json {
  const present: Record<string, Json> = {};
  for (const [name, value] of Object.entries(given)) if (value !== undefined) present[name] = value;
  return present;
}
