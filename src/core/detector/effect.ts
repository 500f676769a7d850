import type { Limits } from '../../limits.ts';
import { utf8Length } from '../expression/utf8.ts';
import type { Value } from '../expression/value.ts';
import type { ExternalActionType } from '../model/definition.ts';

/** Who acts, and on what occasion. */
export interface EffectSource {
  /** A version 3 UUID, a function of (detector or alarm, sequence, time, position): the same on every retry. */
  readonly actionExecutionId: string;
  /** The model of the detector or the alarm: one of the two is there. */
  readonly detectorModelName?: string;
  readonly alarmModelName?: string;
  /** Absent for a model without a key. */
  readonly keyValue?: string;
  /** For an alarm the state that it changed to. */
  readonly eventName: string;
  /** Milliseconds since the epoch; one value for all actions of an evaluation (reference: payloads 1). */
  readonly eventTime: number;
}

/**
 * One external action of one evaluation, all its expressions evaluated: what `action/` turns into a service
 * request. Everything in it is data.
 */
export interface ActionEffect extends EffectSource {
  readonly type: ExternalActionType;
  /**
   * The action's parameters by the names of the definition, nested members joined by dots
   * (`propertyValue.value.doubleValue`). Literal members as they stand in the definition, expressions as their
   * values. The payload is not among them.
   */
  readonly parameters: Readonly<Record<string, Value>>;
  readonly payload: EffectPayload;
}

export interface EffectPayload {
  /** `DEFAULT` is a JSON object (reference: payloads 1). */
  readonly type: 'DEFAULT' | 'STRING' | 'JSON';
  /** The text to send. For `JSON` not necessarily valid JSON (reference: payloads 2). */
  readonly text: string;
}

/** Why an action of that size is not executed, in an evaluation whose actions have so many bytes already. */
export function refuseSize(
  type: string,
  size: number,
  before: number,
  { actionText, evaluationText }: Pick<Limits, 'actionText' | 'evaluationText'>,
): string | undefined {
  if (size > actionText)
    return `The ${type} action was not executed: its texts have ${size} bytes; the limit is ${actionText}.`;
  if (before + size > evaluationText)
    return `The ${type} action was not executed: the texts of this evaluation's actions have more than ${evaluationText} bytes.`;
  return undefined;
}

/** What sizes of effects are summed over: the texts that they send. */
interface Sized {
  readonly parameters?: ActionEffect['parameters'];
  readonly payload?: EffectPayload | undefined;
}

/** UTF-8 bytes of the texts of an effect. */
export function sizeOf({ parameters = {}, payload }: Sized): number {
  let size = payload === undefined ? 0 : utf8Length(payload.text);
  for (const name in parameters) {
    const value = parameters[name];
    if (typeof value === 'string') size += utf8Length(value);
  }
  return size;
}
