import { namedVariables } from '../../core/detector/variables.ts';
import type { Json } from '../../core/expression/value.ts';
import type { Rejection, SimulatedEvaluation } from '../evaluation.ts';
import type { Instance } from '../simulator.ts';

/** Something that happened in a session. Times are milliseconds since the epoch. */
export type Moment = { readonly time: number; readonly move: number } & (
  | { readonly kind: 'start' }
  | { readonly kind: 'evaluation'; readonly evaluation: SimulatedEvaluation; readonly after: Stand }
  | { readonly kind: 'rejection'; readonly rejection: Rejection }
  /** The clock went on, and nothing came due. */
  | { readonly kind: 'clock' }
);

/** Where a detector or alarm stood after an evaluation. */
export interface Stand {
  readonly modelName: string;
  readonly keyValue: string | undefined;
  readonly state: string;
  readonly variables: readonly (readonly [name: string, value: Json])[];
  /** Those that run. */
  readonly timers: readonly { readonly name: string; readonly expiresAt: number }[];
}

export function standOf({ model, keyValue, state, timers, detector }: Instance): Stand {
  return {
    modelName: model.compiled.name,
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

/** Where everything stood at a moment, by key value; the moments are those of one model. */
export function standsAt(moments: readonly Moment[], index: number): Map<string | undefined, Stand> {
  const stands = new Map<string | undefined, Stand>();
  for (const moment of moments.slice(0, index + 1))
    if (moment.kind === 'evaluation') stands.set(moment.after.keyValue, moment.after);
  return stands;
}
