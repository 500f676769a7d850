import { buildRequest } from '../core/action/index.ts';
import type { AlarmEffect, AlarmTrigger, CustomerAction } from '../core/alarm/types.ts';
import { createDetector } from '../core/detector/detector.ts';
import type { Detector, Payload, Timer } from '../core/detector/types.ts';
import type { DetectorStateDefinition } from '../core/detector/update.ts';
import { runAlarmModel } from '../core/engine/alarms.ts';
import { refusalOfNew } from '../core/engine/apply.ts';
import type { InstanceCommand } from '../core/engine/commands.ts';
import { runDetectorModel } from '../core/engine/detectors.ts';
import type { Held } from '../core/engine/held.ts';
import { keyOf, keyProblem, routesOf } from '../core/engine/routing.ts';
import { type Evaluated, nameOfInstance, type RunningModel } from '../core/engine/running.ts';
import { type EvaluationContext, Sequence, Slot, type Undo } from '../core/engine/slot.ts';
import { utf8Length } from '../core/expression/utf8.ts';
import { DEFAULT_LIMITS, type Limits } from '../limits.ts';
import { AcceptedIds } from './accepted-ids.ts';
import type { Rejection, SimulatedEvaluation, SimulatedTrigger } from './evaluation.ts';
import type { ModelRef, SimulatedModel } from './models.ts';
import { mostBytes, parsePayload } from './payload.ts';

export interface SimulatorOptions {
  readonly models: readonly SimulatedModel[];
  /** The initial time, in milliseconds since the epoch. */
  readonly start: number;
  /** Whether evaluations have a trace. */
  readonly trace: boolean;
  readonly limits?: Limits;
  /** Called for every evaluation and rejection, in order. */
  readonly onEvaluation?: (evaluation: SimulatedEvaluation) => void;
  readonly onRejection?: (rejection: Rejection) => void;
}

export interface SimulatedMessage {
  readonly inputName: string;
  /** Generated if undefined. */
  readonly messageId: string | undefined;
  /** A string that is not a JSON object is rejected. */
  readonly payload: Payload | string;
}

export interface OperatorAction {
  readonly alarmModelName: string;
  readonly keyValue: string | undefined;
  readonly action: CustomerAction;
}

/** A detector or alarm in a simulation. */
export interface Instance {
  readonly model: SimulatedModel;
  readonly keyValue: string | undefined;
  readonly state: string;
  readonly timers: readonly Timer[];
  /** Undefined for an alarm. */
  readonly detector: Detector | undefined;
}

/** Totals of the simulation so far. */
export interface Counts {
  messages: number;
  rejected: number;
  evaluations: number;
  /** Transitions taken by detectors, including those into the same state. */
  transitions: number;
  /** External actions, including notifications. */
  actions: number;
}

/**
 * Models in virtual time: a slot of the engine that is neither durable nor ever rolled back. Does what the server would
 * do with the same messages at the same times, without sending anything. Deterministic: the same calls give the same
 * evaluations. Messages of iotEvents actions are evaluated right after the evaluation that caused them.
 */
export class Simulator {
  readonly models: readonly SimulatedModel[];
  readonly counts: Counts = { messages: 0, rejected: 0, evaluations: 0, transitions: 0, actions: 0 };
  readonly #options: SimulatorOptions;
  readonly #limits: Limits;
  /** The models, each with its index in the list as its epoch. */
  readonly #running: readonly RunningModel[];
  readonly #routes: ReadonlyMap<string, readonly RunningModel[]>;
  readonly #sequence = new Sequence();
  readonly #slot = new Slot(0, this.#sequence, 0);
  readonly #accepted: AcceptedIds;
  /** For the current instant. */
  #context: EvaluationContext;
  readonly #undo: Undo = [];

  constructor(options: SimulatorOptions) {
    const { models, limits = DEFAULT_LIMITS, start, trace } = options;
    this.#options = options;
    this.models = models;
    this.#limits = limits;
    this.#running = models.map(runModel);
    this.#routes = routesOf(this.#running);
    this.#accepted = new AcceptedIds(limits.dedupeWindow);
    this.#context = { now: start, limits, traces: () => trace, keepsStates: () => false };
  }

  /** In milliseconds since the epoch. */
  get time(): number {
    return this.#context.now;
  }

