import type { Limits } from '../../limits.ts';
import type { Json, Outcome, Value } from '../expression/value.ts';
import type { CompiledTransition } from '../model/compiled.ts';
import type { ActionEffect } from './effect.ts';
import type { Trace } from './trace.ts';

/**
 * Terms used here:
 *
 * - *detector*: one running instance of a detector model, for one key value, which its owner knows.
 * - *trigger*: what starts an evaluation: a message on an input, or the expiry of a timer.
 * - *evaluation*: everything that one trigger causes in one detector, at one instant (`now`).
 * - *group*: the events of one lifecycle phase of one state: onEnter, onInput or onExit.
 * - *place*: the number of a variable, attribute, timer or state in the compiled model.
 * - *sequence*: a number supplied by the caller that is never reused for the same detector.
 * - *effect*: an external action with all expressions evaluated. A step never executes it.
 * - *problem*: a run-time error that does not stop the evaluation; it is meant for the log.
 * - *trace*: everything an evaluation did and why, for people; see `trace.ts`.
 */
export interface Detector {
  readonly state: number;
  /**
   * A variable's value (undefined until set), or an attribute's value in the last message on its input (reference:
   * models 5.1).
   */
  at(place: number): Outcome;
  /** Variables that the model does not mention, set through BatchUpdateDetector. */
  readonly otherVariables: ReadonlyMap<string, Value>;
  /** Timers that are set: running, or expired and neither cleared nor set again. */
  readonly timers: readonly Timer[];
  /** The sequence of the evaluation that created the detector. Distinguishes successive detectors with the same key. */
  readonly createdBy: number;
  /** Milliseconds since the epoch, as all times here. */
  readonly creationTime: number;
  readonly lastUpdateTime: number;
}

/** A detector as its owner sees it. */
export interface MutableDetector extends Detector {
  state: number;
  put(place: number, held: Outcome): void;
  timers: readonly Timer[];
  lastUpdateTime: number;
}

export interface Timer {
  readonly name: string;
  /** The timer's place in the model; -1 if the model does not mention it. */
  readonly place: number;
  readonly expiresAt: number;
  /** In whole seconds, as evaluated when the timer was set. resetTimer uses it again. */
  readonly duration: number;
  /** `EXPIRED` becomes `TESTED` when `timeout()` has tested it. */
  readonly status: 'RUNNING' | 'EXPIRED' | 'TESTED';
}

/** A message's payload: the original text and the parsed value. */
export interface Payload {
  readonly text: string;
  readonly value: Json;
}

export type Trigger = MessageTrigger | TimerTrigger;

export interface MessageTrigger {
  readonly type: 'Message';
  /** The number of the input in the model. */
  readonly input: number;
  readonly messageId: string;
  readonly payload: Payload;
}

export interface TimerTrigger {
  readonly type: 'Timer';
  readonly timerName: string;
}

export interface StepContext {
  /** The time that timers are measured by, in milliseconds. */
  readonly now: number;
  /** The time to show, in milliseconds since the epoch, if it differs from `now`. */
  readonly wall?: number;
  readonly sequence: number;
  /** The detector's key value; undefined for a model without a key. */
  readonly keyValue: string | undefined;
  readonly limits: Limits;
  /** Whether to record a trace. */
  readonly trace: boolean;
}

export interface StepResult extends Advance {
  /** A new detector: the previous one is unchanged. */
  readonly detector: MutableDetector;
}

/** The results of an evaluation besides the detector. */
export interface Advance {
  readonly effects: readonly ActionEffect[];
  readonly problems: readonly Problem[];
  /** Defined only if `StepContext.trace` is set. */
  readonly trace: Trace | undefined;
  /** Total size of the texts assigned to variables, in bytes of UTF-8. */
  readonly setText: number;
}

/** The results when the detector itself was mutated. */
export interface Advanced extends Advance {
  readonly stateBefore: number;
  /** The transition taken, possibly into the same state. */
  readonly transition: CompiledTransition | undefined;
  /** Restores the detector. Evaluations must be undone from last to first. */
  undo(): void;
}

export type LifeCycle = 'OnEnter' | 'OnInput' | 'OnExit';

export interface Problem {
  readonly level: 'ERROR' | 'WARNING';
  readonly message: string;
  readonly state: string;
  readonly eventName: string;
}
