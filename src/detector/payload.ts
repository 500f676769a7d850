import { parseJson, renderJson } from '../expression/json.ts';
import { utf8Length } from '../expression/utf8.ts';
import { isValue, renderText } from '../expression/value.ts';
import type { CompiledPayload } from '../model/compiled.ts';
import type { EffectPayload } from './effect.ts';
import type { Evaluation } from './evaluation.ts';
import { COULD_NOT_EVALUATE, jsonNeedsString, NOT_JSON } from './messages.ts';
import { namedVariables } from './variables.ts';

export type PayloadResult =
  | { readonly ok: true; readonly payload: EffectPayload }
  | { readonly ok: false; readonly message: string };

/** The payload of one external action: the custom one when the action has it, else the default. */
export function evaluatePayload(
  evaluation: Evaluation,
  eventName: string,
  payload: CompiledPayload | undefined,
  actionExecutionId: string,
): PayloadResult {
  if (payload === undefined) {
    const text = defaultPayload(evaluation, eventName, actionExecutionId);
    return { ok: true, payload: { type: 'DEFAULT', text } };
  }
  const content = payload.evaluate(evaluation);
  if (!isValue(content)) return { ok: false, message: COULD_NOT_EVALUATE };
  if (payload.type === 'JSON' && typeof content !== 'string') {
    return { ok: false, message: jsonNeedsString(payload.text) };
  }
  const text = renderText(content);
  if (utf8Length(text) > evaluation.context.limits.payloadBytes)
    return { ok: false, message: COULD_NOT_EVALUATE };
  if (payload.type === 'JSON' && !parseJson(text).ok) evaluation.report('WARNING', eventName, NOT_JSON);
  return { ok: true, payload: { type: payload.type, text } };
}

/** The default payload, in the order of members that the service used (spec: actions 2.1). */
function defaultPayload(evaluation: Evaluation, eventName: string, actionExecutionId: string): string {
  const { model, trigger, context, keyValue } = evaluation;
  const eventTriggerDetails =
    trigger.type === 'Message'
      ? {
          inputName: model.inputs.names[trigger.input] ?? '',
          messageId: trigger.messageId,
          triggerType: 'Message',
        }
      : { triggerType: 'Timer', timerName: trigger.timerName };
  return renderJson({
    eventTime: context.now,
    payload: {
      actionExecutionId,
      detector: {
        detectorModelName: model.name,
        ...(keyValue !== undefined && { keyValue }),
        detectorModelVersion: model.version,
      },
      eventTriggerDetails,
      state: {
        stateName: model.states[evaluation.state]?.name ?? '',
        variables: Object.fromEntries(namedVariables(model, evaluation)),
        timers: Object.fromEntries(evaluation.timers.map((timer) => [timer.name, timer.expiresAt])),
      },
    },
    eventName,
  });
}