  /** When the next timer expires; undefined when none is running. */
  get nextDeadline(): number | undefined {
    for (let time = this.#slot.nextDue; time < Number.POSITIVE_INFINITY; time = this.#slot.nextDue) {
      const due = this.#slot.takeDue(time);
      // An outdated entry, which is gone now.
      if (due === undefined) continue;
      this.#slot.putBack(due.held);
      return time;
    }
    return undefined;
  }

  /** Evaluates a message now, and everything it causes. */
  put(message: SimulatedMessage): void {
    this.counts.messages++;
    const { inputName, messageId: given } = message;
    const messageId = given ?? `message-${this.counts.messages}`;
    const payload = this.#admit(message);
    if ('reason' in payload) {
      this.#reject({ inputName, messageId, modelName: undefined, ...payload, isCaused: false });
      return;
    }
    const works = this.#route({ inputName, messageId, payload, isCaused: false }, this.#limits.chainMessages);
    if (this.#run(works) && given !== undefined) this.#accepted.add(inputName, given, this.time);
  }

  /** Returns the payload of a message, or why it is rejected for all models. */
  #admit({ inputName, messageId, payload }: SimulatedMessage): Payload | Refused {
    if (!this.#routes.has(inputName))
      return { reason: 'INPUT', message: `No model uses the input ${inputName}` };
    const read = this.#readPayload(payload);
    if (typeof read === 'string') return { reason: 'PAYLOAD', message: read };
    if (messageId === undefined || !this.#accepted.has(inputName, messageId, this.time)) return read;
    const minutes = this.#limits.dedupeWindow / 60_000;
    const message = `${inputName} accepted a message ${messageId} less than ${minutes} minutes ago`;
    return { reason: 'DUPLICATE', message };
  }

  /** Runs an operator's action on an alarm now. */
  operate({ alarmModelName, keyValue, action }: OperatorAction): void {
    this.counts.messages++;
    const command = {
      type: 'OperateAlarm',
      modelName: alarmModelName,
      ...(keyValue !== undefined && { keyValue }),
      action,
    } as const;
    const message = this.#do('alarm', command);
    if (message === undefined) return;
    const nobody = { inputName: undefined, messageId: undefined };
    this.#reject({ ...nobody, modelName: alarmModelName, reason: 'STATE', message, isCaused: false });
  }

  /** Advances the clock, firing timers that are due up to and including `time`. A time in the past counts as now. */
  advanceTo(time: number): void {
    while (this.#slot.nextDue <= time) this.#fire(this.#slot.nextDue);
    this.#moveTo(time);
  }

  /** Advances the clock to the next timer and fires it. Returns false when none is running. */
  fireNext(): boolean {
    const deadline = this.nextDeadline;
    if (deadline === undefined) return false;
    this.advanceTo(deadline);
    return true;
  }

  find(ref: ModelRef, keyValue: string | undefined): Instance | undefined {
    const model = this.#runningOf(ref.kind, ref.compiled.name);
    const held = model && this.#slot.find(model.epoch, keyValue);
    return held && this.#instanceOf(held);
  }

  /** All detectors and alarms, in the order of the models, then of their keys. */
  *instances(): Iterable<Instance> {
    for (const { epoch } of this.#running) {
      const held = [...this.#slot.instances(epoch)];
      for (const each of held.sort((a, b) => compareKeys(a.keyValue, b.keyValue))) {
        const instance = this.#instanceOf(each);
        if (instance !== undefined) yield instance;
      }
    }
  }

  get instanceCount(): number {
    return this.#running.reduce((count, { epoch }) => count + this.#slot.count(epoch), 0);
  }

  /**
   * Puts a detector into a state without evaluating anything, creating it if necessary. Returns the reason if refused.
   */
  setDetector(
    { kind, compiled: { name: modelName } }: ModelRef,
    keyValue: string | undefined,
    state: DetectorStateDefinition,
  ): string | undefined {
    const model = this.#runningOf(kind, modelName);
    const problem = keyValue === undefined ? undefined : keyProblem(keyValue, 'keyValue');
    if (problem !== undefined) return problem;
    const undo: Undo = [];
    if (model?.kind === 'detector' && this.#slot.find(model.epoch, keyValue) === undefined) {
      const context = { ...this.#context, sequence: ++this.#sequence.last, keyValue, trace: false };
      const held = this.#slot.hold(model, keyValue, undo);
      this.#slot.replace(held, createDetector(model.compiled, context), undo);
    }
    const key = keyValue === undefined ? {} : { keyValue };
    const refusal = this.#do('detector', { type: 'SetDetectorState', modelName, ...key, state });
    if (refusal !== undefined) for (const step of undo.reverse()) step();
    return refusal;
  }

  /** Returns whether the instance existed. */
  delete(ref: ModelRef, keyValue: string | undefined): boolean {
    const model = this.#runningOf(ref.kind, ref.compiled.name);
    const held = model && this.#slot.find(model.epoch, keyValue);
    if (held !== undefined) this.#slot.remove(held, []);
    return held !== undefined;
  }

  /** Runs a command on an existing instance. Returns the reason if refused. */
  #do(kind: RunningModel['kind'], command: InstanceCommand): string | undefined {
    const { modelName, keyValue } = command;
    const model = this.#runningOf(kind, modelName);
    const held = model && this.#slot.find(model.epoch, keyValue);
    const instance = held?.instance;
    if (model === undefined || held === undefined || instance === undefined)
      return `${nameOfInstance(kind, modelName, keyValue)} not found`;
    const reaction = model.behaviour.react(model, instance, command, this.#context);
    if (reaction.type === 'Refuse') return reaction.refusal.message;
    if (reaction.type === 'Replace') this.#slot.replace(held, reaction.instance, []);
    if (reaction.type === 'Remove') this.#slot.remove(held, []);
    if (reaction.type === 'Evaluate')
      this.#run(this.#evaluate(model, keyValue, held, reaction.trigger, this.#limits.chainMessages));
    return undefined;
  }

  #runningOf(kind: RunningModel['kind'], modelName: string): RunningModel | undefined {
    return this.#running.find((each) => each.kind === kind && each.compiled.name === modelName);
  }

  #moveTo(now: number): void {
    const { limits, traces, keepsStates } = this.#context;
    // One literal: a spread costs as much as a step, and most messages advance the clock.
    if (now > this.time) this.#context = { now, limits, traces, keepsStates };
  }

  #readPayload(payload: Payload | string): Payload | string {
    const read = typeof payload === 'string' ? parsePayload(payload) : payload;
    if (typeof read === 'string') return read;
    const limit = this.#limits.messageBytes;
    if (mostBytes(read) <= limit || utf8Length(read.text) <= limit) return read;
    return `Payload size of ${utf8Length(read.text)} bytes exceeds the limit ${limit}`;
  }

  /** The evaluations that a message requires. Rejects it for models that cannot accept it. */
  #route(message: Message, chain: number): Work[] {
    const works: Work[] = [];
    for (const model of this.#routes.get(message.inputName) ?? []) {
      const key = keyOf(model, message.payload);
      if (key.ok) works.push({ model, keyValue: key.keyValue, message, chain });
      else this.#rejectFor(model, message, 'KEY', key.message);
    }
    return works;
  }

  /** Runs evaluations in order; those caused by an evaluation run before the rest. Returns whether any was accepted. */
  #run(works: Work[]): boolean {
    let isTaken = false;
    const waiting = works.reverse();
    for (let work = waiting.pop(); work !== undefined; work = waiting.pop()) {
      const { model, keyValue, message, chain } = work;
      const held = this.#slot.find(model.epoch, keyValue);
      const refusal = held === undefined ? refusalOfNew(model, this.#count, this.#limits) : undefined;
      if (refusal !== undefined) {
        this.#rejectFor(model, message, 'LIMIT', refusal.message);
        continue;
      }
      isTaken = true;
      const { inputName, messageId, payload } = message;
      const input = model.compiled.inputs.get(inputName) as number;
      const trigger = { type: 'Message', input, messageId, payload } as const;
      const caused = this.#evaluate(model, keyValue, held, trigger, chain, inputName);
      if (caused.length > 0) waiting.push(...caused.reverse());
    }
    return isTaken;
  }

  readonly #count = (epoch: number): number => this.#slot.count(epoch);

  /** Evaluates a trigger. Returns the evaluations that it causes. `inputName` is the input of a message. */
  #evaluate(
    model: RunningModel,
    keyValue: string | undefined,
    before: Held | undefined,
    trigger: AlarmTrigger,
    chain: number,
    inputName = '',
  ): Work[] {
    const { evaluated } = this.#slot.evaluate(model, keyValue, before, trigger, this.#context, this.#undo);
    // Nothing is ever rolled back.
    this.#undo.length = 0;
    const { result } = evaluated;
    this.counts.evaluations++;
    this.counts.actions += result.effects.length;
    if ('transition' in result && result.transition !== undefined) this.counts.transitions++;
    if (this.#options.onEvaluation !== undefined)
      this.#options.onEvaluation(this.#reportOf(evaluated, inputName));
    return result.effects.length === 0 ? NONE : this.#caused(result.effects, chain);
  }

  #reportOf(evaluated: Evaluated, inputName: string): SimulatedEvaluation {
    const { model, keyValue, trigger, instance, result } = evaluated;
    return {
      sequence: this.counts.evaluations,
      time: this.time,
      model: this.#modelOf(model),
      keyValue,
      trigger: shownTrigger(trigger, inputName),
      stateBefore: stateBefore(evaluated),
      stateAfter: model.behaviour.stateOf(model, instance),
      effects: result.effects,
      problems: result.problems,
      trace: result.trace,
    };
  }

