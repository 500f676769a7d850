import type { CompiledAlarmModel } from '../alarm/compiled.ts';
import type { Alarm, AlarmStepResult, AlarmTrigger } from '../alarm/types.ts';
import type { Advance, Advanced, Detector, MutableDetector, Trigger } from '../detector/types.ts';
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

/** What a slot holds for a key: a detector, which changes in place, or an alarm, which is replaced. */
export type Instance = MutableDetector | Alarm;

/** One evaluation that happened. */
export type Evaluated = EvaluatedDetector | EvaluatedAlarm;

export interface EvaluatedDetector {
  readonly kind: 'detector';
  readonly model: RunningDetectorModel;
  readonly keyValue: string | undefined;
  readonly trigger: Trigger;
  /** Whether the trigger created it. */
  readonly isNew: boolean;
  readonly changedState: boolean;
  /** What the slot holds from now on. It goes on changing: what it was is in `states`. */
  readonly instance: MutableDetector;
  /** The detector before and after, where somebody asked for both; before is undefined for a new one. */
  readonly states: { readonly before: MutableDetector | undefined; readonly after: Detector } | undefined;
  /** With the way back where the detector itself has changed. */
  readonly result: Advance | Advanced;
}

export interface EvaluatedAlarm {
  readonly kind: 'alarm';
  readonly model: RunningAlarmModel;
  readonly keyValue: string | undefined;
  readonly trigger: AlarmTrigger;
  readonly isNew: boolean;
  readonly changedState: boolean;
  readonly instance: Alarm;
  /** Undefined for a new one. */
  readonly before: Alarm | undefined;
  readonly result: AlarmStepResult;
}

/** Takes back an evaluation that nothing has followed. Returns the instance there was, undefined when it was created. */
export function takeBack(evaluated: Evaluated): Instance | undefined {
  if (evaluated.kind === 'alarm') return evaluated.before;
  const { result, states, isNew, instance } = evaluated;
  if ('undo' in result) result.undo();
  if (isNew) return undefined;
  return states === undefined ? instance : states.before;
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
