import type { Evaluate, Explain } from '../expression/index.ts';
import type { Value } from '../expression/value.ts';
import type { CompiledAttribute } from './attributes.ts';
import type { ExternalActionType } from './definition.ts';
import type { RowLayout } from './row-layout.ts';

/**
 * A detector model ready to run.
 *
 * *Place*: variables and attributes (with one numbering), timers and states are numbered in order of first appearance,
 * and a detector stores values by these numbers. Of a message it stores only what some expression reads.
 */
export interface CompiledModel {
  readonly name: string;
  readonly version: string;
  readonly serial: boolean;
  /** Segments of the key's path; undefined for a model with a single detector. */
  readonly key: readonly string[] | undefined;
  /** Names of variables and attributes, by place. */
  readonly placeNames: readonly string[];
  /** Numbers of inputs by name, in order of first appearance. */
  readonly inputs: ReadonlyMap<string, number>;
  readonly inputNames: readonly string[];
  /** By input number. */
  readonly attributes: readonly (readonly CompiledAttribute[])[];
  /** Places of attributes, by name. */
  readonly attributePlaces: ReadonlyMap<string, number>;
  /** Places of variables, by name. */
  readonly variables: ReadonlyMap<string, number>;
  readonly timers: Places;
  readonly states: readonly CompiledState[];
  readonly statePlaces: ReadonlyMap<string, number>;
  readonly initialState: number;
  readonly row: RowLayout;
}

export interface Places {
  readonly names: readonly string[];
  readonly places: ReadonlyMap<string, number>;
}

export interface CompiledState {
  readonly name: string;
  readonly onEnter: readonly CompiledEvent[];
  readonly onInput: readonly CompiledEvent[];
  readonly transitions: readonly CompiledTransition[];
  readonly onExit: readonly CompiledEvent[];
}

export interface CompiledEvent {
  readonly name: string;
  /** Path in the definition: `states[0].onInput.events[1]`. */
  readonly place: string;
  /** Undefined when the event has no condition, which means always true. */
  readonly condition: Condition | undefined;
  readonly actions: readonly CompiledAction[];
}

export interface CompiledTransition extends CompiledEvent {
  readonly nextState: number;
}

export interface Condition {
  readonly text: string;
  readonly evaluate: Evaluate;
  /** For the trace: evaluates the condition together with all its parts. */
  readonly explain: Explain;
  /** For the trace: the condition's references to inputs and variables. */
  readonly reads: readonly { readonly reference: string; readonly evaluate: Evaluate }[];
}

export type CompiledAction =
  | CompiledSetVariable
  | CompiledSetTimer
  | CompiledResetTimer
  | CompiledClearTimer
  | CompiledExternalAction;

interface ActionPlace {
  /** Path in the definition: `states[0].onEnter.events[0].actions[2]`. */
  readonly place: string;
}

export interface CompiledSetVariable extends ActionPlace {
  readonly kind: 'setVariable';
  readonly variable: number;
  readonly value: Evaluate;
  readonly text: string;
}

export interface CompiledSetTimer extends ActionPlace {
  readonly kind: 'setTimer';
  readonly timer: number;
  readonly duration: number | Evaluate;
}

export interface CompiledResetTimer extends ActionPlace {
  readonly kind: 'resetTimer';
  readonly timer: number;
}

export interface CompiledClearTimer extends ActionPlace {
  readonly kind: 'clearTimer';
  readonly timer: number;
}

export interface CompiledExternalAction extends ActionPlace {
  readonly kind: 'external';
  readonly type: ExternalActionType;
  readonly literals: Readonly<Record<string, Value>>;
  readonly expressions: readonly { readonly name: string; readonly evaluate: Evaluate }[];
  readonly payload: CompiledPayload | undefined;
}

export interface CompiledPayload {
  readonly type: 'STRING' | 'JSON';
  readonly text: string;
  readonly evaluate: Evaluate;
}

/** Literal text, or a compiled expression. */
export type CompiledText = string | Evaluate;