  /** The evaluations that the iotEvents actions among the effects cause. The chain is divided as on the server. */
  #caused(effects: readonly AlarmEffect[], chain: number): Work[] {
    const causing = effects.filter((effect) => effect.type === 'iotEvents');
    const part = Math.floor(chain / causing.length);
    return causing.flatMap((effect) => {
      if (effect.type === 'notification' || !buildRequest(effect).ok) return [];
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
      // No simulated model reads the input; the message is listed among the actions.
      return this.#route({ inputName, messageId, payload, isCaused: true }, part - 1);
    });
  }

  #reject(rejection: Omit<Rejection, 'time'>): void {
    this.counts.rejected++;
    this.#options.onRejection?.({ time: this.time, ...rejection });
  }

  #rejectFor(
    { compiled }: RunningModel,
    { inputName, messageId, isCaused }: Message,
    reason: Rejection['reason'],
    message: string,
  ): void {
    this.#reject({ inputName, messageId, modelName: compiled.name, reason, message, isCaused });
  }

  /** Fires all timers that are due at that time, in the order in which detectors were created. */
  #fire(time: number): void {
    const due: Held[] = [];
    for (let next = this.#slot.takeDue(time); next !== undefined; next = this.#slot.takeDue(time))
      due.push(next.held);
    if (due.length === 0) return;
    this.#moveTo(time);
    for (const held of due.sort((a, b) => createdBy(a) - createdBy(b))) {
      // An earlier evaluation may have cleared or restarted the timer.
      const next = this.#slot.dueOf(held, time);
      if (next?.timerName === undefined) continue;
      const { model, keyValue } = held;
      const trigger = { type: 'Timer', timerName: next.timerName } as const;
      this.#run(this.#evaluate(model, keyValue, held, trigger, this.#limits.chainMessages));
    }
  }

  #modelOf({ epoch }: RunningModel): SimulatedModel {
    return this.models[epoch] as SimulatedModel;
  }

  #instanceOf({ model, keyValue, instance }: Held): Instance | undefined {
    if (instance === undefined) return undefined;
    return {
      model: this.#modelOf(model),
      keyValue,
      state: model.behaviour.stateOf(model, instance),
      timers: instance.timers,
      detector: 'otherVariables' in instance ? instance : undefined,
    };
  }
}

