import type { TakeRequest } from './contract.ts';
import type { KeyValues } from './key-values.ts';

/*
 * How many instances of a model there may be, kept exactly although each slot counts its own alone: a slot takes places
 * before it fills them. While there is much room it takes some more than it needs, so that few messages of new
 * instances have to ask. What slots hold and do not use is 1/16 of the limit at most.
 */
const TAKEN = 'taken';

/** Gives places, as many as are wanted and left. Returns how many. */
export async function take(state: KeyValues, { wanted, limit }: TakeRequest): Promise<number> {
  const taken = (await state.get<number>(TAKEN)) ?? 0;
  const given = limit === undefined ? wanted : Math.max(0, Math.min(wanted, limit - taken));
  state.set(TAKEN, taken + given);
  return given;
}

/** Takes places back. */
export async function give(state: KeyValues, count: number): Promise<void> {
  const taken = (await state.get<number>(TAKEN)) ?? 0;
  state.set(TAKEN, Math.max(0, taken - count));
}

/** The places that a slot takes beyond what it needs. */
export function spareFor(limit: number, slots: number): number {
  return Math.floor(limit / (slots * 16));
}
