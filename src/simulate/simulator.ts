import { buildRequest } from '../core/action/index.ts';
import { step as stepAlarm } from '../core/alarm/step.ts';
import type {
  Alarm,
  AlarmEffect,
  AlarmTrigger,
  CustomerAction,
  CustomerActionTrigger,
} from '../core/alarm/types.ts';
import { createDetector } from '../core/detector/detector.ts';
import { advance } from '../core/detector/step.ts';
import type {
  Detector,
  MutableDetector,
  Payload,
  StepContext,
  Timer,
  Trigger,
} from '../core/detector/types.ts';
import { DueIndex } from '../core/engine/due-index.ts';
import { keyOf } from '../core/engine/routing.ts';
import { utf8Length } from '../core/expression/utf8.ts';
import { DEFAULT_LIMITS, type Limits } from '../limits.ts';
import { AcceptedIds } from './accepted-ids.ts';
import type { Rejection, SimulatedEvaluation, SimulatedTrigger } from './evaluation.ts';
import type { SimulatedModel } from './models.ts';
import { mostBytes, parsePayload } from './payload.ts';

export interface SimulatorOptions {
  readonly models: readonly SimulatedModel[];
  /** Milliseconds since the epoch: where the clock starts. */
  readonly start: number;
  /** Whether evaluations have their trace. */
  readonly trace: boolean;
  readonly limits?: Limits;
  /** Called with every evaluation and every rejection, in order. */
  readonly onEvaluation?: (evaluation: SimulatedEvaluation) => void;
  readonly onRejection?: (rejection: Rejection) => void;
}

export interface SimulatedMessage {
  readonly inputName: string;
  /** One of our own when it is undefined. */
  readonly messageId: string | undefined;
  /** A text that is no JSON object is rejected. */
  readonly payload: Payload | string;
}

export interface OperatorAction {
  readonly alarmModelName: string;
  readonly keyValue: string | undefined;
  readonly action: CustomerAction;
}

/** A detector or alarm of a simulation. */
export interface Instance {
  readonly model: SimulatedModel;
  readonly keyValue: string | undefined;
  readonly state: string;
  readonly timers: readonly Timer[];
  /** For a detector model; undefined for an alarm. */
  readonly detector: Detector | undefined;
}

/** What the simulation has done so far. */
export interface Counts {
  messages: number;
  rejected: number;
  evaluations: number;
  /** Transitions taken by detectors, also those into the same state. */
  transitions: number;
  /** External actions, notifications included. */
  actions: number;
}

/**
 * Models in virtual time: what the server does with the same messages at the same times, in memory and with nothing
 * sent. No clock and no chance: the same calls give the same evaluations. Messages of iotEvents actions are evaluated
 * right after the evaluation that caused them.
 */
export class Simulator {
  readonly models: readonly SimulatedModel[];
  readonly counts: Counts = { messages: 0, rejected: 0, evaluations: 0, transitions: 0, actions: 0 };
  readonly #options: SimulatorOptions;
  readonly #limits: Limits;
  readonly #users = new Map<string, SimulatedModel[]>();
  readonly #held = new Map<SimulatedModel, Map<string | undefined, Held>>();
  readonly #due = new DueIndex<Held>();
  readonly #accepted: AcceptedIds;
  #created = 0;
  #time: number;

  constructor(options: SimulatorOptions) {
    this.#options = options;
    this.models = options.models;
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.#time = options.start;
    this.#accepted = new AcceptedIds(this.#limits.dedupeWindow);
    for (const model of options.models) {
      this.#held.set(model, new Map());
      for (const inputName of model.compiled.inputs.keys()) {
        const users = this.#users.get(inputName);
        if (users === undefined) this.#users.set(inputName, [model]);
        else users.push(model);
      }
    }
  }

  /** Milliseconds since the epoch. */
  get time(): number {
    return this.#time;
  }

  /** When the next timer expires; undefined when none runs. */
  get nextDeadline(): number | undefined {
    this.#skipStale();
    return this.#due.size === 0 ? undefined : this.#due.earliest;
  }

  /** Evaluates a message now, and whatever it causes. */
  put(message: SimulatedMessage): void {
    this.counts.messages++;
    this.#run(this.#admit(message));
  }

  /** An operator acts on an alarm now. */
  operate({ alarmModelName, keyValue, action }: OperatorAction): void {
    this.counts.messages++;
    const model = this.models.find(
      ({ kind, compiled }) => kind === 'alarm' && compiled.name === alarmModelName,
    );
    const held = model && this.#held.get(model)?.get(keyValue);
    const trigger = { type: 'CustomerAction', action } as const;
    const refusal = this.#refusalOf(held, trigger);
    if (held !== undefined && refusal === undefined) {
      this.#run([{ held, trigger, shown: trigger, chain: this.#limits.chainMessages }]);
      return;
    }
    const key = keyValue === undefined ? '' : ` with the key ${keyValue}`;
    const message = refusal ?? `Alarm model ${alarmModelName} has no alarm${key}`;
    const nobody = { inputName: undefined, messageId: undefined };
    this.#reject({ ...nobody, modelName: alarmModelName, reason: 'STATE', message, isCaused: false });
  }

