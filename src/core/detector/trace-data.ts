import { renderJson } from '../expression/json.ts';
import type { Outcome } from '../expression/value.ts';
import type { EffectSource } from './effect.ts';
import type { ConditionTrace, Trace } from './trace.ts';

/**
 * A trace in a form that JSON can represent. Values are rendered as JSON, and absent if undefined; times are as in the
 * trace.
 */
export interface TraceData {
  readonly conditions: readonly ConditionData[];
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
  readonly actions: readonly ActionData[];
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

export interface ConditionData {
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

export interface ActionData {
  readonly place: string;
  readonly type: string;
  readonly eventName: string;
  readonly actionExecutionId?: string;
  readonly problem?: string;
}

/** Converts a trace to data. */
export function traceData({
  conditions,
  transition,
  variables,
  timers,
  actions,
  rule,
  refusal,
}: Trace<EffectSource>): TraceData {
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

function conditionOf(condition: ConditionTrace): ConditionData {
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

/** An object with the rendered value as its only member; empty if the value is undefined. */
function given<N extends string>(name: N, value: Outcome): { readonly [M in N]?: string } {
  return value === undefined ? {} : ({ [name]: renderJson(value) } as { [M in N]: string });
}
