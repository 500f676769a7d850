import type { AlarmEffect, AlarmTrace, CustomerAction } from '../core/alarm/types.ts';
import type { Payload, Problem } from '../core/detector/types.ts';
import type { SimulatedModel } from './models.ts';

/** One evaluation of a simulation. Times are milliseconds since the epoch. */
export interface SimulatedEvaluation {
  /** Counts the evaluations of the simulation from 1. */
  readonly sequence: number;
  readonly time: number;
  readonly model: SimulatedModel;
  readonly keyValue: string | undefined;
  readonly trigger: SimulatedTrigger;
  /** Undefined when the evaluation created the detector or alarm. */
  readonly stateBefore: string | undefined;
  readonly stateAfter: string;
  readonly effects: readonly AlarmEffect[];
  readonly problems: readonly Problem[];
  /** Undefined unless the simulation was asked for it. */
  readonly trace: AlarmTrace | undefined;
}

export type SimulatedTrigger =
  | {
      readonly type: 'Message';
      readonly inputName: string;
      readonly messageId: string;
      readonly payload: Payload;
    }
  | { readonly type: 'Timer'; readonly timerName: string }
  | { readonly type: 'CustomerAction'; readonly action: CustomerAction };

/**
 * - `INPUT`: no model of the simulation uses the input.
 * - `PAYLOAD`: no JSON object, or too large.
 * - `DUPLICATE`: an id that this input accepted less than five minutes ago.
 * - `KEY`: the message has no usable value at the key of the model.
 * - `LIMIT`: the model has as many detectors as the limit allows, or the chain of iotEvents actions is too long.
 * - `STATE`: the alarm refuses its operator's action, or does not exist.
 */
export type RejectionReason = 'INPUT' | 'PAYLOAD' | 'DUPLICATE' | 'KEY' | 'LIMIT' | 'STATE';

export interface Rejection {
  readonly time: number;
  readonly inputName: string | undefined;
  readonly messageId: string | undefined;
  /** The model that cannot take it; undefined when it is rejected as a whole. */
  readonly modelName: string | undefined;
  readonly reason: RejectionReason;
  readonly message: string;
  /** Whether it is the message of an iotEvents action. */
  readonly isCaused: boolean;
}
