import type { AlarmTrigger } from '../core/alarm/types.ts';
import type { Advance } from '../core/detector/types.ts';
import type { Evaluated, RunningModel } from '../core/engine/running.ts';
import { WholeDecimal } from '../core/expression/value.ts';
import { readPayload } from '../runtime/messages.ts';

/** An evaluation as it travels from a worker to a front: instances as their rows, the message as its text. */
export interface WireEvaluated {
  readonly epoch: number;
  readonly keyValue?: string;
  readonly trigger: Exclude<AlarmTrigger, { type: 'Message' }> | WireMessageTrigger;
  readonly before?: string;
  readonly after: string;
  readonly keepsStates: boolean;
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
  const { model, keyValue, trigger, before, after, changedState, result } = evaluated;
  const { effects, problems, trace } = result;
  return {
    epoch: model.epoch,
    ...(keyValue !== undefined && { keyValue }),
    trigger:
      trigger.type === 'Message'
        ? {
            type: 'Message',
            input: trigger.input,
            messageId: trigger.messageId,
            text: trigger.payload.text,
          }
        : trigger,
    ...(before !== undefined && { before: model.behaviour.encode(model, before) }),
    after: model.behaviour.encode(model, after),
    keepsStates: evaluated.kind === 'detector' && evaluated.keepsStates,
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
  const { keyValue, trigger, keepsStates, changedState, result } = wire;
  const decode = (row: string) => {
    const decoded = model.behaviour.decode(model, row);
    return decoded.ok ? decoded.instance : undefined;
  };
  const after = decode(wire.after);
  const read = triggerFromWire(trigger);
  if (after === undefined || read === undefined) return undefined;
  const before = wire.before === undefined ? undefined : decode(wire.before);
  // Which of the two kinds it is, the model tells: whoever looks at one goes by `kind`.
  return {
    kind: model.kind,
    ...{ model, keyValue, trigger: read, before, after, keepsStates, changedState },
    result: { ...result, trace: result.trace },
  } as Evaluated;
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
