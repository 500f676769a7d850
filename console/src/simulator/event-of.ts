import { traceData } from '../../../src/core/detector/trace-data.ts';
import { requestsOf } from '../../../src/simulate/records.ts';
import type { Moment } from '../../../src/simulate/session/moment.ts';
import type { EvaluationEvent } from '../api/events.ts';

export type EvaluationMoment = Extract<Moment, { readonly kind: 'evaluation' }>;

/** An evaluation of a session as the server sends those of its detectors; its id is its place among the moments. */
export function eventOf({ evaluation, time }: EvaluationMoment, index: number): EvaluationEvent | undefined {
  const { model, keyValue, trigger, stateBefore, stateAfter, trace } = evaluation;
  if (trace === undefined || trigger.type === 'CustomerAction') return undefined;
  return {
    id: index,
    at: time,
    kind: model.kind,
    modelName: model.compiled.name,
    modelVersion: model.compiled.version,
    ...(keyValue !== undefined && { keyValue }),
    trigger:
      trigger.type === 'Timer'
        ? trigger
        : {
            type: 'Message',
            inputName: trigger.inputName,
            messageId: trigger.messageId,
            payload: trigger.payload.text,
          },
    ...(stateBefore !== undefined && { from: stateBefore }),
    to: stateAfter,
    trace: traceData(trace),
  };
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
