import { applyCommand, applyMessage } from '../../core/engine/apply.ts';
import { type InstanceCommand, kindOf } from '../../core/engine/commands.ts';
import type { Held } from '../../core/engine/held.ts';
import type { KindName } from '../../core/engine/kind.ts';
import { type Outcome, type Refusal, unreadableRow } from '../../core/engine/refusal.ts';
import { keyOf, slotUnder } from '../../core/engine/routing.ts';
import type { RunningModel } from '../../core/engine/running.ts';
import type { Slot } from '../../core/engine/slot.ts';
import type { Turn } from '../../core/engine/turn.ts';
import type { Limits } from '../../limits.ts';
import type { Admission } from '../admission.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { MessageId } from '../dedupe.ts';
import type { Log } from '../log.ts';
import type { AcceptedMessage } from '../message-history.ts';
import type { RuntimeMetrics } from '../metrics.ts';
import type { HostState, HostTurn } from './turn.ts';

export interface EvaluatorOptions {
  readonly admission: Admission;
  readonly limits: Limits;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
}

/** Evaluates messages, commands and timers into the turns of the embedded host, which has all slots in one process. */
export class Evaluator {
  readonly #state: HostState;
  readonly #options: EvaluatorOptions;

  constructor(state: HostState, options: EvaluatorOptions) {
    this.#state = state;
    this.#options = options;
  }

  /** The definitions, including those of turns that are not durable yet. */
  get catalog(): Catalog {
    return this.#state.catalog;
  }

  get slots(): readonly Slot[] {
    return this.#state.slots;
  }

  slotFor({ slotHash }: RunningModel, keyValue: string | undefined): Slot {
    const { slots } = this.#state;
    return slots[slotUnder(slotHash, keyValue, slots.length)] as Slot;
  }

  /** Instances of a model. A field, so that a message does not create a closure. */
  readonly count = (epoch: number): number =>
    this.#state.slots.reduce((count, slot) => count + slot.count(epoch), 0);

  /**
   * A lower bound of the time when the next timer is due, in milliseconds of the host's time; Infinity without timers.
   * Looks at the slots only if something may be due at `now`.
   */
  nextDue(now: number): number {
    const { deadline } = this.#state;
    if (deadline.time <= now) deadline.time = this.#earliestSlot()?.nextDue ?? Number.POSITIVE_INFINITY;
    return deadline.time;
  }

  /** The running model of that name, or a refusal. */
  modelOf(kind: KindName, modelName: string): RunningModel | Refusal {
    const { catalog } = this.#state;
    const model = (kind === 'detector' ? catalog.models : catalog.alarmModels).get(modelName);
    if (model !== undefined) return model.active;
    const what = kind === 'detector' ? 'Detector model' : 'Alarm model';
    return { code: 'ResourceNotFoundException', message: `${what} of name: ${modelName} not found` };
  }

  /**
   * Evaluates messages in order as part of a turn. `chain` is the number of messages that each may still cause through
   * iotEvents actions, directly and indirectly.
   */
  messages(turn: HostTurn, messages: readonly AcceptedMessage[], chain: number): readonly Outcome[] {
    const ids = this.#options.admission.identify(messages);
    return messages.map((message, index) => this.#message(turn, message, ids[index] as MessageId, chain));
  }

  #message(turn: HostTurn, message: AcceptedMessage, id: MessageId, chain: number): Outcome {
    const admitted = this.#options.admission.admit(this.#state.catalog, id, message.payload, turn.now);
    if (admitted.type === 'Duplicate') return undefined;
    if (admitted.type === 'Refuse') return admitted.refusal;
    const { models } = admitted;
    const { instances } = turn;
    const mark = models.length > 1 ? turn.mark() : undefined;
    const faults: string[] = [];
    for (const model of models) {
      const key = keyOf(model, message.payload);
      if (!key.ok) {
        faults.push(key.message);
        continue;
      }
      const { keyValue } = key;
      const slot = this.slotFor(model, keyValue);
      const refusal = applyMessage(instances, slot, model, keyValue, message, this.count);
      if (refusal === undefined) continue;
      if (refusal.code === 'InternalFailureException') {
        // Either all models evaluate the message or none, so that it can be sent again once the row is repaired.
        if (mark !== undefined) turn.rollBack(mark);
        this.#options.log.error(instanceFields(model, keyValue), refusal.message);
        return refusal;
      }
      faults.push(refusal.message);
    }
    instances.settle(chain);
    if (faults.length === 0 || faults.length < models.length) turn.accept(id, message);
    return faults.length === 0 ? undefined : { code: 'InvalidRequestException', message: faults.join('; ') };
  }

  /** Executes a command as part of a turn. */
  command(turn: HostTurn, command: InstanceCommand): Outcome {
    const { keyValue } = command;
    const model = this.modelOf(kindOf(command), command.modelName);
    if ('code' in model) return model;
    return applyCommand(turn.instances, this.slotFor(model, keyValue), model, command);
  }

  /**
   * Fires the timer that is overdue the longest. Returns undefined when none is due; otherwise where its instance is
   * held, if it still exists.
   */
  timer(turn: Turn): { readonly held: Held | undefined } | undefined {
    const slot = this.#earliestSlot();
    if (slot === undefined || slot.nextDue > turn.now) return undefined;
    const late = turn.now - slot.nextDue;
    const due = slot.takeDue(turn.now);
    // The entry is outdated, since the timer was moved; another slot may have a timer that is due.
    if (due === undefined) return { held: undefined };
    const { held } = due;
    const { model, keyValue } = held;
    if (due.unreadable !== undefined) {
      const err = new Error(unreadableRow(model, keyValue, due.unreadable).message);
      this.#options.log.error({ err, ...instanceFields(model, keyValue) }, 'a row cannot be read');
      return { held };
    }
    const { timerName } = due;
    this.#options.metrics.timer(late / 1000);
    const mark = turn.mark();
    try {
      turn.evaluate(slot, model, keyValue, held, { type: 'Timer', timerName });
      turn.settle(this.#options.limits.chainMessages);
    } catch (err) {
      turn.rollBack(mark);
      const fields = { err, ...instanceFields(model, keyValue), timerName };
      this.#options.log.error(fields, 'timer could not be evaluated');
    }
    return { held };
  }

  #earliestSlot(): Slot | undefined {
    let earliest: Slot | undefined;
    for (const slot of this.#state.slots)
      if (slot.nextDue < (earliest?.nextDue ?? Number.POSITIVE_INFINITY)) earliest = slot;
    return earliest;
  }
}

/** The log fields that identify an instance. */
export function instanceFields(
  { kind, compiled: { name } }: RunningModel,
  keyValue: string | undefined,
): Readonly<Record<string, unknown>> {
  return { ...(kind === 'detector' ? { detectorModelName: name } : { alarmModelName: name }), keyValue };
}
