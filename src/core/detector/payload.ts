import type { Limits } from '../../limits.ts';
import type { Scope } from '../expression/index.ts';
import { parseJson, renderJson } from '../expression/json.ts';
import { utf8Length } from '../expression/utf8.ts';
import { isValue, renderText } from '../expression/value.ts';
import type { CompiledPayload } from '../model/compiled.ts';
import type { EffectPayload } from './effect.ts';
import type { Evaluation } from './evaluation.ts';
import { shownAt, wallOf } from './instant.ts';
import { COULD_NOT_EVALUATE, jsonNeedsString, NOT_JSON } from './messages.ts';
import { namedVariables } from './variables.ts';

export type PayloadResult =
  /** With `warning`, the payload is sent nevertheless. */
  | { readonly ok: true; readonly payload: EffectPayload; readonly warning?: string }
  | { readonly ok: false; readonly message: string };

/** Evaluates the payload that an action defines, up to `limits.payloadBytes`. */
export function evaluateCustomPayload(payload: CompiledPayload, scope: Scope, limits: Limits): PayloadResult {
  const content = payload.evaluate(scope);
  if (!isValue(content)) return { ok: false, message: COULD_NOT_EVALUATE };
  if (payload.type === 'JSON' && typeof content !== 'string') {
    return { ok: false, message: jsonNeedsString(payload.text) };
  }
  const text = renderText(content);
  if (utf8Length(text) > limits.payloadBytes) return { ok: false, message: COULD_NOT_EVALUATE };
  const isInvalid = payload.type === 'JSON' && !parseJson(text).ok;
  return { ok: true, payload: { type: payload.type, text }, ...(isInvalid && { warning: NOT_JSON }) };
}

/** The payload of an action that defines none, with members in the service's order (reference: payloads 1). */
export function defaultPayload(evaluation: Evaluation, eventName: string, actionExecutionId: string): string {
  const { model, trigger, context, keyValue } = evaluation;
  const eventTriggerDetails =
    trigger.type === 'Message'
      ? {
          inputName: model.inputNames[trigger.input] ?? '',
          messageId: trigger.messageId,
          triggerType: 'Message',
        }
      : { triggerType: 'Timer', timerName: trigger.timerName };
  return renderJson({
    eventTime: wallOf(context),
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
        variables: Object.fromEntries(namedVariables(model, evaluation.detector)),
        timers: Object.fromEntries(
          evaluation.timers.map(({ name, expiresAt }) => [name, shownAt(context, expiresAt)]),
        ),
      },
    },
    eventName,
  });
}
