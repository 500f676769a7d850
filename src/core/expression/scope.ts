import type { InputReference, SitewiseReference } from './ast.ts';
import type { Outcome } from './value.ts';

/** Where names were allotted places when the model was compiled. Variables and attributes share one count. */
export interface Bindings {
  /** The number of an input. */
  input(name: string): number;
  /** The place of what a reference to an input reads. */
  attribute(reference: InputReference): number;
  variable(name: string): number;
  timer(name: string): number;
  /** The number of an input that the model names anywhere, for a name that is only known at run time. */
  findInput(name: string): number | undefined;
  /** The place of a timer that the model names anywhere. */
  findTimer(name: string): number | undefined;
  /** The place of what it reads. Absent where `$sitewise` has no meaning; then such a reference is undefined. */
  sitewise?(reference: SitewiseReference): number;
}

/** What an expression sees while it is evaluated. */
export interface Scope {
  /** A variable's value, undefined until first set, or what the last message on an input has for an attribute. */
  at(place: number): Outcome;
  /** An alarm also reacts to its operators. */
  readonly triggerType: 'Message' | 'Timer' | 'CustomerAction';
  /** The number of the input whose message is the trigger, -1 for a timer. */
  readonly currentInput: number;
  /** Whether that timer has expired and was not tested before. The call itself is the test. */
  timeout(timer: number): boolean;
  /** Told of a timer name that an expression results in and that the model does not know. */
  unknownTimer?(name: string): void;
}

export type Evaluate = (scope: Scope) => Outcome;

/** Where nothing is held and nothing has come. */
export const EMPTY_SCOPE: Scope = {
  at: () => undefined,
  triggerType: 'Timer',
  currentInput: -1,
  timeout: () => false,
};

/** For an expression that refers to nothing. */
export const NO_BINDINGS: Bindings = {
  input: () => 0,
  attribute: () => 0,
  variable: () => 0,
  timer: () => 0,
  findInput: () => undefined,
  findTimer: () => undefined,
};
