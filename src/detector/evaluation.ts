import type { Scope } from '../expression/index.ts';
import type { Value } from '../expression/value.ts';
import type { CompiledModel } from '../model/compiled.ts';
import type { ActionEffect } from './effect.ts';
import type {
  Advance,
  MutableDetector,
  Payload,
  Problem,
  StepContext,
  Timer,
  TraceEntry,
  Trigger,
} from './types.ts';

const NONE: readonly number[] = [];

/**
 * The working state of one evaluation: what expressions see, and what actions change. It changes the detector that it
 * is given; whoever needs it as it was has a copy. One object serves all evaluations, one after the other: `begin` sets
 * every field.
 */
export class Evaluation implements Scope {
  model!: CompiledModel;
  trigger!: Trigger;
  context!: StepContext;
  triggerType: 'Message' | 'Timer' = 'Message';
  currentInput = -1;
  /** The detector's own lists: what changes in them changes in it. */
  inputs: (Payload | undefined)[] = [];
  variables: (Value | undefined)[] = [];
  trace: TraceEntry[] | undefined;
  /** External actions begun so far: the position in the action's execution id. */
  position = 0;

  #detector!: MutableDetector;
  // Most evaluations have neither: the lists are made when the first entry comes.
  #effects: ActionEffect[] | undefined;
  #problems: Problem[] | undefined;
  /** Places of timers whose expiry nobody has tested, as captured at the start (spec: model 7.5). */
  #untested: readonly number[] = NONE;
  /** Those among them that an expression has tested since `settleTimeouts` was last called. */
  #tested: number[] | undefined;

  begin(model: CompiledModel, detector: MutableDetector, trigger: Trigger, context: StepContext): void {
    this.model = model;
    this.trigger = trigger;
    this.context = context;
    this.triggerType = trigger.type;
    this.inputs = detector.inputs;
    this.variables = detector.variables;
    this.trace = context.trace ? [] : undefined;
    this.position = 0;
    this.#detector = detector;
    this.#effects = undefined;
    this.#problems = undefined;
    this.#tested = undefined;
    detector.lastUpdateTime = context.now;
    if (trigger.type === 'Message') {
      this.currentInput = trigger.input;
      detector.inputs[trigger.input] = trigger.payload;
    } else {
      this.currentInput = -1;
      detector.timers = detector.timers.map((timer) =>
        timer.name === trigger.timerName ? { ...timer, status: 'EXPIRED' } : timer,
      );
    }
    this.#untested = untestedPlaces(detector.timers);
  }

  get state(): number {
    return this.#detector.state;
  }

  set state(place: number) {
    this.#detector.state = place;
  }

  get timers(): readonly Timer[] {
    return this.#detector.timers;
  }

  get otherVariables(): ReadonlyMap<string, Value> {
    return this.#detector.otherVariables;
  }

  get keyValue(): string | undefined {
    return this.#detector.keyValue;
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
    this.#detector.timers = this.timers.map((timer) =>
      timer.status === 'EXPIRED' && tested.includes(timer.place) ? { ...timer, status: 'TESTED' } : timer,
    );
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
    this.#detector.timers = index < 0 ? [...this.timers, started] : this.timers.with(index, started);
  }

  removeTimer(place: number): void {
    const name = this.model.timers.names[place];
    this.#detector.timers = this.timers.filter((timer) => timer.name !== name);
  }

  report(level: Problem['level'], eventName: string, message: string): void {
    const state = this.model.states[this.#detector.state]?.name ?? '';
    this.#problems ??= [];
    this.#problems.push({ level, message, state, eventName });
  }

  act(effect: ActionEffect): void {
    this.#effects ??= [];
    this.#effects.push(effect);
  }

  end(): Advance {
    this.settleTimeouts();
    if (this.#effects === undefined && this.#problems === undefined && this.trace === undefined)
      return NOTHING;
    return {
      effects: this.#effects ?? NOTHING.effects,
      problems: this.#problems ?? NOTHING.problems,
      trace: this.trace ?? NOTHING.trace,
    };
  }
}

const NOTHING: Advance = { effects: [], problems: [], trace: [] };

function untestedPlaces(timers: readonly Timer[]): readonly number[] {
  if (timers.length === 0) return NONE;
  const places = timers.filter((timer) => timer.status === 'EXPIRED').map((timer) => timer.place);
  return places.length === 0 ? NONE : places;
}