  #refusalOf(held: Held | undefined, trigger: CustomerActionTrigger): string | undefined {
    if (held?.kind !== 'alarm') return undefined;
    // A step of an alarm changes nothing: this one shows what would come of it.
    return stepAlarm(held.model.compiled, held.alarm, trigger, this.#context(held, true)).trace?.refusal;
  }

  /** Moves the clock on to a time, firing what comes due up to and including it. A time that has passed is now. */
  advanceTo(time: number): void {
    for (;;) {
      this.#skipStale();
      if (this.#due.size === 0 || this.#due.earliest > time) break;
      this.#fire(this.#due.earliest);
    }
    this.#time = Math.max(this.#time, time);
  }

  /** Fires the next timer, and moves the clock to its deadline; false when none runs. */
  fireNext(): boolean {
    const deadline = this.nextDeadline;
    if (deadline === undefined) return false;
    this.advanceTo(deadline);
    return true;
  }

  find(modelName: string, keyValue: string | undefined): Instance | undefined {
    const model = this.models.find(({ compiled }) => compiled.name === modelName);
    const held = model && this.#held.get(model)?.get(keyValue);
    return held && instanceOf(held);
  }

  /** All detectors and alarms: models in their order, each with its keys in theirs. */
  *instances(): Iterable<Instance> {
    for (const model of this.models) {
      const held = [...(this.#held.get(model) as Map<string | undefined, Held>).values()];
      for (const each of held.sort((a, b) => compareKeys(a.keyValue, b.keyValue))) yield instanceOf(each);
    }
  }

  get instanceCount(): number {
    let count = 0;
    for (const held of this.#held.values()) count += held.size;
    return count;
  }

  /** Puts a detector in place of what there is, without evaluating anything. */
  setDetector(model: SimulatedModel, keyValue: string | undefined, detector: MutableDetector): void {
    if (model.kind !== 'detector') return;
    const held = this.#hold(model, keyValue);
    if (held.kind === 'detector') held.detector = detector;
    this.#index(held);
  }

  /** A new detector as it is before its first evaluation. */
  newDetector(model: SimulatedModel & { readonly kind: 'detector' }, keyValue: string | undefined): Detector {
    const { now, sequence, limits } = {
      now: this.#time,
      sequence: this.counts.evaluations,
      limits: this.#limits,
    };
    return createDetector(model.compiled, { now, sequence, keyValue, limits, trace: false });
  }

  /** Whether there was one. */
  delete(modelName: string, keyValue: string | undefined): boolean {
    const model = this.models.find(({ compiled }) => compiled.name === modelName);
    const instances = model && this.#held.get(model);
    const held = instances?.get(keyValue);
    if (instances === undefined || held === undefined) return false;
    held.indexedAt = Number.POSITIVE_INFINITY;
    return instances.delete(keyValue);
  }

  /** The evaluations of a message; none when it is rejected. */
  #admit({ inputName, messageId, payload }: SimulatedMessage): Work[] {
    const id = messageId ?? `message-${this.counts.messages}`;
    const reject = (reason: Rejection['reason'], message: string): Work[] => {
      this.#reject({ inputName, messageId: id, modelName: undefined, reason, message, isCaused: false });
      return [];
    };
    const users = this.#users.get(inputName);
    if (users === undefined) return reject('INPUT', `No model uses the input ${inputName}`);
    const read = this.#readPayload(payload);
    if (typeof read === 'string') return reject('PAYLOAD', read);
    if (messageId !== undefined && this.#accepted.has(inputName, messageId, this.#time)) {
      const minutes = this.#limits.dedupeWindow / 60_000;
      return reject(
        'DUPLICATE',
        `${inputName} accepted a message ${messageId} less than ${minutes} minutes ago`,
      );
    }
    const works = this.#route(users, inputName, id, read, this.#limits.chainMessages, false);
    if (works.length > 0 && messageId !== undefined) this.#accepted.add(inputName, messageId, this.#time);
    return works;
  }

  #readPayload(payload: Payload | string): Payload | string {
    const read = typeof payload === 'string' ? parsePayload(payload) : payload;
    if (typeof read === 'string') return read;
    const limit = this.#limits.messageBytes;
    if (mostBytes(read) <= limit || utf8Length(read.text) <= limit) return read;
    return `Payload size of ${utf8Length(read.text)} bytes exceeds the limit ${limit}`;
  }

  /** The evaluations that a message is for; rejects it for models that cannot take it. */
  #route(
    users: readonly SimulatedModel[],
    inputName: string,
    messageId: string,
    payload: Payload,
    chain: number,
    isCaused: boolean,
  ): Work[] {
    const works: Work[] = [];
    for (const model of users) {
      const key = keyOf(model, payload);
      const modelName = model.compiled.name;
      if (!key.ok) {
        this.#reject({ inputName, messageId, modelName, reason: 'KEY', message: key.message, isCaused });
        continue;
      }
      const instances = this.#held.get(model) as Map<string | undefined, Held>;
      const limit = this.#limits[model.kind === 'detector' ? 'detectorsPerModel' : 'alarmsPerModel'];
      if (instances.size >= limit && !instances.has(key.keyValue)) {
        const message = `Number of ${model.kind}s of ${model.kind} model ${modelName} exceeds the limit ${limit}`;
        this.#reject({ inputName, messageId, modelName, reason: 'LIMIT', message, isCaused });
        continue;
      }
      const input = model.compiled.inputs.get(inputName) as number;
      works.push({
        held: this.#hold(model, key.keyValue),
        trigger: { type: 'Message', input, messageId, payload },
        shown: { type: 'Message', inputName, messageId, payload },
        chain,
      });
    }
    return works;
  }

  #hold(model: SimulatedModel, keyValue: string | undefined): Held {
    const instances = this.#held.get(model) as Map<string | undefined, Held>;
    const known = instances.get(keyValue);
    if (known !== undefined) return known;
    const place = { keyValue, order: this.#created++, indexedAt: Number.POSITIVE_INFINITY };
    const held: Held =
      model.kind === 'detector'
        ? { ...place, kind: 'detector', model, detector: undefined }
        : { ...place, kind: 'alarm', model, alarm: undefined };
    instances.set(keyValue, held);
    return held;
  }

  /** Evaluates one after the other; what an evaluation causes comes before what waits. */
  #run(works: Work[]): void {
    const waiting = works.reverse();
    for (let work = waiting.pop(); work !== undefined; work = waiting.pop()) {
      const effects = this.#evaluate(work);
      if (effects.length > 0) waiting.push(...this.#caused(effects, work.chain).reverse());
    }
  }

  #evaluate({ held, trigger, shown }: Work): readonly AlarmEffect[] {
    const sequence = ++this.counts.evaluations;
    const context = this.#context(held, this.#options.trace);
    const { stateBefore, stateAfter, isTransition, result } =
      held.kind === 'detector'
        ? evaluateDetector(held, trigger as Trigger, context)
        : evaluateAlarm(held, trigger, context);
    if (isTransition) this.counts.transitions++;
    const { effects, problems, trace } = result;
    this.counts.actions += effects.length;
    this.#index(held);
    const { model, keyValue } = held;
    const time = this.#time;
    this.#options.onEvaluation?.({
      sequence,
      time,
      model,
      keyValue,
      trigger: shown,
      stateBefore,
      stateAfter,
      effects,
      problems,
      trace,
    });
    return effects;
  }

  #context({ keyValue }: Held, trace: boolean): StepContext {
    const sequence = this.counts.evaluations;
    return { now: this.#time, sequence, keyValue, limits: this.#limits, trace };
  }

  /** The evaluations that the iotEvents actions among the effects lead to, divided as the server divides a chain. */
  #caused(effects: readonly AlarmEffect[], chain: number): Work[] {
    const causing = effects.filter((effect) => effect.type === 'iotEvents');
    const part = Math.floor(chain / causing.length);
    return causing.flatMap((effect) => {
      const built = effect.type === 'notification' ? undefined : buildRequest(effect);
      if (!built?.ok || effect.type === 'notification') return [];
      const inputName = String(effect.parameters.inputName);
      const messageId = effect.actionExecutionId;
      const reject = (reason: Rejection['reason'], message: string): Work[] => {
        this.#reject({ inputName, messageId, modelName: undefined, reason, message, isCaused: true });
        return [];
      };
      if (part <= 0) {
        const limit = this.#limits.chainMessages;
        return reject('LIMIT', `Number of messages caused by iotEvents actions exceeds the limit ${limit}`);
      }
      const payload = this.#readPayload(effect.payload.text);
      if (typeof payload === 'string') return reject('PAYLOAD', payload);
      // An input of models that are not simulated: the message is among the actions.
      const users = this.#users.get(inputName) ?? [];
      return this.#route(users, inputName, messageId, payload, part - 1, true);
    });
  }

  #reject(rejection: Omit<Rejection, 'time'>): void {
    this.counts.rejected++;
    this.#options.onRejection?.({ time: this.#time, ...rejection });
  }

  /** Everything that is due at that time, in the order in which detectors were created. */
  #fire(time: number): void {
    const due: Held[] = [];
    while (this.#due.size > 0 && this.#due.earliest === time) {
      const held = this.#due.take()?.item as Held;
      if (held.indexedAt !== time) continue;
      held.indexedAt = Number.POSITIVE_INFINITY;
      due.push(held);
    }
    this.#time = Math.max(this.#time, time);
    for (const held of due.sort((a, b) => a.order - b.order)) {
      // What came before may have deleted it, or cleared or restarted its timer.
      const next = this.#held.get(held.model)?.get(held.keyValue) === held ? nextTimer(held) : undefined;
      if (next === undefined || next.expiresAt > time) {
        this.#index(held);
        continue;
      }
      const trigger = { type: 'Timer', timerName: next.name } as const;
      this.#run([{ held, trigger, shown: trigger, chain: this.#limits.chainMessages }]);
    }
  }

  /** Sees to it that the first entry of the index is a timer that runs until then. */
  #skipStale(): void {
    while (this.#due.size > 0) {
      const time = this.#due.earliest;
      const { item: held } = this.#due.take() as { readonly item: Held };
      if (held.indexedAt !== time) continue;
      const next = nextTimer(held)?.expiresAt;
      if (next === time) {
        this.#due.add(time, held);
        return;
      }
      held.indexedAt = Number.POSITIVE_INFINITY;
      this.#index(held);
    }
  }

  /** One entry is enough: a later deadline is found when the earlier entry comes up. */
  #index(held: Held): void {
    const next = nextTimer(held);
    if (next === undefined || next.expiresAt >= held.indexedAt) return;
    held.indexedAt = next.expiresAt;
    this.#due.add(next.expiresAt, held);
  }
}

