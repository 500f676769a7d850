import type { SitewiseReference } from './ast.ts';
import type { Json, Outcome, Value } from './value.ts';

/** Where names were allotted places when the model was compiled. Inputs and variables share one count. */
export interface Bindings {
  input(name: string): number;
  variable(name: string): number;
  timer(name: string): number;
  /** The place of an input that the model names anywhere, for a name that is only known at run time. */
  findInput(name: string): number | undefined;
  /** The place of a timer that the model names anywhere. */
  findTimer(name: string): number | undefined;
  /** Absent where `$sitewise` has no meaning; then such a reference is undefined. */
  sitewise?(reference: SitewiseReference): number;
}

export interface Message {
  readonly value: Json;
}

/** What an expression sees while it is evaluated. */
export interface Scope {
  /** A variable's value, undefined until first set, or an input's last message, undefined until one arrives. */
  at(place: number): Value | Message | undefined;
  /** An alarm also reacts to its operators. */
  readonly triggerType: 'Message' | 'Timer' | 'CustomerAction';
  /** The place of the input whose message is the trigger, -1 for a timer. */
  readonly currentInput: number;
  /** Whether that timer has expired and was not tested before. The call itself is the test. */
  timeout(timer: number): boolean;
  /** Told of a timer name that an expression results in and that the model does not know. */
  unknownTimer?(name: string): void;
  /** By place: current values of SiteWise properties. */
  readonly sitewise?: readonly Outcome[];
}

export type Evaluate = (scope: Scope) => Outcome;

/** What is at the place of a variable. */
export function valueAt(scope: Scope, place: number): Value | undefined {
  return scope.at(place) as Value | undefined;
}

/** What the message at the place of an input says. */
export function messageAt(scope: Scope, place: number): Json | undefined {
  return (scope.at(place) as Message | undefined)?.value;
}

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
  variable: () => 0,
  timer: () => 0,
  findInput: () => undefined,
  findTimer: () => undefined,
};
