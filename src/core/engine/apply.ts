import type { Limits } from '../../limits.ts';
import type { Payload } from '../detector/types.ts';
import type { InstanceCommand } from './commands.ts';
import { type Outcome, unreadableRow } from './refusal.ts';
import { nameOf, nameOfInstance, type RunningModel } from './running.ts';
import type { EvaluationContext, Slot } from './slot.ts';
import { Turn } from './turn.ts';

/** A command for a slot, as plain data. `epoch` identifies the model. */
export type SlotCommand =
  | {
      readonly type: 'Message';
      readonly epoch: number;
      readonly keyValue?: string;
      readonly inputName: string;
      readonly messageId: string;
      readonly payload: Payload;
      /** How many messages this one may cause through iotEvents actions. */
      readonly chain: number;
    }
  | {
      readonly type: 'Command';
      readonly epoch: number;
      readonly command: InstanceCommand;
    };

export interface SlotContext extends EvaluationContext {
  /** The running models by epoch. */
  readonly models: ReadonlyMap<number, RunningModel>;
  /** The number of a model's instances in all slots. */
  readonly count: (epoch: number) => number;
}

export interface Applied {
  /** One per command, in order. A refused command changes nothing. */
  readonly outcomes: readonly Outcome[];
  /**
   * Contains what to commit, the effects to release, and the undo steps. Problems of timers are among its evaluations.
   */
  readonly turn: Turn;
  /** Instances with a due timer whose rows cannot be read, by key, with the reason. */
  readonly unreadable: readonly { readonly key: string; readonly message: string }[];
}

/**
 * Fires the due timers of a slot, then runs the commands in order. This is the whole interface for a host that runs one
 * slot at a time. The slot has already changed when this returns; `turn.rollBack()` undoes that.
 */
export function apply(slot: Slot, commands: readonly SlotCommand[], context: SlotContext): Applied {
  const turn = new Turn(context);
  const unreadable: { key: string; message: string }[] = [];
  for (let due = slot.takeDue(context.now); due !== undefined; due = slot.takeDue(context.now)) {
    const { held } = due;
    if (due.unreadable !== undefined) unreadable.push({ key: held.key, message: due.unreadable });
    else {
      turn.evaluate(slot, held.model, held.keyValue, held, { type: 'Timer', timerName: due.timerName });
      turn.settle(context.limits.chainMessages);
    }
  }
  const outcomes = commands.map((command): Outcome => {
    const model = context.models.get(command.epoch);
    if (model === undefined)
      return { code: 'ResourceNotFoundException', message: 'The model no longer exists' };
    if (command.type === 'Command') return applyCommand(turn, slot, model, command.command);
    const { keyValue } = command;
    const refusal = applyMessage(turn, slot, model, keyValue, command, context.count);
    turn.settle(command.chain);
    return refusal;
  });
  return { outcomes, turn, unreadable };
}

/**
 * Evaluates a message for one model and key. Returns the refusal if it cannot be evaluated. The caller settles the
 * turn.
 */
export function applyMessage(
  turn: Turn,
  slot: Slot,
  model: RunningModel,
  keyValue: string | undefined,
  message: { readonly inputName: string; readonly messageId: string; readonly payload: Payload },
  count: (epoch: number) => number,
): Outcome {
  const { inputName, messageId, payload } = message;
  const held = slot.find(model.epoch, keyValue);
  const unreadable = held?.load();
  if (unreadable !== undefined) return unreadableRow(model, keyValue, unreadable);
  const refusal = held === undefined ? refusalOfNew(model, count, turn.context.limits) : undefined;
  if (refusal !== undefined) return refusal;
  const input = model.compiled.inputs.get(inputName);
  if (input === undefined) return undefined;
  turn.evaluate(slot, model, keyValue, held, { type: 'Message', input, messageId, payload });
  return undefined;
}

/** The refusal if the model has reached its limit of instances. */
export function refusalOfNew(
  model: RunningModel,
  count: (epoch: number) => number,
  { detectorsPerModel, alarmsPerModel }: Limits,
): Outcome {
  const limit = model.kind === 'detector' ? detectorsPerModel : alarmsPerModel;
  if (count(model.epoch) < limit) return undefined;
  const what = `Number of ${model.kind}s of ${nameOf(model)}`;
  return { code: 'InvalidRequestException', message: `${what} exceeds the limit ${limit}` };
}

/** Runs a command on one instance and settles the turn. Returns the refusal if there is one. */
export function applyCommand(turn: Turn, slot: Slot, model: RunningModel, command: InstanceCommand): Outcome {
  const { modelName, keyValue } = command;
  const held = slot.find(model.epoch, keyValue);
  const unreadable = held?.load();
  if (unreadable !== undefined) return unreadableRow(model, keyValue, unreadable);
  const instance = held?.instance;
  if (held === undefined || instance === undefined) {
    const message = `${nameOfInstance(model.kind, modelName, keyValue)} not found`;
    return { code: 'ResourceNotFoundException', message };
  }
  const reaction = model.behaviour.react(model, instance, command, turn.context);
  switch (reaction.type) {
    case 'Refuse':
      return reaction.refusal;
    case 'Replace':
      turn.replace(held, reaction.instance);
      return undefined;
    case 'Remove':
      turn.remove(held);
      return undefined;
    case 'Evaluate':
      turn.evaluate(slot, model, keyValue, held, reaction.trigger);
      turn.settle(turn.context.limits.chainMessages);
      return undefined;
  }
}
