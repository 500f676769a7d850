import { apply, type SlotCommand } from '../core/engine/apply.ts';
import { instanceKey } from '../core/engine/instance-key.ts';
import type { Evaluated, RunningModel } from '../core/engine/running.ts';
import { Sequence, type Slot } from '../core/engine/slot.ts';
import type { OutgoingEffect } from '../core/engine/turn.ts';
import type { Limits } from '../limits.ts';
import { readPayload } from '../runtime/messages.ts';
import { SLOTS, type WireCommand, type WireOutcome } from './contract.ts';
import { entryOf, fingerprintOf, fingerprintsIn } from './fingerprint.ts';
import type { KeyValues } from './key-values.ts';
import {
  dueEntry,
  type InstanceEntry,
  instanceEntry,
  keyOfEntry,
  META,
  MINUTE,
  partsOf,
  type SlotMeta,
  seenEntry,
  slotOfEntries,
  UNLISTED,
} from './slot-entries.ts';

export interface SlotTurnContext {
  readonly slot: number;
  /** Milliseconds since the epoch, by the caller's clock. */
  readonly now: number;
  readonly limits: Limits;
  /** The running models of the catalog that the slot goes by, by epoch. */
  readonly models: ReadonlyMap<number, RunningModel>;
  readonly catalogVersion: number;
}

export interface SlotTurn {
  readonly outcomes: readonly WireOutcome[];
  readonly effects: readonly OutgoingEffect[];
  readonly evaluated: readonly Evaluated[];
  /** The slot as it is left, already written. */
  readonly meta: SlotMeta;
  /** When the next timer may be due; undefined when none runs. */
  readonly nextDue: number | undefined;
  /** Rows that cannot be read, by their keys: why. */
  readonly unreadable: readonly { readonly key: string; readonly message: string }[];
}

/** Milliseconds of one `seen` entry. */
const SEEN_SPAN = 30_000;

/**
 * All that a slot does in one call: reads the entries that it needs, fires what is due and does the commands
 * (`core/engine/apply.ts`), writes the entries that changed. The same entries and arguments give the same reads and
 * writes in the same order, as Restate needs it.
 */
export async function takeTurn(
  state: KeyValues,
  meta: SlotMeta,
  wire: readonly WireCommand[],
  context: SlotTurnContext,
): Promise<SlotTurn> {
  const now = Math.max(meta.now, context.now);
  const { limits, models } = context;
  const seen = await readSeen(state, meta, now, limits, wire);
  const commands: (SlotCommand | WireOutcome)[] = wire.map((command) => prepare(command, models, seen));
  const entries = await readEntries(state, meta, commands, now, models);
  const sequence = new Sequence();
  sequence.last = meta.sequence;
  const slot = slotOfEntries(context.slot, sequence, models, entries.instances);
  const runnable = commands.filter((command) => typeof command === 'object' && 'type' in command);
  const { outcomes, turn, unreadable } = apply(slot, runnable, {
    now,
    limits,
    models,
    traces: () => false,
    keepsStates: () => false,
    // A slot knows its own share; keys are spread evenly over the slots.
    count: (epoch) => (meta.counts[epoch] ?? 0) * SLOTS,
  });
  let at = 0;
  const answers = commands.map((command): WireOutcome => {
    if (typeof command === 'string' || !('type' in command)) return command;
    const outcome = outcomes[at++] ?? 'Done';
    if (outcome === 'Done' && command.type === 'Message') seen.accept(command);
    return outcome;
  });
  const counts: Record<string, number> = { ...meta.counts };
  const written = new Map<string, string | null>(turn.rows());
  for (const [key, row] of written) {
    const { epoch } = partsOf(key);
    const had = entries.instances.has(key);
    counts[epoch] = (counts[epoch] ?? 0) + Number(row !== null) - Number(had);
  }
  const due = await relist(state, meta, entries, written, slot, models);
  const next: SlotMeta = {
    catalogVersion: context.catalogVersion,
    sequence: sequence.last,
    now,
    actions: meta.actions,
    due,
    ...(meta.tick !== undefined && { tick: meta.tick }),
    counts,
    seen: seen.write(),
  };
  const deadlines = Object.values(due);
  return {
    outcomes: answers,
    effects: turn.effects,
    evaluated: turn.evaluated,
    meta: next,
    nextDue: deadlines.length === 0 ? undefined : Math.min(...deadlines),
    unreadable,
  };
}

/** Clears the instances of models that are gone. Returns the meta without them. */
export async function dropGone(
  state: KeyValues,
  meta: SlotMeta,
  models: ReadonlyMap<number, RunningModel>,
): Promise<SlotMeta> {
  const gone = Object.keys(meta.counts).filter((epoch) => !models.has(Number(epoch)));
  if (gone.length === 0) return meta;
  for (const name of await state.stateKeys()) {
    const key = keyOfEntry(name);
    if (key !== undefined && !models.has(partsOf(key).epoch)) state.clear(name);
  }
  const counts = Object.fromEntries(Object.entries(meta.counts).filter(([epoch]) => !gone.includes(epoch)));
  return { ...meta, counts };
}

