import { Sequence } from '../core/engine/slot.ts';
import { type KeptInstances, Turn } from '../core/engine/turn.ts';
import type { Limits } from '../limits.ts';
import type { CatalogVersion, TakeOver } from './catalogs.ts';
import type { TakeRequest } from './contract.ts';
import { relist } from './due-lists.ts';
import type { KeyValues } from './key-values.ts';
import { NOTHING_KEPT } from './merge-kept.ts';
import {
  type InstanceEntry,
  instanceEntry,
  KEPT,
  keyOfEntry,
  partsOf,
  type SlotMeta,
  slotOfEntries,
} from './slot-entries.ts';
import { rowsOf } from './written.ts';

export interface SlotCatalogContext {
  readonly slot: number;
  /** The caller's time; milliseconds since the epoch. */
  readonly now: number;
  readonly limits: Limits;
  /** Takes places for instances of an epoch (`places.ts`). */
  take(epoch: number, request: TakeRequest): Promise<number>;
}

interface Kept extends KeptInstances {
  readonly by: number;
}

/**
 * Switches a slot to a newer catalog: instances of deleted models are removed, or taken over by the version that keeps
 * them. Returns the new meta.
 */
export async function goBy(
  state: KeyValues,
  meta: SlotMeta,
  version: CatalogVersion,
  context: SlotCatalogContext,
): Promise<SlotMeta> {
  const { models } = version;
  const gone = Object.keys(meta.counts).filter((epoch) => !models.has(Number(epoch)));
  let next: SlotMeta = { ...meta, catalogVersion: version.version };
  if (gone.length === 0) return next;
  const keys = (await state.stateKeys()).flatMap((name) => {
    const key = keyOfEntry(name);
    return key !== undefined && !models.has(partsOf(key).epoch) ? [key] : [];
  });
  for (const epoch of gone) {
    const { [epoch]: _count, ...counts } = next.counts;
    const { [epoch]: _places, ...places } = next.places;
    next = { ...next, counts, places };
    const over = version.takenOver(Number(epoch));
    if (over === undefined) continue;
    const own = keys.filter((key) => partsOf(key).epoch === Number(epoch));
    next = await takeOver(state, next, own, over, context);
  }
  for (const key of keys) state.clear(instanceEntry(key));
  return next;
}

/** What the update with this epoch kept in this slot; can be read only once. */
export async function takeKept(state: KeyValues, epoch: number): Promise<KeptInstances> {
  const kept = await state.get<Kept>(KEPT);
  if (kept?.by !== epoch) return NOTHING_KEPT;
  state.clear(KEPT);
  const { by: _, ...rest } = kept;
  return rest;
}

async function takeOver(
  state: KeyValues,
  meta: SlotMeta,
  keys: readonly string[],
  { from, to }: TakeOver,
  { slot: number, limits, ...context }: SlotCatalogContext,
): Promise<SlotMeta> {
  const now = Math.max(meta.now, context.now);
  const found = await state.getAll<InstanceEntry>(keys.map((key) => instanceEntry(key)));
  const entries = keys.flatMap((key, index) => {
    const entry = found[index];
    // Unreadable instances made the trial of the update fail, so this one was created since then.
    return entry && from.behaviour.decode(from, entry[1]).ok ? [[key, entry] as const] : [];
  });
  const slot = slotOfEntries(number, new Sequence(), new Map([[from.epoch, from]]), entries);
  const turn = new Turn({ now, limits, traces: () => false, keepsStates: () => false });
  const kept = turn.keep([slot], from, to);
  if ('code' in kept) throw new Error(kept.message);
  state.set<Kept>(KEPT, { by: to.epoch, ...kept });
  if (kept.kept === 0) return meta;
  const none = { minutes: new Map<number, string[]>(), instances: new Map<string, InstanceEntry>() };
  const models = new Map([[to.epoch, to]]);
  const due = await relist(state, meta, none, rowsOf(turn), slot, models);
  return {
    ...meta,
    due,
    counts: { ...meta.counts, [to.epoch]: kept.kept },
    places: { ...meta.places, [to.epoch]: await context.take(to.epoch, { wanted: kept.kept }) },
  };
}
