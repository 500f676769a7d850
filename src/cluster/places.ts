import type { TakeRequest } from './contract.ts';
import type { KeyValues } from './key-values.ts';

/*
 * Limits the number of instances of a model exactly, although each slot counts only its own: a slot takes places before
 * it fills them. While there is much room it takes some more than it needs, so that few messages of new instances must
 * ask. Unused places held by slots are at most 1/16 of the limit.
 */
const TAKEN = 'taken';

/** Grants as many places as are wanted and available. Returns their number. */
export async function take(state: KeyValues, { wanted, limit }: TakeRequest): Promise<number> {
  const taken = (await state.get<number>(TAKEN)) ?? 0;
  const given = limit === undefined ? wanted : Math.max(0, Math.min(wanted, limit - taken));
  state.set(TAKEN, taken + given);
  return given;
}

/** Returns places. */
export async function give(state: KeyValues, count: number): Promise<void> {
  const taken = (await state.get<number>(TAKEN)) ?? 0;
  state.set(TAKEN, Math.max(0, taken - count));
}

/** The number of places that a slot takes beyond its need. */
export function spareFor(limit: number, slots: number): number {
  return Math.floor(limit / (slots * 16));
}
