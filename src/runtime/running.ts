import { decodeAlarm, encodeAlarm } from '../core/alarm/codec.ts';
import type { CompiledAlarmModel } from '../core/alarm/compiled.ts';
import { step as stepAlarm } from '../core/alarm/step.ts';
import type { Alarm, AlarmStepResult, AlarmTrigger } from '../core/alarm/types.ts';
import {
  decodeDetector,
  encodeDetector,
  firstExpiry as firstExpiryOfDetector,
} from '../core/detector/codec.ts';
import { createDetector } from '../core/detector/detector.ts';
import { advance, step as stepDetector } from '../core/detector/step.ts';
import type { Advance, Advanced, Detector, StepContext, Trigger } from '../core/detector/types.ts';
import type { CompiledModel } from '../core/model/compiled.ts';

/** What slots hold copies of: the version of a model that receives messages. */
export type RunningModel = RunningDetectorModel | RunningAlarmModel;

export interface RunningDetectorModel extends Running {
  readonly kind: 'detector';
  readonly compiled: CompiledModel;
}

export interface RunningAlarmModel extends Running {
  readonly kind: 'alarm';
  readonly compiled: CompiledAlarmModel;
}

interface Running {
  /**
   * Tells apart the copies of different models. A new version of a detector model has a new one, and so none of the
   * detectors there were; a new version of an alarm model keeps it, and its alarms.
   */
  readonly epoch: number;
  /** Under which its actions are sent with `--assume-role`. */
  readonly roleArn: string;
}

/** A detector or an alarm. */
export type Instance = Detector | Alarm;

/**
 * One evaluation that happened. `before` and `after` are the instances themselves: unless states are kept they are one
 * detector, which goes on changing.
 */
export type Evaluated = EvaluatedDetector | EvaluatedAlarm;

export interface EvaluatedDetector {
  readonly kind: 'detector';
  readonly model: RunningDetectorModel;
  readonly keyValue: string | undefined;
  readonly trigger: Trigger;
  readonly before: Detector | undefined;
  readonly after: Detector;
  readonly keepsStates: boolean;
  readonly changedState: boolean;
  /** With the way back where the detector itself has changed. */
  readonly result: Advance | Advanced;
}

export interface EvaluatedAlarm {
  readonly kind: 'alarm';
  readonly model: RunningAlarmModel;
  readonly keyValue: string | undefined;
  readonly trigger: AlarmTrigger;
  readonly before: Alarm | undefined;
  readonly after: Alarm;
  readonly changedState: boolean;
  readonly result: AlarmStepResult;
}

/** An epoch belongs to one model, and so all that is held under it is of that model's kind. */
export function evaluate(
  model: RunningModel,
  keyValue: string | undefined,
  before: Instance | undefined,
  trigger: AlarmTrigger,
  context: StepContext,
  keepsStates: boolean,
): Evaluated {
  if (model.kind === 'alarm') {
    const alarm = before as Alarm | undefined;
    const result = stepAlarm(model.compiled, alarm, trigger, context);
    const after = result.alarm;
    const changedState = alarm?.state !== after.state;
    return { kind: 'alarm', model, keyValue, trigger, before: alarm, after, changedState, result };
  }
  const detector = before as Detector | undefined;
  const own = trigger as Trigger;
  if (keepsStates) {
    const result = stepDetector(model.compiled, detector, own, context);
    const after = result.detector;
    const changedState = detector?.state !== after.state;
    const states = { before: detector, after, keepsStates, changedState };
    return { kind: 'detector', model, keyValue, trigger: own, ...states, result };
  }
  const after = detector ?? createDetector(model.compiled, context);
  const result = advance(model.compiled, after, detector === undefined, own, context);
  const changedState = detector === undefined || result.stateBefore !== after.state;
  // In one literal: a spread is a call, for each of very many messages.
  return {
    kind: 'detector',
    model,
    keyValue,
    trigger: own,
    before: detector,
    after,
    keepsStates,
    changedState,
    result,
  };
}

/** Takes back an evaluation that nothing has followed, and gives the instance of before. */
export function takeBack({ result, before }: Evaluated): Instance | undefined {
  if ('undo' in result) result.undo();
  return before;
}

export function encode(model: RunningModel, instance: Instance): string {
  if (model.kind === 'alarm') return encodeAlarm(instance as Alarm);
  return encodeDetector(model.compiled, instance as Detector);
}

export type DecodeResult =
  | { readonly ok: true; readonly instance: Instance }
  | { readonly ok: false; readonly message: string };

export function decode(model: RunningModel, text: string): DecodeResult {
  if (model.kind === 'alarm') {
    const decoded = decodeAlarm(text);
    return decoded.ok ? { ok: true, instance: decoded.alarm } : decoded;
  }
  const decoded = decodeDetector(model.compiled, text);
  return decoded.ok ? { ok: true, instance: decoded.detector } : decoded;
}

/**
 * When the first timer of an encoded instance expires, Infinity when none runs; undefined when only decoding tells.
 */
export function firstExpiry({ kind }: RunningModel, text: string): number | undefined {
  return kind === 'detector' ? firstExpiryOfDetector(text) : undefined;
}

/** For messages to people: `detector model pumps`. */
export function nameOf({ kind, compiled }: Pick<RunningModel, 'kind' | 'compiled'>): string {
  return `${kind} model ${compiled.name}`;
}
