import { traceData } from '../../../src/core/detector/trace-data.ts';
import type { SimulatedTrigger } from '../../../src/simulate/evaluation.ts';
import { requestsOf } from '../../../src/simulate/records.ts';
import type { Moment } from '../../../src/simulate/session/moment.ts';
import type { EvaluationEvent } from '../api/events.ts';

export type EvaluationMoment = Extract<Moment, { readonly kind: 'evaluation' }>;

/** An evaluation of a session as the server sends those of its detectors; its id is its place among the moments. */
export function eventOf({ evaluation, time }: EvaluationMoment, index: number): EvaluationEvent | undefined {
  const { model, keyValue, trigger, stateBefore, stateAfter, trace } = evaluation;
  if (trace === undefined) return undefined;
  return {
    id: index,
    at: time,
    kind: model.kind,
    modelName: model.compiled.name,
    modelVersion: model.compiled.version,
    ...(keyValue !== undefined && { keyValue }),
    trigger: triggerOf(trigger),
    ...(stateBefore !== undefined && { from: stateBefore }),
    to: stateAfter,
    trace: traceData(trace),
  };
}

function triggerOf(trigger: SimulatedTrigger): EvaluationEvent['trigger'] {
  switch (trigger.type) {
    case 'Timer':
      return trigger;
    case 'CustomerAction':
      return { type: 'CustomerAction', actionName: trigger.action.actionName };
    case 'Message': {
      const { inputName, messageId, payload } = trigger;
      return { type: 'Message', inputName, messageId, payload: payload.text };
    }
  }
}

/** The requests that the actions of an evaluation would have sent, by the id of the action's execution. */
export function requestTexts({ evaluation }: EvaluationMoment): ReadonlyMap<string, string> {
  const requests = evaluation.effects.flatMap(requestsOf);
  return new Map(
    requests.map(({ actionExecutionId, request, error }) => [
      actionExecutionId,
      error ?? JSON.stringify(request, undefined, 2),
    ]),
  );
}