const NONE: Work[] = [];

type Refused = Pick<Rejection, 'reason' | 'message'>;

/** A message that an input has accepted. */
interface Message {
  readonly inputName: string;
  readonly messageId: string;
  readonly payload: Payload;
  readonly isCaused: boolean;
}

/** A pending evaluation of a message. */
interface Work {
  readonly model: RunningModel;
  readonly keyValue: string | undefined;
  readonly message: Message;
  /** How many messages it may still cause, directly and indirectly. */
  readonly chain: number;
}

function runModel(model: SimulatedModel, epoch: number): RunningModel {
  // Nothing is sent, so there is no role.
  return model.kind === 'detector'
    ? runDetectorModel(model.compiled, epoch, '')
    : runAlarmModel(model.compiled, epoch, '');
}

function shownTrigger(trigger: AlarmTrigger, inputName: string): SimulatedTrigger {
  if (trigger.type !== 'Message') return trigger;
  const { type, messageId, payload } = trigger;
  return { type, inputName, messageId, payload };
}

function stateBefore(evaluated: Evaluated): string | undefined {
  if (evaluated.kind === 'alarm') return evaluated.before?.state;
  const { isNew, model, result } = evaluated;
  if (isNew || !('stateBefore' in result)) return undefined;
  return model.compiled.states[result.stateBefore]?.name;
}

/** The sequence of the evaluation that created the instance. */
function createdBy({ instance }: Held): number {
  return instance?.createdBy ?? 0;
}

function compareKeys(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
