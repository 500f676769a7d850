import type { Outcome, Refusal } from '../core/engine/refusal.ts';
import { keyOf, slotOf } from '../core/engine/routing.ts';
import type { Limits } from '../limits.ts';
import { sizeRefusal } from '../runtime/admission.ts';
import type { Catalog } from '../runtime/catalog/catalog.ts';
import type { IncomingMessage } from '../runtime/messages.ts';
import { SLOTS, type WireCommand, type WireOutcome } from './contract.ts';

/** The destinations of a message: a command for each instance, and the reasons why some models cannot take it. */
export type Routed =
  | {
      readonly type: 'Route';
      readonly commands: readonly { readonly slot: number; readonly command: WireCommand }[];
      readonly faults: readonly string[];
    }
  | { readonly type: 'Refuse'; readonly refusal: Refusal };

/** `chain` is the number of messages that it may still cause through iotEvents actions. */
export function routeMessage(
  catalog: Catalog,
  { inputName, messageId, payload }: IncomingMessage,
  chain: number,
  limits: Limits,
): Routed {
  const { text } = payload;
  const size = sizeRefusal(text, limits.messageBytes);
  if (size !== undefined) return { type: 'Refuse', refusal: size };
  if (!catalog.takes(inputName)) {
    const refusal = {
      code: 'ResourceNotFoundException',
      message: `Input of name: ${inputName} not found`,
    } as const;
    return { type: 'Refuse', refusal };
  }
  const commands: { slot: number; command: WireCommand }[] = [];
  const faults: string[] = [];
  for (const model of catalog.route(inputName)) {
    const key = keyOf(model, payload);
    if (!key.ok) {
      faults.push(key.message);
      continue;
    }
    const { keyValue } = key;
    const slot = slotOf(model.compiled.name, keyValue, SLOTS);
    const { kind, epoch } = model;
    const common = { type: 'Message', kind, epoch, messageId, inputName, text, chain } as const;
    commands.push({ slot, command: keyValue === undefined ? common : { ...common, keyValue } });
  }
  return { type: 'Route', commands, faults };
}

/**
 * The outcome of a message as a whole: undefined when all its instances took it, `Stale` when it must be routed again
 * with a newer catalog; instances that already took it recognize its id.
 */
export function outcomeOfMessage(
  faults: readonly string[],
  outcomes: readonly WireOutcome[],
): Outcome | 'Stale' {
  if (outcomes.includes('Stale')) return 'Stale';
  const refusals = outcomes.flatMap((each) => (typeof each === 'string' ? [] : [each]));
  const broken = refusals.find(({ code }) => code === 'InternalFailureException');
  if (broken !== undefined) return broken;
  const all = [...faults, ...refusals.map(({ message }) => message)];
  return all.length === 0 ? undefined : { code: 'InvalidRequestException', message: all.join('; ') };
}
