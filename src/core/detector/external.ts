import type { Limits } from '../../limits.ts';
import type { Scope } from '../expression/index.ts';
import { isValue, type Value } from '../expression/value.ts';
import type { CompiledExternalAction } from '../model/compiled.ts';
import type { ActionEffect, EffectPayload } from './effect.ts';
import { COULD_NOT_EVALUATE } from './messages.ts';
import { evaluateCustomPayload } from './payload.ts';

export type ExternalResult =
  | {
      readonly ok: true;
      readonly parameters: ActionEffect['parameters'];
      readonly payload: EffectPayload;
      /** A warning for the log; the action is sent nevertheless. */
      readonly warning?: string;
    }
  | { readonly ok: false; readonly message: string };

/**
 * Evaluates all expressions of an external action. `defaultPayload` supplies the payload when the action defines none.
 */
export function evaluateExternal(
  action: CompiledExternalAction,
  scope: Scope,
  limits: Limits,
  defaultPayload: () => string,
): ExternalResult {
  const parameters = evaluateParameters(action, scope);
  if (parameters === undefined) return { ok: false, message: COULD_NOT_EVALUATE };
  if (action.payload === undefined) {
    return { ok: true, parameters, payload: { type: 'DEFAULT', text: defaultPayload() } };
  }
  const result = evaluateCustomPayload(action.payload, scope, limits);
  return result.ok ? { ...result, parameters } : result;
}

function evaluateParameters(
  { literals, expressions }: CompiledExternalAction,
  scope: Scope,
): ActionEffect['parameters'] | undefined {
  if (expressions.length === 0) return literals;
  const parameters: Record<string, Value> = { ...literals };
  for (const { name, evaluate } of expressions) {
    const value = evaluate(scope);
    if (!isValue(value)) return undefined;
    parameters[name] = value;
  }
  return parameters;
}
