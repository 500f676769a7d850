import type { RowWriter } from '../../row-writer.ts';
import type { RowText } from '../../stored-rows.ts';
import type { AlarmTrigger } from '../alarm/types.ts';
import type { StepContext } from '../detector/types.ts';
import type { InstanceCommand } from './commands.ts';
import type { Refusal } from './refusal.ts';
import type { Evaluated, Instance, RunningModel } from './running.ts';
import type { InstanceView } from './views.ts';

export type KindName = 'detector' | 'alarm';

/**
 * What a slot needs to know about a kind of instance; implemented once for detectors and once for alarms. An epoch
 * belongs to one model, so all entries under it are of that model's kind: the implementations narrow the types that
 * this interface leaves as unions.
 */
export interface Kind {
  /** Evaluates a trigger, creating the instance if `before` is undefined. Never throws. */
  evaluate(
    model: RunningModel,
    keyValue: string | undefined,
    before: Instance | undefined,
    trigger: AlarmTrigger,
    context: StepContext,
    keepsStates: boolean,
  ): Evaluated;
  /** Writes an instance as the value of a row, without its end. */
  write(model: RunningModel, instance: Instance, out: RowWriter): void;
  decode(model: RunningModel, text: string): DecodeResult;
  /**
   * When the first timer of an encoded instance expires: Infinity if none is running, undefined if only decoding can
   * tell.
   */
  firstExpiry(row: RowText): number | undefined;
  /** The name of the instance's state. */
  stateOf(model: RunningModel, instance: Instance): string;
  /** The instance as plain data. */
  view(model: RunningModel, keyValue: string | undefined, instance: Instance): InstanceView;
  /** Converts an instance to another version of its model; undefined when that version cannot represent it. */
  carryOver(from: RunningModel, to: RunningModel, instance: Instance): Instance | undefined;
  /** Names of attributes that another version reads and existing instances have not stored. */
  attributesNotKept(from: RunningModel, to: RunningModel): readonly string[];
  /** Decides how an instance responds to a command. Changes nothing. */
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

/** How an instance responds to a command. */
export type Reaction =
  | { readonly type: 'Replace'; readonly instance: Instance }
  | { readonly type: 'Remove' }
  | { readonly type: 'Evaluate'; readonly trigger: AlarmTrigger }
  | { readonly type: 'Refuse'; readonly refusal: Refusal };
