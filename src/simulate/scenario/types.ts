import type { Json } from '../../core/expression/value.ts';
import type { RejectionReason } from '../evaluation.ts';
import type { JsonObject } from '../payload.ts';

type ModelKind = 'detector' | 'alarm';

/** One scenario, for one row of its examples. Values are exact: 10 and 10.0 differ. */
export interface Scenario {
  /** Unique in its file. */
  readonly name: string;
  readonly tags: readonly string[];
  /** The default model and key of steps. */
  readonly model: string | undefined;
  readonly modelKind: ModelKind | undefined;
  readonly key: string | undefined;
  /** Milliseconds since the epoch. */
  readonly start: number;
  /** Whether actions that no expectation mentions make the scenario fail. */
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

/** A detector or alarm; undefined members default to those of the scenario. */
export interface Addressed {
  readonly model: string | undefined;
  /** Of a model whose name is also that of a model of the other kind. */
  readonly modelKind: ModelKind | undefined;
  readonly key: string | undefined;
}

/** Whether a rejection is expected, and for which reason. */
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

/** An expectation that was not met. */
export interface Failure {
  /** The number of the step, from 1. */
  readonly step: number;
  readonly stepName: string | undefined;
  /** The path in the step: `expect.variables.count`, `expect[1].state`. */
  readonly path: string;
  /** States the expected and the actual value. */
  readonly message: string;
  readonly expected: Json | undefined;
  readonly actual: Json | undefined;
}
