import type { Scope } from '../expression/index.ts';
import { utf8Length } from '../expression/utf8.ts';
import { type Outcome, renderText, typeOf, type Value } from '../expression/value.ts';
import type { CompiledAttribute } from '../model/attributes.ts';
import type { CompiledModel, CompiledTransition } from '../model/compiled.ts';
import type { ActionEffect } from './effect.ts';
import { shownAt, wallOf } from './instant.ts';
import { Tracer, type VariableChange } from './trace.ts';
import type {
  Advanced,
  MessageTrigger,
  MutableDetector,
  Problem,
  StepContext,
  Timer,
  Trigger,
} from './types.ts';

const NONE: readonly number[] = [];
const NOTHING: readonly never[] = [];

/** A linked list of the variables that the evaluation has set, latest first, with their previous values. */
interface Overwritten {
  readonly place: number;
  readonly value: Value | undefined;
  readonly earlier: Overwritten | undefined;
}

/**
 * One evaluation: the scope of expressions, the target of actions, and the result. It mutates the given detector and
 * saves only what it overwrites, because most steps change little and few are undone.
 */
export class Evaluation implements Scope, Advanced {
  readonly model: CompiledModel;
  readonly trigger: Trigger;
  readonly context: StepContext;
  /** The number of the input whose message is the trigger; -1 for a timer. */
  readonly currentInput: number;
  /** The detector being mutated. */
  readonly detector: MutableDetector;
  readonly stateBefore: number;
  transition: CompiledTransition | undefined = undefined;
  readonly tracer: Tracer | undefined;
  /** The number of external actions so far; part of each execution id. */
  position = 0;
  /** Total size of the effects so far, in bytes of UTF-8. */
  effectText = 0;
  /** Total size of the texts assigned to variables, in bytes of UTF-8. */
  setText = 0;
  /** The event whose condition or actions are currently being evaluated. */
  eventName = '';

  readonly #timersBefore: readonly Timer[];
  readonly #updatedBefore: number;
  /** The previous values of the attributes that the message has set. */
  readonly #attributesBefore: readonly Outcome[] = NOTHING;
  #overwritten: Overwritten | undefined = undefined;
  // Most evaluations need none of these lists, so each is created with its first entry.
  #effects: ActionEffect[] | undefined = undefined;
  #problems: Problem[] | undefined = undefined;
  /**
   * Places of timers that have expired and not been tested, as of the start of the evaluation (reference: models 7.5).
   */
  #untested: readonly number[] = NONE;
  /** Those that an expression has tested since the last `settleTimeouts`. */
  #tested: number[] | undefined = undefined;

  constructor(model: CompiledModel, detector: MutableDetector, trigger: Trigger, context: StepContext) {
    this.model = model;
    this.trigger = trigger;
    this.context = context;
    this.detector = detector;
    this.stateBefore = detector.state;
    this.tracer = context.trace ? new Tracer() : undefined;
    this.#timersBefore = detector.timers;
    this.#updatedBefore = detector.lastUpdateTime;
    detector.lastUpdateTime = wallOf(context);
    if (trigger.type === 'Message') {
      this.currentInput = trigger.input;
      this.#attributesBefore = storeAttributes(detector, model, trigger);
    } else {
      this.currentInput = -1;
      detector.timers = detector.timers.map((timer) => {
        if (timer.name !== trigger.timerName) return timer;
        this.tracer?.timerExpired(timer.name, shownAt(context, timer.expiresAt));
        return { ...timer, status: 'EXPIRED' };
      });
    }
    if (detector.timers.length > 0) this.#untested = untestedPlaces(detector.timers);
  }

