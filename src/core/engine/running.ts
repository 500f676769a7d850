import type { CompiledAlarmModel } from '../alarm/compiled.ts';
import type { Alarm, AlarmStepResult, AlarmTrigger } from '../alarm/types.ts';
import type { Advance, Advanced, Detector, Trigger } from '../detector/types.ts';
import type { CompiledModel } from '../model/compiled.ts';
import type { Kind, KindName } from './kind.ts';

/** The version of a model that takes messages: slots hold its instances. */
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
  readonly kind: KindName;
  /** What all models of this kind do. */
  readonly behaviour: Kind;
  /**
   * Tells apart the instances of different models. A new version of a detector model has a new one, and so none of the
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

/** Takes back an evaluation that nothing has followed. Returns the instance of before. */
export function takeBack({ result, before }: Evaluated): Instance | undefined {
  if ('undo' in result) result.undo();
  return before;
}

/** For messages to people: `detector model pumps`. */
export function nameOf({ kind, compiled }: Pick<RunningModel, 'kind' | 'compiled'>): string {
  return `${kind} model ${compiled.name}`;
}

/** For messages to people: `Alarm of alarm model: pumps with key value: a`. */
export function nameOfInstance(kind: KindName, modelName: string, keyValue: string | undefined): string {
  const key = keyValue === undefined ? 'without a key value' : `with key value: ${keyValue}`;
  return `${kind === 'detector' ? 'Detector' : 'Alarm'} of ${kind} model: ${modelName} ${key}`;
}
