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

/** A variable that the evaluation has set, with the value it had, and those set before it. */
interface Overwritten {
  readonly place: number;
  readonly value: Value | undefined;
  readonly earlier: Overwritten | undefined;
}

/**
 * One evaluation: what expressions see, what actions change, and what comes of it. It changes the detector that it is
 * given, and keeps of it as it was only what it changes: most steps change little, and most are never undone.
 */
export class Evaluation implements Scope, Advanced {
  readonly model: CompiledModel;
  readonly trigger: Trigger;
  readonly context: StepContext;
  /** The number of the input whose message is the trigger, -1 for a timer. */
  readonly currentInput: number;
  /** What changes here changes in it. */
  readonly detector: MutableDetector;
  readonly stateBefore: number;
  transition: CompiledTransition | undefined = undefined;
  readonly tracer: Tracer | undefined;
  /** External actions begun so far: the position in the action's execution id. */
  position = 0;
  /** UTF-8 bytes of what its actions send so far. */
  effectText = 0;
  /** UTF-8 bytes of the texts that variables were set to. */
  setText = 0;
  /** The event whose condition or actions are being evaluated. */
  eventName = '';

  readonly #timersBefore: readonly Timer[];
  readonly #updatedBefore: number;
  /** What the detector had for the attributes of the message's input. */
  readonly #attributesBefore: readonly Outcome[] = NOTHING;
  #overwritten: Overwritten | undefined = undefined;
  // Most evaluations have none of these: the lists are made when the first entry comes.
  #effects: ActionEffect[] | undefined = undefined;
  #problems: Problem[] | undefined = undefined;
  /** Places of timers whose expiry nobody has tested, as captured at the start (reference: models 7.5). */
  #untested: readonly number[] = NONE;
  /** Those among them that an expression has tested since `settleTimeouts` was last called. */
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
      this.#attributesBefore = take(detector, model, trigger);
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

  /** Makes the detector what it was before. Of several evaluations the last one is undone first. */
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

  /** Completes the trace with what the variables have become. */
  finishTrace(): void {
    if (this.tracer === undefined) return;
    // The earliest value of each comes last in the list.
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

  /** Whether the timer expired and was not tested before. The call is the test (reference: models 5.3). */
  timeout(place: number): boolean {
    if (!this.#untested.includes(place)) return false;
    this.#tested ??= [];
    this.#tested.push(place);
    return true;
  }

  /** A timer that only an expression names, and that the model does not know (reference: expressions 7). */
  unknownTimer(name: string): void {
    this.report(
      'WARNING',
      this.eventName,
      `timeout() was asked for ${name}: the model has no timer of that name.`,
    );
  }

  /** From here on the timeouts tested so far read false (reference: questions Q-TIMEOUTONCE). */
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

  /** Starts or restarts a timer; an earlier expiry of it stays visible to this evaluation only. */
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

/** Puts what the model reads of a message into the detector. Returns what was there. */
function take(
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

/** Equal in type as well: 10 is not 10.0. */
function isSame(a: Value, b: Value): boolean {
  return typeOf(a) === typeOf(b) && renderText(a) === renderText(b);
}

function untestedPlaces(timers: readonly Timer[]): readonly number[] {
  const places = timers.filter((timer) => timer.status === 'EXPIRED').map((timer) => timer.place);
  return places.length === 0 ? NONE : places;
}
