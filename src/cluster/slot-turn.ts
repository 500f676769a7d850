import { apply, type SlotCommand } from '../core/engine/apply.ts';
import { instanceKey } from '../core/engine/instance-key.ts';
import type { Evaluated, RunningModel } from '../core/engine/running.ts';
import { type EvaluationContext, Sequence } from '../core/engine/slot.ts';
import type { OutgoingEffect } from '../core/engine/turn.ts';
import type { Limits } from '../limits.ts';
import { readPayload } from '../runtime/messages.ts';
import { SLOTS, type TakeRequest, type WireCommand, type WireOutcome } from './contract.ts';
import { type Entries, readEntries, relist } from './due-lists.ts';
import type { KeyValues } from './key-values.ts';
import { spareFor } from './places.ts';
import { readSeen, type Seen, type SeenList } from './seen.ts';
import { firstDue, META, partsOf, type SlotMeta, slotOfEntries } from './slot-entries.ts';
import { rowsOf } from './written.ts';

export interface SlotTurnContext extends EvaluationContext {
  readonly slot: number;
  /** The running models of the slot's catalog, by epoch. */
  readonly models: ReadonlyMap<number, RunningModel>;
  /** The closed lists of accepted messages, by their numbers. */
  closedSeen(numbers: readonly number[]): Promise<readonly SeenList[]>;
  /** Takes places for instances of an epoch (`places.ts`); `give` returns them. */
  take(epoch: number, request: TakeRequest): Promise<number>;
  give(epoch: number, count: number): Promise<void>;
}

export interface SlotTurn {
  readonly outcomes: readonly WireOutcome[];
  readonly effects: readonly OutgoingEffect[];
  readonly evaluated: readonly Evaluated[];
  /** The slot's new meta, already written. */
  readonly meta: SlotMeta;
  /** When the next timer may be due; undefined without timers. */
  readonly nextDue: number | undefined;
  /** Rows that cannot be read: key and reason. */
  readonly unreadable: readonly { readonly key: string; readonly message: string }[];
}

/**
 * One call of a slot: reads the entries that it needs, fires due timers and executes the commands
 * (`core/engine/apply.ts`), writes the changed entries. The same entries and arguments give the same reads and writes
 * in the same order, as Restate requires.
 */
export async function takeTurn(
  state: KeyValues,
  meta: SlotMeta,
  wire: readonly WireCommand[],
  context: SlotTurnContext,
): Promise<SlotTurn> {
  const now = Math.max(meta.now, context.now);
  const { limits, models } = context;
  const seen = await readSeen(state, meta, now, wire, context);
  const first = firstsOf(wire);
  const commands = wire.map((command, index): SlotCommand | WireOutcome =>
    first[index] === index ? prepare(command, models, seen) : 'Done',
  );
  const entries = await readEntries(state, meta, commands, now, models);
  const sequence = new Sequence();
  sequence.last = meta.sequence;
  const slot = slotOfEntries(context.slot, sequence, models, entries.instances);
  const places = await takePlaces(meta, commands, entries, context);
  const runnable = commands.filter((command) => typeof command === 'object' && 'type' in command);
  const loaded = new Map(Array.from(models.keys(), (epoch) => [epoch, slot.count(epoch)]));
  const { outcomes, turn, unreadable } = apply(slot, runnable, {
    now,
    limits,
    models,
    traces: context.traces,
    keepsStates: context.keepsStates,
    // Called before an instance is created: returns a number below the limit exactly when the slot has a place left.
    count: (epoch) => {
      const now = (meta.counts[epoch] ?? 0) + slot.count(epoch) - (loaded.get(epoch) ?? 0);
      return now < (places[epoch] ?? 0) ? 0 : Number.POSITIVE_INFINITY;
    },
  });
  let at = 0;
  const own = commands.map((command): WireOutcome => {
    if (typeof command === 'string' || !('type' in command)) return command;
    const outcome = outcomes[at++] ?? 'Done';
    if (outcome === 'Done' && command.type === 'Message') seen.accept(command);
    return outcome;
  });
  const answers = first.map((index) => own[index] as WireOutcome);
  const counts: Record<string, number> = { ...meta.counts };
  const written = rowsOf(turn);
  for (const [key, row] of written) {
    const { epoch } = partsOf(key);
    const had = entries.instances.has(key);
    counts[epoch] = (counts[epoch] ?? 0) + Number(row !== null) - Number(had);
  }
  const due = await relist(state, meta, entries, written, slot, models);
  const next: SlotMeta = {
    catalogVersion: meta.catalogVersion,
    sequence: sequence.last,
    now,
    actions: meta.actions,
    due,
    ...(meta.tick !== undefined && { tick: meta.tick }),
    counts,
    places: await givePlaces(places, counts, context),
    seen: seen.write(),
  };
  return {
    outcomes: answers,
    effects: turn.effects,
    evaluated: turn.evaluated,
    meta: next,
    nextDue: firstDue(next),
    unreadable,
  };
}

/** Writes a slot's meta; must be the last write of a handler. */
export function writeMeta(state: KeyValues, meta: SlotMeta): void {
  state.set(META, meta);
}

/** Takes the places that new instances need. Returns the slot's places. */
async function takePlaces(
  meta: SlotMeta,
  commands: readonly (SlotCommand | WireOutcome)[],
  { instances }: Entries,
  { models, limits, take }: SlotTurnContext,
): Promise<Record<number, number>> {
  const missing = new Map<RunningModel, Set<string>>();
  for (const command of commands) {
    if (typeof command === 'string' || !('type' in command) || command.type !== 'Message') continue;
    const model = models.get(command.epoch) as RunningModel;
    const key = instanceKey(model, command.keyValue);
    if (instances.has(key)) continue;
    const keys = missing.get(model) ?? new Set();
    missing.set(model, keys.add(key));
  }
  const places: Record<number, number> = { ...meta.places };
  for (const [model, { size }] of missing) {
    const { epoch } = model;
    const held = places[epoch] ?? 0;
    const wanted = (meta.counts[epoch] ?? 0) + size - held;
    if (wanted <= 0) continue;
    const limit = limitOf(model, limits);
    places[epoch] = held + (await take(epoch, { wanted: wanted + spareFor(limit, SLOTS), limit }));
  }
  return places;
}

/** Returns places that the slot does not need. Returns those that it keeps. */
async function givePlaces(
  places: Readonly<Record<number, number>>,
  counts: Readonly<Record<string, number>>,
  { models, limits, give }: SlotTurnContext,
): Promise<Record<number, number>> {
  const kept: Record<number, number> = { ...places };
  for (const [name, held] of Object.entries(places)) {
    const epoch = Number(name);
    const model = models.get(epoch);
    if (model === undefined) continue;
    const spare = spareFor(limitOf(model, limits), SLOTS);
    const used = counts[epoch] ?? 0;
    if (held - used <= 2 * spare) continue;
    kept[epoch] = used + spare;
    await give(epoch, held - used - spare);
  }
  return kept;
}

function limitOf({ kind }: RunningModel, { detectorsPerModel, alarmsPerModel }: Limits): number {
  return kind === 'detector' ? detectorsPerModel : alarmsPerModel;
}

/** For each command, the index of the first one with the same message: a repeated message is accepted once. */
function firstsOf(wire: readonly WireCommand[]): number[] {
  const firsts = new Map<string, number>();
  return wire.map((command, index) => {
    if (command.type === 'Command') return index;
    const { epoch, keyValue = '', inputName, messageId } = command;
    const name = [epoch, keyValue, inputName, messageId].join('/');
    const first = firsts.get(name) ?? index;
    firsts.set(name, first);
    return first;
  });
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
