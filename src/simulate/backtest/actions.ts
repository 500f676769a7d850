import type { AlarmEffect } from '../../core/alarm/types.ts';
import { parseJson, renderJson } from '../../core/expression/json.ts';
import type { Json } from '../../core/expression/value.ts';
import { isObject, type JsonObject } from '../payload.ts';
import { requestsOf, type SimulatedRequest } from '../records.ts';
import { targetOf } from '../scenario/actions.ts';

/** An external action of one side. */
export interface ComparedAction {
  readonly type: string;
  readonly target: string;
  readonly request: SimulatedRequest;
  /** Its request without what two versions of a model need not have in common. */
  readonly compared: string;
}

/** A difference in actions: one side's alone, or two whose requests differ. */
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

/** The same effect with nothing in it that names the model, its version or the execution. */
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

/** The default payload has the names in itself, in `payload` and in `payload.detector`. */
function strip(object: JsonObject): Json {
  const members = Object.entries(object).filter(([name]) => !NAMES.includes(name));
  return Object.fromEntries(
    members.map(([name, member]) => {
      return [name, (name === 'payload' || name === 'detector') && isObject(member) ? strip(member) : member];
    }),
  );
}

/** The actions of one instant, paired by key, type and target in their order. */
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

  /** What does not have an equal partner. */
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
