import type { CustomerAction } from '../alarm/types.ts';
import type { DetectorStateDefinition } from '../detector/update.ts';

/** A command for an existing detector or alarm, as plain data. */
export type InstanceCommand = DetectorCommand | AlarmCommand;

export type DetectorCommand = SetDetectorState | DeleteDetector;
export type AlarmCommand = OperateAlarm;

/** Puts a detector into a state without running any events (reference: models 9). */
export interface SetDetectorState {
  readonly type: 'SetDetectorState';
  readonly modelName: string;
  readonly keyValue?: string;
  readonly state: DetectorStateDefinition;
}

export interface DeleteDetector {
  readonly type: 'DeleteDetector';
  readonly modelName: string;
  readonly keyValue?: string;
}

/** An operator acknowledges, resets, snoozes, enables or disables an alarm (reference: alarms 3). */
export interface OperateAlarm {
  readonly type: 'OperateAlarm';
  readonly modelName: string;
  readonly keyValue?: string;
  readonly action: CustomerAction;
}

/** The kind of instance that a command applies to. */
export function kindOf({ type }: InstanceCommand): 'detector' | 'alarm' {
  return type === 'OperateAlarm' ? 'alarm' : 'detector';
}
