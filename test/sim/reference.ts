import { type Node, parse } from '../../src/core/expression/index.ts';
import { renderJson } from '../../src/core/expression/json.ts';
import { isValue, type Json, type Outcome } from '../../src/core/expression/value.ts';
import type { Action, Event, State, TransitionEvent } from '../../src/core/model/definition.ts';
import { evaluateReference } from '../support/reference-evaluator.ts';
import type { GeneratedModel } from './models.ts';

/**
 * A second implementation of detectors, slow and obvious: it interprets the definition, keeps everything by name, and
 * shares only the parser with the engine (reference: models 7).
 */
/** The host's time and the machine's clock; milliseconds. */
export interface ReferenceTime {
  readonly now: number;
  readonly wall: number;
}

export interface ReferenceTrigger {
  readonly message?: { readonly inputName: string; readonly payload: Json };
  readonly timerName?: string;
}

export interface ReferenceEffect {
  readonly type: 'sns' | 'sqs' | 'iotEvents';
  readonly text: string;
}

interface Timer {
  readonly due: number;
  readonly seconds: number;
  readonly status: 'RUNNING' | 'EXPIRED' | 'TESTED';
}

export class ReferenceDetector {
  readonly #model: GeneratedModel;
  state: string;
  readonly variables = new Map<string, Json>();
  readonly inputs = new Map<string, Json>();
  readonly timers = new Map<string, Timer>();
  lastUpdateTime = 0;
  /** Input and attribute of each reference, preceded by their combination. */
  readonly #reads: readonly (readonly string[])[];
  #isNew = true;
  // State of the current evaluation.
  #now = 0;
  #trigger: ReferenceTrigger = {};
  #effects: ReferenceEffect[] = [];
  /** Timers whose expiry had not been tested when the evaluation began. */
  #untested = new Set<string>();
  #tested = new Set<string>();

  constructor(model: GeneratedModel) {
    this.#model = model;
    const read = JSON.stringify(model.detectorModelDefinition).matchAll(/\$input\.((\w+)\.(\w+))/g);
    this.#reads = [...new Map(Array.from(read, ([, ...parts]) => [parts[0], parts])).values()];
    this.state = model.detectorModelDefinition.initialStateName;
  }

  get inputName(): string {
    return this.#model.inputName;
  }

