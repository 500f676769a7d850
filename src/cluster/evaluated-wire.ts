import type { AlarmTrigger } from '../core/alarm/types.ts';
import type { Advance } from '../core/detector/types.ts';
import type { Evaluated, Instance, RunningModel } from '../core/engine/running.ts';
import { WholeDecimal } from '../core/expression/value.ts';
import { readPayload } from '../runtime/messages.ts';

/** An evaluation as it travels from a worker to a front: instances as their rows, the message as its text. */
export interface WireEvaluated {
  readonly epoch: number;
  readonly keyValue?: string;
  readonly trigger: Exclude<AlarmTrigger, { type: 'Message' }> | WireMessageTrigger;
  readonly isNew: boolean;
  readonly instance: string;
  /** A detector before and after, where somebody asked for both. */
  readonly states?: { readonly before?: string; readonly after: string };
  /** An alarm before. */
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
  const encode = (each: Instance) => model.behaviour.encode(model, each);
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

/** Undefined when what it holds cannot be read by this version of the model. */
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
  // Which of the two kinds it is, the model tells: whoever looks at one goes by `kind`.
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

/** JSON of data with values of the expression language in it, which JSON's numbers alone do not keep apart. */
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
