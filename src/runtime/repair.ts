import type { Change, Store } from '../store/store.ts';
import { alarmModelKey, below, modelKey, under } from './rows.ts';

/** What `dropModel` has removed for one model. */
export interface DroppedModel {
  readonly kind: 'detector' | 'alarm';
  readonly versions: number;
  readonly instances: number;
}

/**
 * Removes the detector model and the alarm model of a name with all versions, detectors, alarms and timers in one
 * commit, from a store that no host has open. Reads as little of their rows as possible, since they may be damaged.
 * Inputs and pending actions are kept.
 */
export async function dropModel(store: Store, name: string): Promise<DroppedModel[]> {
  const dropped: DroppedModel[] = [];
  const rows: Change[] = [];
  const dropState: { readonly from: string; readonly to: string }[] = [];
  for (const kind of ['detector', 'alarm'] as const) {
    const key = kind === 'detector' ? modelKey(name) : alarmModelKey(name);
    const found: (readonly [key: string, text: string])[] = [];
    const record = await store.get(key);
    if (record !== undefined) found.push([key, record]);
    for await (const row of store.scan(below(`${kind === 'detector' ? '' : 'alarm-'}version/${name}`)))
      found.push(row);
    if (found.length === 0) continue;
    rows.push(...found.map(([each]): Change => [each, null]));
    const epochs = new Set(found.flatMap(([, text]) => epochOf(text)));
    const ranges = [...epochs].map((epoch) => under(`${kind}/${String(epoch).padStart(10, '0')}/`));
    dropState.push(...ranges);
    const isIn = (row: string) => ranges.some(({ from, to }) => row >= from && row < to);
    let instances = 0;
    await store.scanState((stored) => {
      for (let index = 0; index < stored.count; index++) if (isIn(stored.key(index))) instances++;
    });
    dropped.push({ kind, versions: found.length - Number(record !== undefined), instances });
  }
  if (dropped.length > 0) await store.commit({ rows, dropState });
  return dropped;
}

/** The epoch is the last member in every row of a model that has instances; the rest of the row may be damaged. */
function epochOf(text: string): number[] {
  return [...text.matchAll(/"epoch":(\d{1,10})/g)].slice(-1).map(([, epoch]) => Number(epoch));
}
