import type { Explained } from '../expression/index.ts';
import type { Outcome, Value } from '../expression/value.ts';
import type { ActionType } from '../model/definition.ts';
import type { ActionEffect, EffectSource } from './effect.ts';
import type { LifeCycle, Problem } from './types.ts';

/**
 * Everything one evaluation of a detector or an alarm did, and why: the answer to "why did it (not) fire?". A step
 * keeps one when `StepContext.trace` asks for it; otherwise `trace` is undefined and nothing is spent on it.
 *
 * Lists are in the order in which things happened. Times are milliseconds since the epoch, durations whole seconds.
 * A `place` is where something stands in the definition, as in the findings of the analysis:
 * `states[0].onInput.transitionEvents[1].actions[0]`, `alarmEventActions.alarmActions[0]`.
 */
export interface Trace<E extends EffectSource = ActionEffect> {
  /** Every event that came up, skipped transitions included (reference: models 7.8). Empty for an alarm. */
  readonly conditions: readonly ConditionTrace[];
  /** The transition taken, one into the same state too. Undefined when there was none, and for an alarm. */
  readonly transition: TransitionTrace | undefined;
  /** Variables whose value or type differs from before the evaluation, each once. */
  readonly variables: readonly VariableChange[];
  /** A timer trigger begins with the expiry of that timer. What had no effect is not here. */
  readonly timers: readonly TimerChange[];
  /** Every action that was begun, also those that failed. */
  readonly actions: readonly ActionTrace<E>[];
  /** How an alarm's rule was evaluated, or why it was not. Undefined for a detector, and where no data came. */
  readonly rule: RuleTrace | undefined;
  /** Why an alarm refused its operator's action. */
  readonly refusal: string | undefined;
}

/** One event or transition event, with its condition. */
export interface ConditionTrace {
  readonly lifeCycle: LifeCycle;
  readonly state: string;
  readonly eventName: string;
  readonly hasTransition: boolean;
  readonly place: string;
  /** An event without a condition is `True`. `Skipped`: a transition after the one that was taken. */
  readonly result: 'True' | 'False' | 'Skipped';
  /** The condition's text; undefined when the event has none. */
  readonly condition: string | undefined;
  /** What it evaluated to: undefined for what could not be evaluated, and for what was skipped. */
  readonly value: Outcome;
  /** The input attributes and variables that it refers to, each once, with the values it saw. Empty if skipped. */
  readonly reads: readonly { readonly reference: string; readonly value: Outcome }[];
  /** Every sub-expression, inner ones first; empty where there was nothing to evaluate. */
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
  /** Undefined when it was not set. */
  readonly old: Value | undefined;
  readonly new: Value;
}

export interface TimerChange {
  readonly name: string;
  readonly change: 'expired' | 'set' | 'reset' | 'cleared';
  /** With `set` and `reset`. */
  readonly seconds: number | undefined;
  /** With `set`, `reset` and `expired`. */
  readonly deadline: number | undefined;
}

export interface ActionTrace<E extends EffectSource = ActionEffect> {
  readonly type: ActionType | 'notification';
  readonly place: string;
  /** The state that payloads of the action name; for an alarm the one it changed to. */
  readonly state: string;
  readonly eventName: string;
  /** Of an external action whose expressions have values: `buildRequests` makes the service request of it. */
  readonly effect: E | undefined;
  /** What went wrong. With an `effect` it is a warning: the action goes out all the same. */
  readonly problem: Problem | undefined;
}

export type RuleTrace =
  | {
      readonly isEvaluated: true;
      readonly inputPropertyValue: Value;
      readonly operator: string;
      readonly thresholdValue: Value;
      /** Whether the threshold is breached. */
      readonly result: boolean;
    }
  | { readonly isEvaluated: false; readonly reason: string };

/** A trace while it is being written. */
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
