import type { RunningModel } from '../core/engine/running.ts';
import { Sequence } from '../core/engine/slot.ts';
import type { RestoreRequest } from './contract.ts';
import { relist } from './due-lists.ts';
import type { KeyValues } from './key-values.ts';
import type { SlotCatalogContext } from './slot-catalog.ts';
import {
  type InstanceEntry,
  instanceEntry,
  partsOf,
  type SlotMeta,
  slotOfEntries,
  UNLISTED,
} from './slot-entries.ts';

/** Adds instances of another host; existing ones stay unchanged. Returns the new meta. */
export async function restoreInstances(
  state: KeyValues,
  meta: SlotMeta,
  { sequence, instances: rows }: RestoreRequest,
  models: ReadonlyMap<number, RunningModel>,
  { slot: number, now, take }: SlotCatalogContext,
): Promise<SlotMeta> {
  const known = rows.filter(([key]) => models.has(partsOf(key).epoch));
  const found = await state.getAll<InstanceEntry>(known.map(([key]) => instanceEntry(key)));
  const missing = known.filter((_, index) => found[index] === null);
  const counts: Record<string, number> = { ...meta.counts };
  const places: Record<string, number> = { ...meta.places };
  for (const [key] of missing) {
    const { epoch } = partsOf(key);
    counts[epoch] = (counts[epoch] ?? 0) + 1;
  }
  for (const [epoch, count] of Object.entries(counts)) {
    const wanted = count - (places[epoch] ?? 0);
    if (wanted > 0) places[epoch] = (places[epoch] ?? 0) + (await take(Number(epoch), { wanted }));
  }
  const held = missing.map(([key, row]) => [key, [UNLISTED, row]] as const);
  const slot = slotOfEntries(number, new Sequence(), models, held);
  const entries = { minutes: new Map<number, string[]>(), instances: new Map<string, InstanceEntry>() };
  const due = await relist(state, meta, entries, new Map(missing), slot, models);
  return {
    ...meta,
    now: Math.max(meta.now, now),
    sequence: Math.max(meta.sequence, sequence),
    ...{ due, counts, places },
  };
}