  clone(): ReferenceDetector {
    const twin = new ReferenceDetector(this.#model);
    twin.state = this.state;
    for (const [name, value] of this.variables) twin.variables.set(name, value);
    for (const [name, value] of this.inputs) twin.inputs.set(name, value);
    for (const [name, timer] of this.timers) twin.timers.set(name, timer);
    twin.lastUpdateTime = this.lastUpdateTime;
    twin.#isNew = this.#isNew;
    return twin;
  }

  /** The next timer to fire. */
  nextTimer(): { readonly name: string; readonly due: number } | undefined {
    let next: { name: string; due: number } | undefined;
    for (const [name, { due, status }] of this.timers) {
      if (status === 'RUNNING' && (next === undefined || due < next.due)) next = { name, due };
    }
    return next;
  }

  evaluate(trigger: ReferenceTrigger, { now, wall }: ReferenceTime): ReferenceEffect[] {
    this.#now = now;
    this.#trigger = trigger;
    this.#effects = [];
    if (trigger.message !== undefined) this.inputs.set(trigger.message.inputName, trigger.message.payload);
    const expired = this.timers.get(trigger.timerName ?? '');
    if (expired !== undefined) this.timers.set(trigger.timerName ?? '', { ...expired, status: 'EXPIRED' });
    this.#untested = new Set(
      [...this.timers].flatMap(([name, { status }]) => (status === 'EXPIRED' ? [name] : [])),
    );
    this.#tested = new Set();
    if (this.#isNew) this.#enter();
    this.#isNew = false;
    const { onInput, onExit } = this.#state();
    const next = this.#group(onInput?.events ?? [], onInput?.transitionEvents ?? []);
    if (next !== undefined) {
      this.#group(onExit?.events ?? [], []);
      this.state = next.nextState;
      this.#enter();
    }
    this.lastUpdateTime = wall;
    return this.#effects;
  }

  /** The full state of the detector as text, including the parts of messages that the definition reads. */
  describe(): string {
    const variables = [...this.variables].map(([name, value]) => `${name}=${renderJson(value)}`).sort();
    const timers = [...this.timers].map(([name, { due, status }]) => `${name}@${due} ${status}`).sort();
    const attributes = this.#reads.flatMap(([name, inputName = '', attribute = '']) => {
      const message = this.inputs.get(inputName) as Readonly<Record<string, Json>> | undefined;
      const value = message?.[attribute];
      return value === undefined ? [] : [`${name}=${renderJson(value)}`];
    });
    return [this.state, ...variables, ...timers, ...attributes.sort()].join(' ');
  }

  #enter(): void {
    this.#group(this.#state().onEnter?.events ?? [], []);
  }

  #state(): State {
    const { states } = this.#model.detectorModelDefinition;
    return states.find(({ stateName }) => stateName === this.state) as State;
  }

  #group(events: readonly Event[], transitions: readonly TransitionEvent[]): TransitionEvent | undefined {
    const isSerial = this.#model.evaluationMethod === 'SERIAL';
    const due: Event[] = [];
    for (const event of events) {
      const holds = this.#holds(event);
      if (isSerial) this.#settle();
      if (!holds) continue;
      if (isSerial) this.#perform(event);
      else due.push(event);
    }
    let chosen: TransitionEvent | undefined;
    for (const transition of transitions) {
      if (chosen === undefined && this.#holds(transition)) chosen = transition;
      if (isSerial) this.#settle();
    }
    for (const event of due) this.#perform(event);
    if (chosen !== undefined) this.#perform(chosen);
    this.#settle();
    return chosen;
  }

  #holds({ condition }: Event): boolean {
    return condition === undefined || this.#value(condition) === true;
  }

  /** Expiries that were tested are consumed. */
  #settle(): void {
    for (const name of this.#tested) {
      this.#untested.delete(name);
      const timer = this.timers.get(name);
      if (timer?.status === 'EXPIRED') this.timers.set(name, { ...timer, status: 'TESTED' });
    }
    this.#tested = new Set();
  }

  #perform({ actions = [] }: Event): void {
    for (const action of actions) this.#act(action);
  }

  #act({ setVariable, setTimer, clearTimer, resetTimer, sns, sqs, iotEvents }: Action): void {
    if (setVariable !== undefined) {
      const value = this.#value(setVariable.value);
      if (isValue(value)) this.variables.set(setVariable.variableName, value);
    } else if (setTimer !== undefined) {
      this.#start(setTimer.timerName, setTimer.seconds ?? 0);
    } else if (clearTimer !== undefined) {
      this.timers.delete(clearTimer.timerName);
    } else if (resetTimer !== undefined) {
      const timer = this.timers.get(resetTimer.timerName);
      if (timer !== undefined) this.#start(resetTimer.timerName, timer.seconds);
    } else {
      const type = sns ? 'sns' : sqs ? 'sqs' : 'iotEvents';
      const payload = (sns ?? sqs ?? iotEvents)?.payload;
      const text = this.#value(payload?.contentExpression ?? '');
      if (typeof text === 'string') this.#effects.push({ type, text });
    }
  }

  #start(name: string, seconds: number): void {
    this.timers.set(name, { due: this.#now + seconds * 1000, seconds, status: 'RUNNING' });
  }

  #value(text: string): Outcome {
    return evaluateReference(parsed(text), {
      variables: this.variables,
      inputs: this.inputs,
      trigger: this.#trigger.message?.inputName,
      isTimer: this.#trigger.timerName !== undefined,
      expired: new Tested(this.#untested, this.#tested),
    });
  }
}

/** Records which timers are tested. */
class Tested extends Set<string> {
  readonly #untested: ReadonlySet<string>;
  readonly #tested: Set<string>;

  constructor(untested: ReadonlySet<string>, tested: Set<string>) {
    super();
    this.#untested = untested;
    this.#tested = tested;
  }

  override has(name: string): boolean {
    if (!this.#untested.has(name)) return false;
    this.#tested.add(name);
    return true;
  }
}

const nodes = new Map<string, Node>();

function parsed(text: string): Node {
  const known = nodes.get(text);
  if (known !== undefined) return known;
  const result = parse(text);
  if (!result.ok) throw new Error(`${text}: ${result.error.message}`);
  nodes.set(text, result.node);
  return result.node;
}
