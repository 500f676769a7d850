import type { SitewiseReference } from './ast.ts';
import type { Json, Outcome, Value } from './value.ts';

/** Where names were allotted places when the model was compiled. */
export interface Bindings {
  input(name: string): number;
  variable(name: string): number;
  timer(name: string): number;
  /** Absent where `$sitewise` has no meaning; then such a reference is undefined. */
  sitewise?(reference: SitewiseReference): number;
}

/** What an expression sees while it is evaluated. */
export interface Scope {
  /** By place; undefined until first set. */
  readonly variables: readonly (Value | undefined)[];
  /** By place: the last message of each input; undefined when none has arrived. */
  readonly inputs: readonly ({ readonly value: Json } | undefined)[];
  /** An alarm also reacts to its operators. */
  readonly triggerType: 'Message' | 'Timer' | 'CustomerAction';
  /** The place of the input whose message is the trigger, -1 for a timer. */
  readonly currentInput: number;
  /** Whether that timer has expired and was not tested before. The call itself is the test. */
  timeout(timer: number): boolean;
  /** By place: current values of SiteWise properties. */
  readonly sitewise?: readonly Outcome[];
}

export type Evaluate = (scope: Scope) => Outcome;
