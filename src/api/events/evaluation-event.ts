import type { EffectSource } from '../../core/detector/effect.ts';
import type { ConditionTrace, Trace } from '../../core/detector/trace.ts';
import type { Evaluated } from '../../core/engine/running.ts';
import { renderJson } from '../../core/expression/json.ts';
import type { Outcome } from '../../core/expression/value.ts';

/**
 * One evaluation of a detector or an alarm, as `GET /_tripline/events` sends it. Values are JSON text, as the API has
 * the values of variables: `30.0`, `"text"`; absent where there is none. Times are milliseconds since the epoch.
 */
export interface EvaluationEvent {
  readonly id: number;
  readonly at: number;
  readonly kind: 'detector' | 'alarm';
  readonly modelName: string;
  readonly modelVersion: string;
  readonly keyValue?: string;
  readonly trigger: EventTrigger;
  /** The state before; absent when the evaluation created the detector or alarm. */
  readonly from?: string;
  readonly to: string;
  readonly trace: EventTrace;
}

export type EventTrigger =
  | {
      readonly type: 'Message';
      readonly inputName: string;
      readonly messageId: string;
      readonly payload: string;
    }
  | { readonly type: 'Timer'; readonly timerName: string }
  | { readonly type: 'CustomerAction'; readonly actionName: string };

/** The trace as data that JSON can carry; see `core/detector/trace.ts`. */
export interface EventTrace {
  readonly conditions: readonly EventCondition[];
  readonly transition?: {
    readonly eventName: string;
    readonly from: string;
    readonly to: string;
    readonly place: string;
  };
  readonly variables: readonly { readonly name: string; readonly old?: string; readonly new: string }[];
  readonly timers: readonly {
    readonly name: string;
    readonly change: 'expired' | 'set' | 'reset' | 'cleared';
    readonly seconds?: number;
    readonly deadline?: number;
  }[];
  readonly actions: readonly EventAction[];
  readonly rule?:
    | {
        readonly isEvaluated: true;
        readonly inputPropertyValue: string;
        readonly operator: string;
        readonly thresholdValue: string;
        readonly result: boolean;
      }
    | { readonly isEvaluated: false; readonly reason: string };
  readonly refusal?: string;
}

export interface EventCondition {
  readonly place: string;
  readonly lifeCycle: string;
  readonly state: string;
  readonly eventName: string;
  readonly hasTransition: boolean;
  readonly result: 'True' | 'False' | 'Skipped';
  readonly condition?: string;
  readonly value?: string;
  readonly reads: readonly { readonly reference: string; readonly value?: string }[];
  readonly explain: readonly {
    readonly expression: string;
    readonly value?: string;
    readonly isSkipped: boolean;
  }[];
  readonly resultDetails?: string;
}

export interface EventAction {
  readonly place: string;
  readonly type: string;
  readonly eventName: string;
  readonly actionExecutionId?: string;
  readonly problem?: string;
}

/** Characters of a payload that are kept. */
const LONGEST_PAYLOAD = 4000;

/** The event of a traced evaluation; undefined for one that kept no trace. */
export function eventOf(evaluated: Evaluated, id: number, at: number): EvaluationEvent | undefined {
  const { trace } = evaluated.result;
  if (trace === undefined) return undefined;
  const { kind, model, keyValue } = evaluated;
  const [from, to] = statesOf(evaluated);
  return {
    id,
    at,
    kind,
    modelName: model.compiled.name,
    modelVersion: model.compiled.version,
    ...(keyValue !== undefined && { keyValue }),
    trigger: triggerOf(evaluated),
    ...(from !== undefined && { from }),
    to,
    trace: traceOf(trace),
  };
}

function statesOf(evaluated: Evaluated): readonly [from: string | undefined, to: string] {
  if (evaluated.kind === 'alarm') return [evaluated.before?.state, evaluated.instance.state];
  const { isNew, model, result } = evaluated;
  const { states, initialState } = model.compiled;
  const place = 'stateBefore' in result ? result.stateBefore : evaluated.states?.before?.state;
  const left = states[place ?? initialState]?.name ?? '';
  return [isNew ? undefined : left, result.trace?.transition?.to ?? left];
}

function triggerOf({ trigger, model }: Evaluated): EventTrigger {
  if (trigger.type === 'Timer') return { type: 'Timer', timerName: trigger.timerName };
  if (trigger.type === 'CustomerAction')
    return { type: 'CustomerAction', actionName: trigger.action.actionName };
  const { text } = trigger.payload;
  return {
    type: 'Message',
    inputName: model.compiled.placeNames[trigger.input] ?? '',
    messageId: trigger.messageId,
    payload: text.length <= LONGEST_PAYLOAD ? text : `${text.slice(0, LONGEST_PAYLOAD)}…`,
  };
}

function traceOf({
  conditions,
  transition,
  variables,
  timers,
  actions,
  rule,
  refusal,
}: Trace<EffectSource>): EventTrace {
  return {
    conditions: conditions.map(conditionOf),
    ...(transition !== undefined && { transition }),
    variables: variables.map(({ name, old, new: next }) => ({
      name,
      ...given('old', old),
      new: renderJson(next),
    })),
    timers: timers.map(({ name, change, seconds, deadline }) => ({
      name,
      change,
      ...(seconds !== undefined && { seconds }),
      ...(deadline !== undefined && { deadline }),
    })),
    actions: actions.map(({ place, type, eventName, effect, problem }) => ({
      place,
      type,
      eventName,
      ...(effect !== undefined && { actionExecutionId: effect.actionExecutionId }),
      ...(problem !== undefined && { problem: problem.message }),
    })),
    ...(rule !== undefined && {
      rule: rule.isEvaluated
        ? {
            ...rule,
            inputPropertyValue: renderJson(rule.inputPropertyValue),
            thresholdValue: renderJson(rule.thresholdValue),
          }
        : rule,
    }),
    ...(refusal !== undefined && { refusal }),
  };
}

function conditionOf(condition: ConditionTrace): EventCondition {
  const { place, lifeCycle, state, eventName, hasTransition, result, resultDetails } = condition;
  return {
    place,
    lifeCycle,
    state,
    eventName,
    hasTransition,
    result,
    ...(condition.condition !== undefined && { condition: condition.condition }),
    ...given('value', condition.value),
    reads: condition.reads.map(({ reference, value }) => ({ reference, ...given('value', value) })),
    explain: condition.explain.map(({ expression, value, isSkipped }) => ({
      expression,
      ...given('value', value),
      isSkipped,
    })),
    ...(resultDetails !== undefined && { resultDetails }),
  };
}

/** A member with the value's text, or none where there is no value. */
function given<N extends string>(name: N, value: Outcome): { readonly [M in N]?: string } {
  return value === undefined ? {} : ({ [name]: renderJson(value) } as { [M in N]: string });
}
