import { instanceKey } from '../core/engine/instance-key.ts';
import { unreadableRow } from '../core/engine/refusal.ts';
import type { RunningModel } from '../core/engine/running.ts';
import { Sequence, type Slot } from '../core/engine/slot.ts';
import { previewKeep } from '../core/engine/turn.ts';
import { pageOfInstances } from '../runtime/embedded/instance-page.ts';
import { Fault } from '../runtime/fault.ts';
import type { CatalogVersion } from './catalogs.ts';
import type {
  InstanceAnswer,
  InstanceRequest,
  KeepAnswer,
  KeepRequest,
  ListAnswer,
  ListRequest,
} from './contract.ts';
import type { KeyValues } from './key-values.ts';
import { NOTHING_KEPT } from './merge-kept.ts';
import { type InstanceEntry, instanceEntry, keyOfEntry, partsOf, slotOfEntries } from './slot-entries.ts';

type Entries = Pick<KeyValues, 'getAll' | 'stateKeys'>;
type Models = ReadonlyMap<number, RunningModel>;

/** One instance of a slot as plain data. */
export async function describe(
  state: Entries,
  number: number,
  models: Models,
  request: InstanceRequest,
): Promise<InstanceAnswer> {
  const { epoch, keyValue } = request;
  const slot = await readSlot(state, number, models, [instanceKey(request, keyValue)]);
  const model = models.get(epoch);
  const held = slot.find(epoch, keyValue);
  if (model === undefined || held === undefined) return {};
  const unreadable = held.load();
  if (unreadable !== undefined) return { refusal: unreadableRow(model, keyValue, unreadable) };
  const { instance } = held;
  return instance === undefined ? {} : { view: model.behaviour.view(model, keyValue, instance) };
}

/** A page of the instances of a model in a slot, oldest first. */
export async function list(
  state: Entries,
  number: number,
  models: Models,
  { epoch, query, after }: ListRequest,
): Promise<ListAnswer> {
  const slot = await readSlot(state, number, models, await keysOf(state, epoch));
  const model = models.get(epoch);
  if (model === undefined) return { items: [] };
  const of = { kind: model.kind, modelName: model.compiled.name };
  const position = after === 0 ? {} : { after: `${number}:${after}` };
  try {
    return pageOfInstances([slot], model, { ...of, ...query, ...position });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { refusal: { code: error.code, message: error.message } };
  }
}

/** What a tried version of a model would keep of the instances. */
export async function wouldKeep(
  state: Entries,
  number: number,
  candidate: CatalogVersion,
  { from, to }: KeepRequest,
): Promise<KeepAnswer> {
  const over = candidate.takenOver(from);
  if (over?.to.epoch !== to) return NOTHING_KEPT;
  const slot = await readSlot(state, number, new Map([[from, over.from]]), await keysOf(state, from));
  return previewKeep([slot], over.from, over.to);
}

/** The keys of the instances of an epoch. */
async function keysOf(state: Entries, epoch: number): Promise<string[]> {
  const names = await state.stateKeys();
  return names.flatMap((name) => {
    const key = keyOfEntry(name);
    return key !== undefined && partsOf(key).epoch === epoch ? [key] : [];
  });
}

async function readSlot(
  state: Entries,
  number: number,
  models: Models,
  keys: readonly string[],
): Promise<Slot> {
  const found = await state.getAll<InstanceEntry>(keys.map((key) => instanceEntry(key)));
  const entries = keys.flatMap((key, index) => {
    const entry = found[index];
    return entry === null || entry === undefined ? [] : [[key, entry] as const];
  });
  return slotOfEntries(number, new Sequence(), models, entries);
}