interface Place {
  readonly keyValue: string | undefined;
  /** Counts detectors and alarms in the order of their creation. */
  readonly order: number;
  /** The time of its entry in the due index. */
  indexedAt: number;
}

interface HeldDetector extends Place {
  readonly kind: 'detector';
  readonly model: SimulatedModel & { readonly kind: 'detector' };
  detector: MutableDetector | undefined;
}

interface HeldAlarm extends Place {
  readonly kind: 'alarm';
  readonly model: SimulatedModel & { readonly kind: 'alarm' };
  alarm: Alarm | undefined;
}

type Held = HeldDetector | HeldAlarm;

/** One evaluation to come. */
interface Work {
  readonly held: Held;
  readonly trigger: AlarmTrigger;
  readonly shown: SimulatedTrigger;
  /** Messages that it may still cause, directly and through what they cause. */
  readonly chain: number;
}

interface Evaluated {
  readonly stateBefore: string | undefined;
  readonly stateAfter: string;
  readonly isTransition: boolean;
  readonly result: Pick<SimulatedEvaluation, 'effects' | 'problems' | 'trace'>;
}

function evaluateDetector(held: HeldDetector, trigger: Trigger, context: StepContext): Evaluated {
  const { states } = held.model.compiled;
  const isNew = held.detector === undefined;
  const detector = held.detector ?? createDetector(held.model.compiled, context);
  held.detector = detector;
  const result = advance(held.model.compiled, detector, isNew, trigger, context);
  return {
    stateBefore: isNew ? undefined : states[result.stateBefore]?.name,
    stateAfter: states[detector.state]?.name ?? '',
    isTransition: result.transition !== undefined,
    result,
  };
}

function evaluateAlarm(held: HeldAlarm, trigger: AlarmTrigger, context: StepContext): Evaluated {
  const before = held.alarm;
  const result = stepAlarm(held.model.compiled, before, trigger, context);
  held.alarm = result.alarm;
  return { stateBefore: before?.state, stateAfter: result.alarm.state, isTransition: false, result };
}

function nextTimer(held: Held): Timer | undefined {
  const timers = (held.kind === 'detector' ? held.detector : held.alarm)?.timers ?? [];
  let next: Timer | undefined;
  for (const timer of timers) {
    if (timer.status === 'RUNNING' && timer.expiresAt < (next?.expiresAt ?? Number.POSITIVE_INFINITY))
      next = timer;
  }
  return next;
}

function instanceOf(held: Held): Instance {
  const { model, keyValue } = held;
  if (held.kind === 'alarm') {
    const { alarm } = held;
    return { model, keyValue, state: alarm?.state ?? '', timers: alarm?.timers ?? [], detector: undefined };
  }
  const { detector } = held;
  const state = held.model.compiled.states[detector?.state ?? -1]?.name ?? '';
  return { model, keyValue, state, timers: detector?.timers ?? [], detector };
}

function compareKeys(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
