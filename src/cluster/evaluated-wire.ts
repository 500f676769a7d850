import type { AlarmTrigger } from '../core/alarm/types.ts';
import type { Advance } from '../core/detector/types.ts';
import type { Evaluated, Instance, RunningModel } from '../core/engine/running.ts';
import { WholeDecimal } from '../core/expression/value.ts';
import { readPayload } from '../runtime/messages.ts';
import { textOf } from './written.ts';

/** An evaluation as sent from a worker to a front: instances as rows, the message as text. */
export interface WireEvaluated {
  readonly epoch: number;
  readonly keyValue?: string;
  readonly trigger: Exclude<AlarmTrigger, { type: 'Message' }> | WireMessageTrigger;
  readonly isNew: boolean;
  readonly instance: string;
  /** The detector before and after, if a watcher asked for both. */
  readonly states?: { readonly before?: string; readonly after: string };
  /** The alarm before. */
  readonly before?: string;
  readonly changedState: boolean;
  readonly result: Pick<Advance, 'effects' | 'problems' | 'trace'> & { readonly stateBefore?: number };
}

interface WireMessageTrigger {
  readonly type: 'Message';
  readonly input: number;
  readonly messageId: string;
  readonly text: string;
}

export function toWire(evaluated: Evaluated): WireEvaluated {
  const { model, keyValue, trigger, isNew, changedState, instance, result } = evaluated;
  const { effects, problems, trace } = result;
  const encode = (each: Instance) => textOf((out) => model.behaviour.write(model, each, out));
  const encodeBefore = (before: Instance | undefined) => before && { before: encode(before) };
  return {
    epoch: model.epoch,
    ...(keyValue !== undefined && { keyValue }),
    trigger: triggerToWire(trigger),
    isNew,
    instance: encode(instance),
    ...(evaluated.kind === 'alarm' && encodeBefore(evaluated.before)),
    ...(evaluated.kind === 'detector' &&
      evaluated.states && {
        states: {
          ...encodeBefore(evaluated.states.before),
          after: encode(evaluated.states.after as Instance),
        },
      }),
    changedState,
    result: {
      effects: effects as Advance['effects'],
      problems,
      trace: trace as Advance['trace'],
      ...('stateBefore' in result && { stateBefore: result.stateBefore }),
    },
  };
}

/** Undefined when this version of the model cannot read the contents. */
export function fromWire(wire: WireEvaluated, model: RunningModel): Evaluated | undefined {
  const { keyValue, isNew, changedState, result, states } = wire;
  const decode = (row: string | undefined) => {
    const decoded = row === undefined ? undefined : model.behaviour.decode(model, row);
    return decoded?.ok ? decoded.instance : undefined;
  };
  const instance = decode(wire.instance);
  const trigger = triggerFromWire(wire.trigger);
  if (instance === undefined || trigger === undefined) return undefined;
  const own =
    model.kind === 'alarm'
      ? { before: decode(wire.before) }
      : { states: states && { before: decode(states.before), after: decode(states.after) } };
  // The model determines the kind; readers switch on `kind`.
  const evaluated: unknown = {
    kind: model.kind,
    ...{ model, keyValue, trigger, isNew, changedState, instance, result },
    ...own,
  };
  return evaluated as Evaluated;
}

function triggerToWire(trigger: AlarmTrigger): WireEvaluated['trigger'] {
  if (trigger.type !== 'Message') return trigger;
  const { type, input, messageId, payload } = trigger;
  return { type, input, messageId, text: payload.text };
}

function triggerFromWire(trigger: WireEvaluated['trigger']): AlarmTrigger | undefined {
  if (trigger.type !== 'Message') return trigger;
  const { text, ...rest } = trigger;
  const payload = readPayload(Buffer.from(text, 'utf8'));
  return typeof payload === 'string' ? undefined : { ...rest, payload };
}

/** Renders data as JSON that keeps values of the expression language distinct, which JSON's numbers do not. */
export function renderExact(data: unknown): string {
  return JSON.stringify(data, (_key, value: unknown) => {
    if (typeof value === 'bigint') return { $integer: String(value) };
    if (!(value instanceof WholeDecimal)) return value;
    return { $decimal: Object.is(value.value, -0) ? '-0' : String(value.value) };
  });
}

export function parseExact<T>(text: string): T {
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if ('$integer' in value) return BigInt(value.$integer as string);
    return '$decimal' in value ? new WholeDecimal(Number(value.$decimal)) : value;
  }) as T;
}
