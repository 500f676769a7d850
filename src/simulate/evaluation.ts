import type { AlarmEffect, AlarmTrace, CustomerAction } from '../core/alarm/types.ts';
import type { Payload, Problem } from '../core/detector/types.ts';
import type { SimulatedModel } from './models.ts';

/** One evaluation in a simulation. Times are in milliseconds since the epoch. */
export interface SimulatedEvaluation {
  /** The number of the evaluation in the simulation, from 1. */
  readonly sequence: number;
  readonly time: number;
  readonly model: SimulatedModel;
  readonly keyValue: string | undefined;
  readonly trigger: SimulatedTrigger;
  /** Undefined if the evaluation created the detector or alarm. */
  readonly stateBefore: string | undefined;
  readonly stateAfter: string;
  readonly effects: readonly AlarmEffect[];
  readonly problems: readonly Problem[];
  /** Defined only if the simulation was created with `trace`. */
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
 * - `INPUT`: no model of the simulation reads the input.
 * - `PAYLOAD`: not a JSON object, or too large.
 * - `DUPLICATE`: the input accepted a message with the same id less than five minutes ago.
 * - `KEY`: the message has no usable value for the model's key.
 * - `LIMIT`: the model has reached its limit of detectors, or a chain of iotEvents actions is too long.
 * - `STATE`: the alarm refuses the operator's action, or does not exist.
 */
export type RejectionReason = 'INPUT' | 'PAYLOAD' | 'DUPLICATE' | 'KEY' | 'LIMIT' | 'STATE';

export interface Rejection {
  readonly time: number;
  readonly inputName: string | undefined;
  readonly messageId: string | undefined;
  /** The model that rejects the message; undefined if it is rejected for all models. */
  readonly modelName: string | undefined;
  readonly reason: RejectionReason;
  readonly message: string;
  /** Whether an iotEvents action sent the message. */
  readonly isCaused: boolean;
}
