import type { Limits } from '../../limits.ts';
import type { Json, Outcome, Value } from '../expression/value.ts';
import type { CompiledTransition } from '../model/compiled.ts';
import type { ActionEffect } from './effect.ts';
import type { Trace } from './trace.ts';

/**
 * The words of this room.
 *
 * - *detector*: one running copy of a detector model, for one key value, which whoever holds it knows.
 * - *trigger*: what starts an evaluation: a message on an input, or a timer that has expired.
 * - *evaluation*: everything one trigger causes in one detector, at one instant (`now`).
 * - *group*: the events of one lifecycle phase of one state: onEnter, onInput or onExit.
 * - *place*: the number of a variable or attribute, of a timer or of a state in the compiled model.
 * - *sequence*: a number that never comes twice for one detector, whatever happens to it; given by the caller.
 * - *effect*: an external action with all its expressions evaluated. The step never runs it.
 * - *problem*: what went wrong at run time without stopping the evaluation; it belongs into the log.
 * - *trace*: everything an evaluation did and why, for people: see `trace.ts`.
 */
export interface Detector {
  readonly state: number;
  /**
   * The value of a variable, undefined until first set, or what the last message on an input had for an attribute
   * (reference: models 5.1).
   */
  at(place: number): Outcome;
  /** Variables that the model does not name, set through BatchUpdateDetector. */
  readonly otherVariables: ReadonlyMap<string, Value>;
  /** Timers that are set: running, or expired and neither cleared nor set again. */
  readonly timers: readonly Timer[];
  /** The sequence of the evaluation that created the detector: tells apart detectors of one key over time. */
  readonly createdBy: number;
  /** Milliseconds since the epoch, as all times here. */
  readonly creationTime: number;
  readonly lastUpdateTime: number;
}

/** A detector for whoever owns it. */
export interface MutableDetector extends Detector {
  state: number;
  put(place: number, held: Outcome): void;
  timers: readonly Timer[];
  lastUpdateTime: number;
}

export interface Timer {
  readonly name: string;
  /** The model's place of the timer, -1 for one that the model does not name. */
  readonly place: number;
  readonly expiresAt: number;
  /** Whole seconds, as evaluated when the timer was set: what resetTimer starts again. */
  readonly duration: number;
  /** `EXPIRED` until a `timeout()` has tested it, then `TESTED`. */
  readonly status: 'RUNNING' | 'EXPIRED' | 'TESTED';
}

/** A message's payload: the text as it came, and what it says. */
export interface Payload {
  readonly text: string;
  readonly value: Json;
}

export type Trigger = MessageTrigger | TimerTrigger;

export interface MessageTrigger {
  readonly type: 'Message';
  /** The input's number in the model. */
  readonly input: number;
  readonly messageId: string;
  readonly payload: Payload;
}

export interface TimerTrigger {
  readonly type: 'Timer';
  readonly timerName: string;
}

export interface StepContext {
  /** Milliseconds, by which timers run. */
  readonly now: number;
  /** Milliseconds since the epoch, where what is shown of the instant is another than `now`. */
  readonly wall?: number;
  readonly sequence: number;
  /** The detector's; undefined for a model without a key. */
  readonly keyValue: string | undefined;
  readonly limits: Limits;
  /** Whether to keep a trace. */
  readonly trace: boolean;
}

export interface StepResult extends Advance {
  /** One of its own: the one before has not changed. */
  readonly detector: MutableDetector;
}

/** What an evaluation gives beside the detector. */
export interface Advance {
  readonly effects: readonly ActionEffect[];
  readonly problems: readonly Problem[];
  /** Undefined unless `StepContext.trace` asked for it. */
  readonly trace: Trace | undefined;
  /** UTF-8 bytes of the texts that variables were set to. */
  readonly setText: number;
}

/** The same where the detector itself has changed. */
export interface Advanced extends Advance {
  readonly stateBefore: number;
  /** The one taken, also into the same state. */
  readonly transition: CompiledTransition | undefined;
  /** Makes the detector what it was before. Of several evaluations the last one is undone first. */
  undo(): void;
}

export type LifeCycle = 'OnEnter' | 'OnInput' | 'OnExit';

export interface Problem {
  readonly level: 'ERROR' | 'WARNING';
  readonly message: string;
  readonly state: string;
  readonly eventName: string;
}
