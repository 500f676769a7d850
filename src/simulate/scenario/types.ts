import type { Json } from '../../core/expression/value.ts';
import type { RejectionReason } from '../evaluation.ts';
import type { JsonObject } from '../payload.ts';

/** One scenario, its examples filled in. Values are exact: 10 and 10.0 are different ones. */
export interface Scenario {
  /** Unique in its file. */
  readonly name: string;
  readonly tags: readonly string[];
  /** Defaults of steps that name no model and key. */
  readonly model: string | undefined;
  readonly key: string | undefined;
  /** Milliseconds since the epoch. */
  readonly start: number;
  /** Whether actions that no expectation names fail it. */
  readonly strict: boolean;
  readonly steps: readonly Step[];
}

export type Step = { readonly name: string | undefined } & (
  | { readonly kind: 'send'; readonly messages: readonly SendStep[]; readonly isList: boolean }
  | { readonly kind: 'advance'; readonly duration: number }
  | { readonly kind: 'advanceTo'; readonly time: number }
  | ({ readonly kind: 'alarm' } & AlarmStep)
  | ({ readonly kind: 'setDetector' } & SetDetectorStep)
  | ({ readonly kind: 'deleteDetector' } & Addressed)
  | { readonly kind: 'expect'; readonly expectations: readonly Expectation[]; readonly isList: boolean }
);

/** Which detector or alarm; the scenario's where it is undefined. */
export interface Addressed {
  readonly model: string | undefined;
  readonly key: string | undefined;
}

/** Whether it is expected not to be taken, and why. */
export type ExpectedRejection = boolean | RejectionReason;

export interface SendStep {
  readonly input: string | undefined;
  readonly payload: JsonObject | string;
  readonly messageId: string | undefined;
  readonly rejected: ExpectedRejection;
}

export interface AlarmStep extends Addressed {
  readonly action: string;
  readonly seconds: number | undefined;
  readonly note: string | undefined;
  readonly rejected: ExpectedRejection;
}

export interface SetDetectorStep extends Addressed {
  readonly state: string;
  readonly variables: JsonObject;
  readonly timers: JsonObject;
}

export interface Expectation extends Addressed {
  readonly exists: boolean | undefined;
  readonly state: Json | undefined;
  readonly variables: JsonObject | undefined;
  readonly allVariables: JsonObject | undefined;
  readonly timers: JsonObject | undefined;
  readonly allTimers: JsonObject | undefined;
  readonly actions: readonly Json[] | undefined;
  readonly actionsInclude: readonly Json[] | undefined;
  readonly noActions: boolean;
  readonly noProblems: boolean;
}

/** Something that did not hold. */
export interface Failure {
  /** The step's number, from 1. */
  readonly step: number;
  readonly stepName: string | undefined;
  /** The member below the step: `expect.variables.count`, `expect[1].state`. */
  readonly path: string;
  /** Says what was expected and what was found. */
  readonly message: string;
  readonly expected: Json | undefined;
  readonly actual: Json | undefined;
}