/** Keeps a slot's meta; the last thing a handler writes. */
export function writeMeta(state: KeyValues, meta: SlotMeta): void {
  state.set(META, meta);
}

function prepare(
  command: WireCommand,
  models: ReadonlyMap<number, RunningModel>,
  seen: Seen,
): SlotCommand | WireOutcome {
  if (!models.has(command.epoch)) return 'Stale';
  if (command.type === 'Command') return command;
  const { text, ...message } = command;
  if (seen.has(message)) return 'Done';
  const payload = readPayload(Buffer.from(text, 'utf8'));
  if (typeof payload === 'string') return { code: 'InvalidRequestException', message: payload };
  return { ...message, payload };
}

/** Which messages a slot has accepted within the dedupe window. */
interface Seen {
  has(message: MessageName): boolean;
  accept(message: MessageName): void;
  /** Writes what was accepted. Returns the numbers of the entries that there are then. */
  write(): readonly number[];
}

interface MessageName {
  readonly epoch: number;
  readonly keyValue?: string;
  readonly inputName: string;
  readonly messageId: string;
}

async function readSeen(
  state: KeyValues,
  meta: SlotMeta,
  now: number,
  { dedupeWindow }: Limits,
  wire: readonly WireCommand[],
): Promise<Seen> {
  const current = Math.floor(now / SEEN_SPAN);
  const oldest = Math.floor((now - dedupeWindow) / SEEN_SPAN);
  const live = meta.seen.filter((number) => number >= oldest);
  if (!wire.some(({ type }) => type === 'Message'))
    return { has: () => false, accept: () => {}, write: () => meta.seen };
  const texts = await Promise.all(live.map((number) => state.get<string>(seenEntry(number))));
  const known = new Set<string>();
  for (const [index, text] of texts.entries()) {
    const began = (live[index] ?? 0) * SEEN_SPAN;
    for (const each of fingerprintsIn(text ?? '', now - dedupeWindow + 1 - began)) known.add(each);
  }
  let added = '';
  const nameOf = ({ epoch, keyValue, inputName, messageId }: MessageName) =>
    fingerprintOf(epoch, keyValue, inputName, messageId);
  return {
    has: (message) => known.has(nameOf(message)),
    accept(message) {
      const fingerprint = nameOf(message);
      if (known.has(fingerprint)) return;
      known.add(fingerprint);
      added += entryOf(fingerprint, now - current * SEEN_SPAN);
    },
    write() {
      for (const number of meta.seen) if (number < oldest) state.clear(seenEntry(number));
      if (added === '') return live;
      const at = live.indexOf(current);
      state.set(seenEntry(current), (at === -1 ? '' : (texts[at] ?? '')) + added);
      return at === -1 ? [...live, current] : live;
    },
  };
}

interface Entries {
  /** The minutes that have come, and who is listed in them. */
  readonly minutes: ReadonlyMap<number, readonly string[]>;
  /** Those listed there, and those that commands are for, as far as they exist. */
  readonly instances: Map<string, InstanceEntry>;
}

async function readEntries(
  state: KeyValues,
  meta: SlotMeta,
  commands: readonly (SlotCommand | WireOutcome)[],
  now: number,
  models: ReadonlyMap<number, RunningModel>,
): Promise<Entries> {
  const come = Object.entries(meta.due).flatMap(([minute, first]) => (first <= now ? [Number(minute)] : []));
  const lists = await Promise.all(come.map((minute) => state.get<string[]>(dueEntry(minute))));
  const minutes = new Map(come.map((minute, index) => [minute, lists[index] ?? []]));
  const keys = new Set([...minutes.values()].flat());
  for (const command of commands) {
    if (typeof command === 'string' || !('type' in command)) continue;
    const model = models.get(command.epoch) as RunningModel;
    const { keyValue } = command.type === 'Message' ? command : command.command;
    keys.add(instanceKey(model, keyValue));
  }
  const names = [...keys];
  const found = await Promise.all(names.map((key) => state.get<InstanceEntry>(instanceEntry(key))));
  const instances = new Map<string, InstanceEntry>();
  for (const [index, key] of names.entries()) {
    const entry = found[index];
    if (entry !== null && entry !== undefined) instances.set(key, entry);
  }
  return { minutes, instances };
}

/** Writes instances and the lists of minutes. Returns the minutes that there are then. */
async function relist(
  state: KeyValues,
  meta: SlotMeta,
  { minutes, instances }: Entries,
  written: ReadonlyMap<string, string | null>,
  slot: Slot,
  models: ReadonlyMap<number, RunningModel>,
): Promise<Record<string, number>> {
  const due: Record<string, number> = { ...meta.due };
  for (const minute of minutes.keys()) delete due[minute];
  /** The lists to be written, by minute. */
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
    // Where it is listed in a minute that comes earlier, and has not come, it is looked at then.
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
  const present = await Promise.all(others.map((minute) => state.get<string[]>(dueEntry(minute))));
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
