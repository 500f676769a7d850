import type { InputReference, SitewiseReference } from './ast.ts';
import type { Outcome } from './value.ts';

/** Resolves names to the places allotted when the model was compiled. Variables and attributes share one numbering. */
export interface Bindings {
  /** The number of an input. */
  input(name: string): number;
  /** The place of the attribute that a reference reads. */
  attribute(reference: InputReference): number;
  variable(name: string): number;
  timer(name: string): number;
  /** The number of an input that the model mentions, for a name computed at run time. */
  findInput(name: string): number | undefined;
  /** The place of a timer that the model mentions, for a name computed at run time. */
  findTimer(name: string): number | undefined;
  /** The place of a SiteWise reference. Absent where `$sitewise` has no meaning; such a reference is then undefined. */
  sitewise?(reference: SitewiseReference): number;
}

/** What an expression can read while it is evaluated. */
export interface Scope {
  /** A variable's value (undefined until set), or an attribute's value in the last message on its input. */
  at(place: number): Outcome;
  /** `CustomerAction` occurs in alarms only. */
  readonly triggerType: 'Message' | 'Timer' | 'CustomerAction';
  /** The number of the input whose message is the trigger, -1 for a timer. */
  readonly currentInput: number;
  /** True if the timer has expired and the expiry has not been tested before. The call counts as the test. */
  timeout(timer: number): boolean;
  /** Called with a computed timer name that the model does not mention. */
  unknownTimer?(name: string): void;
}

export type Evaluate = (scope: Scope) => Outcome;

/** A scope without values and without a trigger. */
export const EMPTY_SCOPE: Scope = {
  at: () => undefined,
  triggerType: 'Timer',
  currentInput: -1,
  timeout: () => false,
};

/** For expressions without references. */
export const NO_BINDINGS: Bindings = {
  input: () => 0,
  attribute: () => 0,
  variable: () => 0,
  timer: () => 0,
  findInput: () => undefined,
  findTimer: () => undefined,
};
