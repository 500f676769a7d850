import type { Scope } from '../expression/index.ts';
import type { Value } from '../expression/value.ts';
import type { CompiledModel } from '../model/compiled.ts';
import type { ActionEffect } from './effect.ts';
import type {
  Detector,
  Payload,
  Problem,
  StepContext,
  StepResult,
  Timer,
  TraceEntry,
  Trigger,
} from './types.ts';

/**
 * The working state of one evaluation: what expressions see, and what actions change. It starts as a view of the
 * detector and copies a part when that part first changes; the detector itself is never touched.
 */
export class Evaluation implements Scope {
  readonly model: CompiledModel;
  readonly trigger: Trigger;
  readonly context: StepContext;
  readonly triggerType: 'Message' | 'Timer';
  readonly currentInput: number;
  readonly inputs: readonly (Payload | undefined)[];
  readonly trace: TraceEntry[] | undefined;
  variables: readonly (Value | undefined)[];
  timers: readonly Timer[];
  state: number;
  /** External actions begun so far: the position in the action's execution id. */
  position = 0;

  readonly #before: Detector;
  #ownsVariables = false;
  // Most evaluations have neither: the lists are made when the first entry comes.
  #effects: ActionEffect[] | undefined;
  #problems: Problem[] | undefined;
  /** Places of timers whose expiry nobody has tested, as captured at the start (spec: model 7.5). */
  #untested: readonly number[];
  /** Those among them that an expression has tested since `settleTimeouts` was last called. */
  #tested: number[] | undefined;

  constructor(model: CompiledModel, detector: Detector, trigger: Trigger, context: StepContext) {
    this.model = model;
    this.trigger = trigger;
    this.context = context;
    this.#before = detector;
    this.triggerType = trigger.type;
    this.state = detector.state;
    this.variables = detector.variables;
    this.trace = context.trace ? [] : undefined;
    if (trigger.type === 'Message') {
      this.currentInput = trigger.input;
      const inputs = detector.inputs.slice();
      inputs[trigger.input] = trigger.payload;
      this.inputs = inputs;
      this.timers = detector.timers;
    } else {
      this.currentInput = -1;
      this.inputs = detector.inputs;
      this.timers = detector.timers.map((timer) =>
        timer.name === trigger.timerName ? { ...timer, status: 'EXPIRED' } : timer,
      );
    }
    this.#untested = untestedPlaces(this.timers);
  }

  get otherVariables(): ReadonlyMap<string, Value> {
    return this.#before.otherVariables;
  }

  get keyValue(): string | undefined {
    return this.#before.keyValue;
  }

  /** Whether the timer expired and was not tested before. The call is the test (spec: model 5.3). */
  timeout(place: number): boolean {
    if (!this.#untested.includes(place)) return false;
    this.#tested ??= [];
    this.#tested.push(place);
    return true;
  }

  /** From here on the timeouts tested so far read false (spec: questions Q-TIMEOUTONCE). */
  settleTimeouts(): void {
    const tested = this.#tested;
    if (tested === undefined) return;
    this.#tested = undefined;
    this.#untested = this.#untested.filter((place) => !tested.includes(place));
    this.timers = this.timers.map((timer) =>
      timer.status === 'EXPIRED' && tested.includes(timer.place) ? { ...timer, status: 'TESTED' } : timer,
    );
  }

  setVariable(place: number, value: Value): void {
    if (!this.#ownsVariables) {
      this.variables = this.variables.slice();
      this.#ownsVariables = true;
    }
    (this.variables as (Value | undefined)[])[place] = value;
  }

  timer(place: number): Timer | undefined {
    const name = this.model.timers.names[place];
    return this.timers.find((timer) => timer.name === name);
  }

  /** Starts or restarts a timer; an earlier expiry of it stays visible to this evaluation only. */
  startTimer(place: number, duration: number): void {
    const name = this.model.timers.names[place] ?? '';
    const expiresAt = this.context.now + duration * 1000;
    const started: Timer = { name, place, expiresAt, duration, status: 'RUNNING' };
    const index = this.timers.findIndex((timer) => timer.name === name);
    this.timers = index < 0 ? [...this.timers, started] : this.timers.with(index, started);
  }

  removeTimer(place: number): void {
    const name = this.model.timers.names[place];
    this.timers = this.timers.filter((timer) => timer.name !== name);
  }

  report(level: Problem['level'], eventName: string, message: string): void {
    const state = this.model.states[this.state]?.name ?? '';
    this.#problems ??= [];
    this.#problems.push({ level, message, state, eventName });
  }

  act(effect: ActionEffect): void {
    this.#effects ??= [];
    this.#effects.push(effect);
  }

  result(): StepResult {
    this.settleTimeouts();
    const { keyValue, otherVariables, createdBy, creationTime } = this.#before;
    return {
      detector: {
        keyValue,
        state: this.state,
        variables: this.variables,
        otherVariables,
        timers: this.timers,
        inputs: this.inputs,
        createdBy,
        creationTime,
        lastUpdateTime: this.context.now,
      },
      effects: this.#effects ?? NO_EFFECTS,
      problems: this.#problems ?? NO_PROBLEMS,
      trace: this.trace ?? NO_TRACE,
    };
  }
}

const NONE: readonly number[] = [];
const NO_EFFECTS: readonly ActionEffect[] = [];
const NO_PROBLEMS: readonly Problem[] = [];
const NO_TRACE: readonly TraceEntry[] = [];

function untestedPlaces(timers: readonly Timer[]): readonly number[] {
  if (timers.length === 0) return NONE;
  const places = timers.filter((timer) => timer.status === 'EXPIRED').map((timer) => timer.place);
  return places.length === 0 ? NONE : places;
}
