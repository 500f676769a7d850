import type { AlarmTrigger } from '../alarm/types.ts';
import type { StepContext } from '../detector/types.ts';
import type { InstanceCommand } from './commands.ts';
import type { Refusal } from './refusal.ts';
import type { Evaluated, Instance, RunningModel } from './running.ts';
import type { InstanceView } from './views.ts';

export type KindName = 'detector' | 'alarm';

/**
 * What a slot must know of a kind of instance: one object for detectors, one for alarms. An epoch belongs to one model,
 * so whatever is held under it is of that model's kind; the two objects name their own types where this one names both.
 */
export interface Kind {
  /** Evaluates a trigger; without an instance (`before`) it creates one. Never throws. */
  evaluate(
    model: RunningModel,
    keyValue: string | undefined,
    before: Instance | undefined,
    trigger: AlarmTrigger,
    context: StepContext,
    keepsStates: boolean,
  ): Evaluated;
  /** The instance as text, for its row. */
  encode(model: RunningModel, instance: Instance): string;
  decode(model: RunningModel, text: string): DecodeResult;
  /**
   * When the first timer of an encoded instance expires, Infinity when none runs; undefined when only decoding tells.
   */
  firstExpiry(text: string): number | undefined;
  /** The name of the state that the instance is in. */
  stateOf(model: RunningModel, instance: Instance): string;
  /** The instance as plain data. */
  view(model: RunningModel, keyValue: string | undefined, instance: Instance): InstanceView;
  /** The instance under another version of its model; undefined when that has no place for it. */
  carryOver(from: RunningModel, to: RunningModel, instance: Instance): Instance | undefined;
  /** What another version of a model reads of messages, and no instance has kept: the attributes by their names. */
  attributesNotKept(from: RunningModel, to: RunningModel): readonly string[];
  /** What a command does to an instance, without doing it. */
  react(
    model: RunningModel,
    instance: Instance,
    command: InstanceCommand,
    context: Pick<StepContext, 'now' | 'wall' | 'limits'>,
  ): Reaction;
}

export type DecodeResult =
  | { readonly ok: true; readonly instance: Instance }
  | { readonly ok: false; readonly message: string };

/** The instance is replaced or removed, or evaluates a trigger, or the command is refused. */
export type Reaction =
  | { readonly type: 'Replace'; readonly instance: Instance }
  | { readonly type: 'Remove' }
  | { readonly type: 'Evaluate'; readonly trigger: AlarmTrigger }
  | { readonly type: 'Refuse'; readonly refusal: Refusal };
