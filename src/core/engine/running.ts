import type { RowConstant } from '../../row-writer.ts';
import type { CompiledAlarmModel } from '../alarm/compiled.ts';
import type { Alarm, AlarmStepResult, AlarmTrigger } from '../alarm/types.ts';
import type { Advance, Advanced, Detector, MutableDetector, Trigger } from '../detector/types.ts';
import type { CompiledModel } from '../model/compiled.ts';
import type { Kind, KindName } from './kind.ts';

/** The active version of a model, whose instances the slots hold. */
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
  /** The behaviour common to all models of this kind. */
  readonly behaviour: Kind;
  /**
   * Identifies the set of instances. A new version of a detector model gets a new epoch and starts without detectors; a
   * new version of an alarm model keeps the epoch and its alarms.
   */
  readonly epoch: number;
  /** The prefix of its instances' keys, as `instancesOf` returns it: kept, since each row needs it. */
  readonly keyPrefix: RowConstant;
  /** Of its name, as `slotHashOf` returns it: kept, since each message needs it. */
  readonly slotHash: number;
  /** The role under which its actions are sent with `--assume-role`. */
  readonly roleArn: string;
}

/** A detector, which is mutated in place, or an alarm, which is replaced. */
export type Instance = MutableDetector | Alarm;

/** The record of one evaluation. */
export type Evaluated = EvaluatedDetector | EvaluatedAlarm;

export interface EvaluatedDetector {
  readonly kind: 'detector';
  readonly model: RunningDetectorModel;
  readonly keyValue: string | undefined;
  readonly trigger: Trigger;
  /** Whether the trigger created the instance. */
  readonly isNew: boolean;
  readonly changedState: boolean;
  /** The detector in the slot, mutable and possibly changed since: `states` has snapshots. */
  readonly instance: MutableDetector;
  /** Snapshots of the detector if requested; `before` is undefined for a new one. */
  readonly states: { readonly before: MutableDetector | undefined; readonly after: Detector } | undefined;
  /** Includes `undo` when the detector was mutated in place. */
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
  /** Undefined for a new alarm. */
  readonly before: Alarm | undefined;
  readonly result: AlarmStepResult;
}

/**
 * Undoes the latest evaluation of an instance. Returns the previous instance; undefined when the evaluation created it.
 */
export function takeBack(evaluated: Evaluated): Instance | undefined {
  if (evaluated.kind === 'alarm') return evaluated.before;
  const { result, states, isNew, instance } = evaluated;
  if ('undo' in result) result.undo();
  if (isNew) return undefined;
  return states === undefined ? instance : states.before;
}

/** For messages to users: `detector model pumps`. */
export function nameOf({ kind, compiled }: Pick<RunningModel, 'kind' | 'compiled'>): string {
  return `${kind} model ${compiled.name}`;
}

/** For messages to users: `Alarm of alarm model: pumps with key value: a`. */
export function nameOfInstance(kind: KindName, modelName: string, keyValue: string | undefined): string {
  const key = keyValue === undefined ? 'without a key value' : `with key value: ${keyValue}`;
  return `${kind === 'detector' ? 'Detector' : 'Alarm'} of ${kind} model: ${modelName} ${key}`;
}
