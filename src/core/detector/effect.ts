import type { Limits } from '../../limits.ts';
import { utf8Length } from '../expression/utf8.ts';
import type { Value } from '../expression/value.ts';
import type { ExternalActionType } from '../model/definition.ts';

/** Where and when an effect was caused. */
export interface EffectSource {
  /** A version 3 UUID derived from (detector or alarm, sequence, time, position): the same on every retry. */
  readonly actionExecutionId: string;
  /** One of the two model names is present. */
  readonly detectorModelName?: string;
  readonly alarmModelName?: string;
  /** Absent for a model without a key. */
  readonly keyValue?: string;
  /** For an alarm, the state that it changed to. */
  readonly eventName: string;
  /** Milliseconds since the epoch; the same for all actions of an evaluation (reference: payloads 1). */
  readonly eventTime: number;
}

/**
 * One external action of one evaluation, with all expressions evaluated. `action/` turns it into a service request.
 * Plain data.
 */
export interface ActionEffect extends EffectSource {
  readonly type: ExternalActionType;
  /**
   * Parameters by their names in the definition, with nested members joined by dots
   * (`propertyValue.value.doubleValue`): literals as written, expressions as their values. The payload is separate.
   */
  readonly parameters: Readonly<Record<string, Value>>;
  readonly payload: EffectPayload;
}

export interface EffectPayload {
  /** `DEFAULT` is a JSON object (reference: payloads 1). */
  readonly type: 'DEFAULT' | 'STRING' | 'JSON';
  /** The text to send. With `JSON` it is not necessarily valid JSON (reference: payloads 2). */
  readonly text: string;
}

/**
 * Returns why an action of `size` bytes must not be executed, given `before` bytes of earlier actions in the
 * evaluation; undefined if it may.
 */
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

/** The parts of an effect that count towards its size. */
interface Sized {
  readonly parameters?: ActionEffect['parameters'];
  readonly payload?: EffectPayload | undefined;
}

/** The total length of an effect's texts in UTF-8, in bytes. */
export function sizeOf({ parameters = {}, payload }: Sized): number {
  let size = payload === undefined ? 0 : utf8Length(payload.text);
  for (const name in parameters) {
    const value = parameters[name];
    if (typeof value === 'string') size += utf8Length(value);
  }
  return size;
}
