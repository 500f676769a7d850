import { namedVariables } from '../../core/detector/variables.ts';
import type { Json } from '../../core/expression/value.ts';
import type { Rejection, SimulatedEvaluation } from '../evaluation.ts';
import type { SimulatedModel } from '../models.ts';
import type { Instance } from '../simulator.ts';

/** Something that happened in a session. Times are in milliseconds since the epoch. */
export type Moment = { readonly time: number; readonly move: number } & (
  | { readonly kind: 'start' }
  | { readonly kind: 'evaluation'; readonly evaluation: SimulatedEvaluation; readonly after: Stand }
  | { readonly kind: 'rejection'; readonly rejection: Rejection }
  /** The clock advanced and nothing was due. */
  | { readonly kind: 'clock' }
);

/** The state of a detector or alarm after an evaluation. */
export interface Stand {
  readonly model: SimulatedModel;
  readonly keyValue: string | undefined;
  readonly state: string;
  readonly variables: readonly (readonly [name: string, value: Json])[];
  /** Running timers. */
  readonly timers: readonly { readonly name: string; readonly expiresAt: number }[];
}

export function standOf({ model, keyValue, state, timers, detector }: Instance): Stand {
  return {
    model,
    keyValue,
    state,
    variables:
      model.kind === 'detector' && detector !== undefined
        ? [...namedVariables(model.compiled, detector)]
        : [],
    timers: timers
      .filter(({ status }) => status === 'RUNNING')
      .map(({ name, expiresAt }) => ({ name, expiresAt })),
  };
}

/** Identifies a detector or alarm within a session. */
export function instanceId({ model, keyValue }: Pick<Stand, 'model' | 'keyValue'>): string {
  return `${model.kind}\0${model.compiled.name}\0${keyValue ?? ''}`;
}

/** The state of every detector and alarm at a moment, by `instanceId`, in the order of creation. */
export function standsAt(moments: readonly Moment[], index: number): Map<string, Stand> {
  const stands = new Map<string, Stand>();
  for (const moment of moments.slice(0, index + 1))
    if (moment.kind === 'evaluation') stands.set(instanceId(moment.after), moment.after);
  return stands;
}
