import { type TraceData, traceData } from '../../core/detector/trace-data.ts';
import type { Evaluated } from '../../core/engine/running.ts';

/**
 * One evaluation of a detector or an alarm, as `GET /_tripline/events` sends it. Values are JSON text, like variables
 * in the API: `30.0`, `"text"`; absent where there is none. Times are milliseconds since the epoch.
 */
export interface EvaluationEvent {
  readonly id: number;
  readonly at: number;
  readonly kind: 'detector' | 'alarm';
  readonly modelName: string;
  readonly modelVersion: string;
  readonly keyValue?: string;
  readonly trigger: EventTrigger;
  /** The previous state; absent when the evaluation created the detector or alarm. */
  readonly from?: string;
  readonly to: string;
  readonly trace: TraceData;
}

export type EventTrigger =
  | {
      readonly type: 'Message';
      readonly inputName: string;
      readonly messageId: string;
      readonly payload: string;
    }
  | { readonly type: 'Timer'; readonly timerName: string }
  | { readonly type: 'CustomerAction'; readonly actionName: string };

/** Characters of a payload that are kept. */
const LONGEST_PAYLOAD = 4000;

/** The event of a traced evaluation; undefined without a trace. */
export function eventOf(evaluated: Evaluated, id: number, at: number): EvaluationEvent | undefined {
  const { trace } = evaluated.result;
  if (trace === undefined) return undefined;
  const { kind, model, keyValue } = evaluated;
  const [from, to] = statesOf(evaluated);
  return {
    id,
    at,
    kind,
    modelName: model.compiled.name,
    modelVersion: model.compiled.version,
    ...(keyValue !== undefined && { keyValue }),
    trigger: triggerOf(evaluated),
    ...(from !== undefined && { from }),
    to,
    trace: traceData(trace),
  };
}

function statesOf(evaluated: Evaluated): readonly [from: string | undefined, to: string] {
  if (evaluated.kind === 'alarm') return [evaluated.before?.state, evaluated.instance.state];
  const { isNew, model, result } = evaluated;
  const { states, initialState } = model.compiled;
  const place = 'stateBefore' in result ? result.stateBefore : evaluated.states?.before?.state;
  const left = states[place ?? initialState]?.name ?? '';
  return [isNew ? undefined : left, result.trace?.transition?.to ?? left];
}

function triggerOf({ trigger, model }: Evaluated): EventTrigger {
  if (trigger.type === 'Timer') return { type: 'Timer', timerName: trigger.timerName };
  if (trigger.type === 'CustomerAction')
    return { type: 'CustomerAction', actionName: trigger.action.actionName };
  const { text } = trigger.payload;
  return {
    type: 'Message',
    inputName: model.compiled.inputNames[trigger.input] ?? '',
    messageId: trigger.messageId,
    payload: text.length <= LONGEST_PAYLOAD ? text : `${text.slice(0, LONGEST_PAYLOAD)}…`,
  };
}
