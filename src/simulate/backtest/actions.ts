import type { AlarmEffect } from '../../core/alarm/types.ts';
import { parseJson, renderJson } from '../../core/expression/json.ts';
import type { Json } from '../../core/expression/value.ts';
import { isObject, type JsonObject } from '../payload.ts';
import { requestsOf, type SimulatedRequest } from '../records.ts';
import { targetOf } from '../scenario/actions.ts';

/** An external action of one of the two versions. */
export interface ComparedAction {
  readonly type: string;
  readonly target: string;
  readonly request: SimulatedRequest;
  /** The request without the parts that legitimately differ between two versions of a model. */
  readonly compared: string;
}

/** A difference in actions: one version's action without a counterpart, or two actions with different requests. */
export interface ActionDifference {
  readonly keyValue: string | undefined;
  readonly time: number;
  readonly type: string;
  readonly target: string;
  readonly old: SimulatedRequest | undefined;
  readonly new: SimulatedRequest | undefined;
}

export function comparedActions(effect: AlarmEffect): ComparedAction[] {
  const target = targetOf(effect) ?? '';
  const requests = requestsOf(effect);
  const compared = requestsOf(anonymous(effect));
  return requests.map((request, index) => {
    const text = JSON.stringify([compared[index]?.request, compared[index]?.error]);
    return { type: effect.type, target, request, compared: text };
  });
}

/** The effect without anything that identifies the model, its version or the execution. */
function anonymous(effect: AlarmEffect): AlarmEffect {
  const { detectorModelName, alarmModelName, ...rest } = effect;
  if (rest.type === 'notification')
    return { ...rest, actionExecutionId: '', event: withoutNames(rest.event) };
  const { payload } = rest;
  const text = payload.type === 'DEFAULT' ? withoutNames(payload.text) : payload.text;
  return { ...rest, actionExecutionId: '', payload: { ...payload, text } };
}

const NAMES = ['actionExecutionId', 'detectorModelName', 'detectorModelVersion', 'alarmModelName'];

function withoutNames(text: string): string {
  const parsed = parseJson(text);
  return parsed.ok && isObject(parsed.value) ? renderJson(strip(parsed.value)) : text;
}

/** The default payload has these names at its top level, in `payload` and in `payload.detector`. */
function strip(object: JsonObject): Json {
  const members = Object.entries(object).filter(([name]) => !NAMES.includes(name));
  return Object.fromEntries(
    members.map(([name, member]) => {
      return [name, (name === 'payload' || name === 'detector') && isObject(member) ? strip(member) : member];
    }),
  );
}

/** The actions of one instant. Those with the same key, type and target are paired in order. */
export class Instant {
  readonly #old = new Map<string, { keyValue: string | undefined; actions: ComparedAction[] }>();
  readonly #new = new Map<string, { keyValue: string | undefined; actions: ComparedAction[] }>();

  get isEmpty(): boolean {
    return this.#old.size === 0 && this.#new.size === 0;
  }

  add(side: 'old' | 'new', keyValue: string | undefined, action: ComparedAction): void {
    const place = `${keyValue ?? ''}\0${action.type}\0${action.target}`;
    const own = side === 'old' ? this.#old : this.#new;
    const known = own.get(place);
    if (known === undefined) own.set(place, { keyValue, actions: [action] });
    else known.actions.push(action);
  }

  /** Pairs with different requests, and actions without a partner. */
  differences(time: number): ActionDifference[] {
    const found: ActionDifference[] = [];
    for (const place of new Set([...this.#old.keys(), ...this.#new.keys()])) {
      const [old, other] = [this.#old.get(place), this.#new.get(place)];
      const keyValue = (old ?? other)?.keyValue;
      const count = Math.max(old?.actions.length ?? 0, other?.actions.length ?? 0);
      for (let at = 0; at < count; at++) {
        const [a, b] = [old?.actions[at], other?.actions[at]];
        const either = a ?? b;
        if (either === undefined || a?.compared === b?.compared) continue;
        const { type, target } = either;
        found.push({ keyValue, time, type, target, old: a?.request, new: b?.request });
      }
    }
    return found;
  }
}