  /** Restores the detector. Evaluations must be undone from last to first. */
  undo(): void {
    const { detector } = this;
    detector.state = this.stateBefore;
    detector.timers = this.#timersBefore;
    detector.lastUpdateTime = this.#updatedBefore;
    const attributes = this.model.attributes[this.currentInput] ?? NOTHING;
    for (const [index, { place }] of attributes.entries()) detector.put(place, this.#attributesBefore[index]);
    for (let each = this.#overwritten; each !== undefined; each = each.earlier)
      detector.put(each.place, each.value);
  }

  at(place: number): Outcome {
    return this.detector.at(place);
  }

  get triggerType(): Trigger['type'] {
    return this.trigger.type;
  }

  get effects(): readonly ActionEffect[] {
    return this.#effects ?? NOTHING;
  }

  get problems(): readonly Problem[] {
    return this.#problems ?? NOTHING;
  }

  get trace(): Tracer | undefined {
    return this.tracer;
  }

  /** Adds the changes of variables to the trace. */
  finishTrace(): void {
    if (this.tracer === undefined) return;
    // The list ends with the earliest value of each variable.
    const before = new Map<number, Value | undefined>();
    for (let each = this.#overwritten; each !== undefined; each = each.earlier) {
      before.delete(each.place);
      before.set(each.place, each.value);
    }
    const changes = Array.from(before, ([place, old]): VariableChange | undefined => {
      const value = this.#variable(place);
      if (value === undefined || (old !== undefined && isSame(old, value))) return undefined;
      return { name: this.model.placeNames[place] ?? '', old, new: value };
    });
    this.tracer.variables = changes.filter((change) => change !== undefined).reverse();
  }

  get state(): number {
    return this.detector.state;
  }

  set state(place: number) {
    this.detector.state = place;
  }

  get timers(): readonly Timer[] {
    return this.detector.timers;
  }

  get otherVariables(): ReadonlyMap<string, Value> {
    return this.detector.otherVariables;
  }

  get keyValue(): string | undefined {
    return this.context.keyValue;
  }

  setVariable(place: number, value: Value): void {
    if (typeof value === 'string') this.setText += utf8Length(value);
    this.#overwritten = { place, value: this.#variable(place), earlier: this.#overwritten };
    this.detector.put(place, value);
  }

  #variable(place: number): Value | undefined {
    return this.detector.at(place) as Value | undefined;
  }

  /**
   * True if the timer has expired and the expiry has not been tested before. The call counts as the test (reference:
   * models 5.3).
   */
  timeout(place: number): boolean {
    if (!this.#untested.includes(place)) return false;
    this.#tested ??= [];
    this.#tested.push(place);
    return true;
  }

  /** Reports a computed timer name that the model does not mention (reference: expressions 7). */
  unknownTimer(name: string): void {
    this.report(
      'WARNING',
      this.eventName,
      `timeout() was called with ${name}, but the model has no timer with that name.`,
    );
  }

  /** Makes all timeouts tested so far return false (reference: questions Q-TIMEOUTONCE). */
  settleTimeouts(): void {
    if (this.#tested !== undefined) this.#settle(this.#tested);
  }

  #settle(tested: readonly number[]): void {
    this.#tested = undefined;
    this.#untested = this.#untested.filter((place) => !tested.includes(place));
    this.detector.timers = this.timers.map((timer) =>
      timer.status === 'EXPIRED' && tested.includes(timer.place) ? { ...timer, status: 'TESTED' } : timer,
    );
  }

  timer(place: number): Timer | undefined {
    const name = this.model.timers.names[place];
    return this.timers.find((timer) => timer.name === name);
  }

  /** Starts or restarts a timer. An earlier expiry remains visible only to this evaluation. */
  startTimer(place: number, duration: number, change: 'set' | 'reset'): void {
    const name = this.model.timers.names[place] ?? '';
    const expiresAt = this.context.now + duration * 1000;
    this.tracer?.timerStarted(change, name, duration, shownAt(this.context, expiresAt));
    const started: Timer = { name, place, expiresAt, duration, status: 'RUNNING' };
    const index = this.timers.findIndex((timer) => timer.name === name);
    this.detector.timers = index < 0 ? [...this.timers, started] : this.timers.with(index, started);
  }

  removeTimer(place: number): void {
    const timer = this.timer(place);
    if (timer === undefined) return;
    this.detector.timers = this.timers.filter((each) => each !== timer);
    this.tracer?.timerCleared(timer.name);
  }

  report(level: Problem['level'], eventName: string, message: string): void {
    const state = this.model.states[this.detector.state]?.name ?? '';
    this.#problems ??= [];
    this.#problems.push({ level, message, state, eventName });
  }

  act(effect: ActionEffect): void {
    this.#effects ??= [];
    this.#effects.push(effect);
  }
}

/** Stores the attributes of a message in the detector. Returns their previous values. */
function storeAttributes(
  detector: MutableDetector,
  model: CompiledModel,
  { input, payload }: MessageTrigger,
): Outcome[] {
  const attributes = model.attributes[input] ?? NOTHING;
  const before = new Array<Outcome>(attributes.length);
  for (let index = 0; index < attributes.length; index++) {
    const { place, read } = attributes[index] as CompiledAttribute;
    before[index] = detector.at(place);
    detector.put(place, read(payload.value));
  }
  return before;
}

/** Equal in value and type: 10 differs from 10.0. */
function isSame(a: Value, b: Value): boolean {
  return typeOf(a) === typeOf(b) && renderText(a) === renderText(b);
}

function untestedPlaces(timers: readonly Timer[]): readonly number[] {
  const places = timers.filter((timer) => timer.status === 'EXPIRED').map((timer) => timer.place);
  return places.length === 0 ? NONE : places;
}
