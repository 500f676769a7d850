import type { AlarmStateName, CustomerAction } from '../alarm/types.ts';
import type { Timer } from '../detector/types.ts';

/** A detector or an alarm as plain data, for the API and the console. Times are in milliseconds since the epoch. */
export type InstanceView = DetectorView | AlarmView;

/** Members of both a view and a summary; none of them grows with the instance. */
interface Outline {
  readonly modelName: string;
  readonly modelVersion: string;
  /** Absent for a model without a key. */
  readonly keyValue?: string;
  readonly stateName: string;
  readonly creationTime: number;
  readonly lastUpdateTime: number;
}

/** What lists show of a detector or an alarm. */
export interface InstanceSummary extends Outline {
  /** When the first of its timers expires; absent when none is running. */
  readonly nextExpiry?: number;
}

interface View extends Outline {
  readonly timers: readonly TimerView[];
  /** The sequence number of the evaluation that created the instance. */
  readonly createdBy: number;
}

export interface TimerView {
  readonly name: string;
  readonly expiresAt: number;
  readonly status: Timer['status'];
}

export interface DetectorView extends View {
  readonly kind: 'detector';
  readonly variables: readonly VariableView[];
}

export interface VariableView {
  readonly name: string;
  /** As JSON, with numbers as they were written: `10`, `30.0`, `"on"`, `true`. */
  readonly value: string;
}

export interface AlarmView extends View {
  readonly kind: 'alarm';
  readonly stateName: AlarmStateName;
  readonly severity?: number;
  /** The operands of the rule in its last evaluation, as text. */
  readonly ruleEvaluation?: {
    readonly inputProperty: string;
    readonly operator: string;
    readonly threshold: string;
  };
  /** The operator's action that led to the current state. */
  readonly customerAction?: CustomerAction;
  /** Whether the end of a snooze led to the current state. */
  readonly snoozeTimeout: boolean;
}
