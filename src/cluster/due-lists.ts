import type { SlotCommand } from '../core/engine/apply.ts';
import { instanceKey } from '../core/engine/instance-key.ts';
import type { RunningModel } from '../core/engine/running.ts';
import type { Slot } from '../core/engine/slot.ts';
import type { WireOutcome } from './contract.ts';
import type { KeyValues } from './key-values.ts';
import {
  dueEntry,
  type InstanceEntry,
  instanceEntry,
  MINUTE,
  partsOf,
  type SlotMeta,
  UNLISTED,
} from './slot-entries.ts';

/** The entries that a turn has read. */
export interface Entries {
  /** The minutes that have come, with the instances listed in them. */
  readonly minutes: ReadonlyMap<number, readonly string[]>;
  /** The listed instances and those addressed by commands, as far as they exist. */
  readonly instances: Map<string, InstanceEntry>;
}

/** Reads the instances that are due or addressed by commands. */
export async function readEntries(
  state: KeyValues,
  meta: SlotMeta,
  commands: readonly (SlotCommand | WireOutcome)[],
  now: number,
  models: ReadonlyMap<number, RunningModel>,
): Promise<Entries> {
  const come = Object.entries(meta.due).flatMap(([minute, first]) => (first <= now ? [Number(minute)] : []));
  const lists = await state.getAll<string[]>(come.map((minute) => dueEntry(minute)));
  const minutes = new Map(come.map((minute, index) => [minute, lists[index] ?? []]));
  const keys = new Set([...minutes.values()].flat());
  for (const command of commands) {
    if (typeof command === 'string' || !('type' in command)) continue;
    const model = models.get(command.epoch) as RunningModel;
    const { keyValue } = command.type === 'Message' ? command : command.command;
    keys.add(instanceKey(model, keyValue));
  }
  const names = [...keys];
  const found = await state.getAll<InstanceEntry>(names.map((key) => instanceEntry(key)));
  const instances = new Map<string, InstanceEntry>();
  for (const [index, key] of names.entries()) {
    const entry = found[index];
    if (entry !== null && entry !== undefined) instances.set(key, entry);
  }
  return { minutes, instances };
}

/** Writes instances and the lists of minutes. Returns the minutes with a list. */
export async function relist(
  state: KeyValues,
  meta: SlotMeta,
  { minutes, instances }: Entries,
  written: ReadonlyMap<string, string | null>,
  slot: Slot,
  models: ReadonlyMap<number, RunningModel>,
): Promise<Record<string, number>> {
  const due: Record<string, number> = { ...meta.due };
  for (const minute of minutes.keys()) delete due[minute];
  /** The lists to write, by minute. */
  const lists = new Map<number, string[]>([...minutes.keys()].map((minute) => [minute, []]));
  const listed = new Map<number, string[]>();
  for (const key of new Set([...[...minutes.values()].flat(), ...written.keys()])) {
    const before = instances.get(key);
    const row = written.has(key) ? (written.get(key) ?? null) : (before?.[1] ?? null);
    const { epoch, keyValue } = partsOf(key);
    const model = models.get(epoch);
    if (row === null || model === undefined) {
      if (before !== undefined) state.clear(instanceEntry(key));
      continue;
    }
    const held = slot.find(epoch, model.compiled.key === undefined ? undefined : keyValue);
    const deadline = held === undefined ? Number.POSITIVE_INFINITY : slot.deadlineOf(held);
    const wanted = deadline === Number.POSITIVE_INFINITY ? UNLISTED : Math.floor(deadline / MINUTE);
    const was = before?.[0] ?? UNLISTED;
    // An instance listed in an earlier future minute stays there and is looked at then.
    const stays = was !== UNLISTED && !minutes.has(was) && (wanted === UNLISTED || was <= wanted);
    const minute = stays ? was : wanted;
    if (!stays && wanted !== UNLISTED) {
      const list = minutes.has(wanted) ? lists : listed;
      list.set(wanted, [...(list.get(wanted) ?? []), key]);
    }
    if (!stays || was === wanted) {
      if (wanted !== UNLISTED) due[wanted] = Math.min(due[wanted] ?? Number.POSITIVE_INFINITY, deadline);
    }
    if (before === undefined || before[1] !== row || before[0] !== minute)
      state.set<InstanceEntry>(instanceEntry(key), [minute, row]);
  }
  const others = [...listed.keys()];
  const present = await state.getAll<string[]>(others.map((minute) => dueEntry(minute)));
  for (const [index, minute] of others.entries()) {
    const keys = new Set([...(present[index] ?? []), ...(listed.get(minute) ?? [])]);
    state.set(dueEntry(minute), [...keys]);
  }
  for (const [minute, keys] of lists) {
    if (keys.length === 0) state.clear(dueEntry(minute));
    else state.set(dueEntry(minute), keys);
  }
  return due;
}
