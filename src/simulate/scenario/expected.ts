import type { AlarmEffect } from '../../core/alarm/types.ts';
import { namedVariables } from '../../core/detector/variables.ts';
import { parseJson } from '../../core/expression/json.ts';
import type { Json } from '../../core/expression/value.ts';
import { type ModelRef, type SimulatedModel, sharesName } from '../models.ts';
import type { JsonObject } from '../payload.ts';
import type { Simulator } from '../simulator.ts';
import { targetOf } from './actions.ts';

/** Derives a scenario's expectations from what a simulation did. */

/** The state of a detector, with all variables and timers of its model. */
export function expectedInstance(
  simulator: Simulator,
  model: SimulatedModel,
  keyValue: string | undefined,
): JsonObject {
  const { kind, compiled } = model;
  const instance = simulator.find(model, keyValue);
  if (instance === undefined) return { exists: false };
  if (kind === 'alarm' || instance.detector === undefined) return { state: instance.state };
  const variables = Object.fromEntries(namedVariables(compiled, instance.detector));
  const timers = instance.timers
    .filter(({ status }) => status === 'RUNNING')
    .map(({ name, expiresAt }) => [name, (expiresAt - simulator.time) / 1000] as const);
  return {
    state: instance.state,
    ...(compiled.variables.size > 0 && { allVariables: variables }),
    ...(compiled.timers.names.length > 0 && { allTimers: Object.fromEntries(timers) }),
  };
}

/** The members that name a model, where there are several. */
export function addressOf(model: ModelRef, models: readonly ModelRef[]): JsonObject {
  return {
    ...(models.length > 1 && { model: model.compiled.name }),
    ...(sharesName(model, models) && { kind: model.kind }),
  };
}

/** All external actions since the last expectation about actions, in order. */
export function expectedActions(effects: readonly AlarmEffect[]): JsonObject {
  return effects.length === 0 ? { noActions: true } : { actions: effects.map(expectedAction) };
}

function expectedAction(effect: AlarmEffect): Json {
  const { type, eventName: event } = effect;
  const target = targetOf(effect);
  const payload = effect.type === 'notification' ? undefined : payloadOfEffect(effect);
  return {
    type,
    event,
    ...(target !== undefined && { target }),
    ...(payload !== undefined && { payload }),
  };
}

/** The payload that the model defines. The default payload is excluded because it contains ids. */
function payloadOfEffect({
  payload,
}: Exclude<AlarmEffect, { readonly type: 'notification' }>): Json | undefined {
  if (payload.type === 'DEFAULT') return undefined;
  const parsed = payload.type === 'JSON' ? parseJson(payload.text) : undefined;
  return parsed?.ok && typeof parsed.value === 'object' && parsed.value !== null
    ? { $exact: parsed.value }
    : payload.text;
}

/** A duration as scenarios write it: seconds, or text if it is not whole. */
export function durationLiteral(milliseconds: number): string | number {
  return milliseconds % 1000 === 0 ? milliseconds / 1000 : `${milliseconds}ms`;
}
