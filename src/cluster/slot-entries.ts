import type { RunningModel } from '../core/engine/running.ts';
import { type Sequence, Slot } from '../core/engine/slot.ts';
import type { KeyValues } from './key-values.ts';

/*
 * The entries of a slot:
 *
 *   meta            SlotMeta
 *   i/<key>         [minute, row] of an instance: for its key see `core/engine/instance-key.ts`; `minute` is the
 *                   `due/…` entry that lists it, -1 for none
 *   due/<minute>    the keys of instances to look at in that minute since the epoch. An instance whose timer was moved
 *                   to a later time stays where it is listed, and is moved when that minute comes.
 *   kept            what an update of a model kept, until it is read; see `slot-catalog.ts`
 *   seen            the open list of accepted messages: fingerprints with their times; see `fingerprint.ts`
 *   seen/<number>   a closed list, of half a minute or of 16 kB; see `seen.ts`
 *
 * A handler reads only the entries it needs, so that its cost does not grow with the slot.
 */
export interface SlotMeta {
  /** The version of the catalog that the slot has seen. */
  readonly catalogVersion: number;
  /** The number of the last evaluation. */
  readonly sequence: number;
  /** The slot's time, which never goes back; milliseconds since the epoch. */
  readonly now: number;
  /** The number of the last execution of an action. */
  readonly actions: number;
  /** By minute: a lower bound of the first deadline in it. */
  readonly due: Readonly<Record<string, number>>;
  /** The deadline of the next tick; absent when none is set. */
  readonly tick?: number;
  /** Number of instances by epoch. */
  readonly counts: Readonly<Record<string, number>>;
  /** Number of places by epoch (`places.ts`); never fewer than the instances. */
  readonly places: Readonly<Record<string, number>>;
  /** The numbers of the closed lists of messages. */
  readonly seen: readonly number[];
}

export const META = 'meta';

export const NEW_SLOT: SlotMeta = {
  catalogVersion: 0,
  sequence: 0,
  now: 0,
  actions: 0,
  due: {},
  counts: {},
  places: {},
  seen: [],
};

export type InstanceEntry = readonly [minute: number, row: string];

export const MINUTE = 60_000;
export const UNLISTED = -1;

const PREFIX = 'i/';

export function instanceEntry(key: string): string {
  return `${PREFIX}${key}`;
}

/** The key of the instance in an entry; undefined for any other entry. */
export function keyOfEntry(name: string): string | undefined {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined;
}

export function dueEntry(minute: number): string {
  return `due/${minute}`;
}

export const KEPT = 'kept';

export const SEEN = 'seen';

export function seenEntry(number: number): string {
  return `seen/${number}`;
}

export function readMeta(state: KeyValues): Promise<SlotMeta> {
  return state.get<SlotMeta>(META).then((meta) => ({ ...NEW_SLOT, ...meta }));
}

/** When the first timer of a slot may be due; undefined without timers. */
export function firstDue({ due }: Pick<SlotMeta, 'due'>): number | undefined {
  const deadlines = Object.values(due);
  return deadlines.length === 0 ? undefined : Math.min(...deadlines);
}

/** The epoch and the key value in an instance's key. */
export function partsOf(key: string): { readonly epoch: number; readonly keyValue: string } {
  const [, epoch = '', keyValue = ''] = key.split('/');
  return { epoch: Number(epoch), keyValue };
}

/**
 * Builds the part of a slot in these entries in memory. Entries of deleted models are left out; `unreadable` lists
 * those already known to be unreadable.
 */
export function slotOfEntries(
  number: number,
  sequence: Sequence,
  models: ReadonlyMap<number, RunningModel>,
  entries: Iterable<readonly [key: string, entry: InstanceEntry]>,
): Slot {
  const slot = new Slot(number, sequence, 0);
  for (const [key, [, row]] of entries) {
    const { epoch, keyValue } = partsOf(key);
    const model = models.get(epoch);
    if (model === undefined) continue;
    // A row that cannot be read is detected and reported when it is used.
    slot.restore(model, model.compiled.key === undefined ? undefined : keyValue, row);
  }
  return slot;
}
