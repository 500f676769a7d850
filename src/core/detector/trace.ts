import type { Explained } from '../expression/index.ts';
import type { Outcome, Value } from '../expression/value.ts';
import type { ActionType } from '../model/definition.ts';
import type { ActionEffect, EffectSource } from './effect.ts';
import type { LifeCycle, Problem } from './types.ts';

/**
 * Everything that one evaluation of a detector or an alarm did, and why: the answer to "why did it (not) fire?".
 * Recorded only if `StepContext.trace` is set; otherwise it costs nothing.
 *
 * Lists are in order of events. Times are milliseconds since the epoch, durations are whole seconds. A `place` is a
 * path in the definition, as in the findings of the analysis: `states[0].onInput.transitionEvents[1].actions[0]`,
 * `alarmEventActions.alarmActions[0]`.
 */
export interface Trace<E extends EffectSource = ActionEffect> {
  /** Every event that was considered, including skipped transitions (reference: models 7.8). Empty for an alarm. */
  readonly conditions: readonly ConditionTrace[];
  /** The transition taken, possibly into the same state. Undefined if there was none, and for an alarm. */
  readonly transition: TransitionTrace | undefined;
  /** Variables whose value or type the evaluation changed, each once. */
  readonly variables: readonly VariableChange[];
  /** Changes of timers, beginning with the expiry for a timer trigger. Actions without effect are omitted. */
  readonly timers: readonly TimerChange[];
  /** Every action that was attempted, including failed ones. */
  readonly actions: readonly ActionTrace<E>[];
  /**
   * How an alarm's rule was evaluated, or why it was not. Undefined for a detector, and for a trigger other than a
   * message.
   */
  readonly rule: RuleTrace | undefined;
  /** Why an alarm refused an operator's action. */
  readonly refusal: string | undefined;
}

/** One event or transition event and its condition. */
export interface ConditionTrace {
  readonly lifeCycle: LifeCycle;
  readonly state: string;
  readonly eventName: string;
  readonly hasTransition: boolean;
  readonly place: string;
  /** `True` for an event without a condition. `Skipped` for a transition after the one that was taken. */
  readonly result: 'True' | 'False' | 'Skipped';
  /** The condition's source text; undefined when the event has none. */
  readonly condition: string | undefined;
  /** The condition's outcome; undefined if it could not be evaluated or was skipped. */
  readonly value: Outcome;
  /** The input attributes and variables it refers to, each once, with their values. Empty if skipped. */
  readonly reads: readonly { readonly reference: string; readonly value: Outcome }[];
  /** Every sub-expression, children before parents. Empty if there was nothing to evaluate. */
  readonly explain: readonly Explained[];
  /** Why it was skipped, in the service's words. */
  readonly resultDetails: string | undefined;
}

export interface TransitionTrace {
  readonly eventName: string;
  readonly from: string;
  readonly to: string;
  readonly place: string;
}

export interface VariableChange {
  readonly name: string;
  /** Undefined if the variable was not set before. */
  readonly old: Value | undefined;
  readonly new: Value;
}

export interface TimerChange {
  readonly name: string;
  readonly change: 'expired' | 'set' | 'reset' | 'cleared';
  /** Present for `set` and `reset`. */
  readonly seconds: number | undefined;
  /** Present for `set`, `reset` and `expired`. */
  readonly deadline: number | undefined;
}

export interface ActionTrace<E extends EffectSource = ActionEffect> {
  readonly type: ActionType | 'notification';
  readonly place: string;
  /** The state that the action's payload names; for an alarm, the state that it changed to. */
  readonly state: string;
  readonly eventName: string;
  /** Present if all expressions of an external action have values. `buildRequests` turns it into service requests. */
  readonly effect: E | undefined;
  /** What went wrong. If `effect` is present this is a warning, and the action is sent. */
  readonly problem: Problem | undefined;
}

export type RuleTrace =
  | {
      readonly isEvaluated: true;
      readonly inputPropertyValue: Value;
      readonly operator: string;
      readonly thresholdValue: Value;
      /** True if the threshold is breached. */
      readonly result: boolean;
    }
  | { readonly isEvaluated: false; readonly reason: string };

/** A trace under construction. */
export class Tracer<E extends EffectSource = ActionEffect> implements Trace<E> {
  readonly conditions: ConditionTrace[] = [];
  transition: TransitionTrace | undefined = undefined;
  variables: readonly VariableChange[] = [];
  readonly timers: TimerChange[] = [];
  readonly actions: ActionTrace<E>[] = [];
  rule: RuleTrace | undefined = undefined;
  refusal: string | undefined = undefined;

  timerStarted(change: 'set' | 'reset', name: string, seconds: number, deadline: number): void {
    this.timers.push({ name, change, seconds, deadline });
  }

  timerExpired(name: string, deadline: number): void {
    this.timers.push({ name, change: 'expired', seconds: undefined, deadline });
  }

  timerCleared(name: string): void {
    this.timers.push({ name, change: 'cleared', seconds: undefined, deadline: undefined });
  }
}
