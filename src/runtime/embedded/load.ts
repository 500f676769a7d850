import { DormantRows } from '../../core/engine/dormant-rows.ts';
import { unreadableRow } from '../../core/engine/refusal.ts';
import { slotUnder } from '../../core/engine/routing.ts';
import type { RunningModel } from '../../core/engine/running.ts';
import { Deadline, Sequence, Slot } from '../../core/engine/slot.ts';
import type { Limits } from '../../limits.ts';
import { type Store, StoreError } from '../../store/store.ts';
import { type Catalog, CatalogReader } from '../catalog/catalog.ts';
import { DedupeWindow } from '../dedupe.ts';
import { below, LOGGING, META } from '../rows.ts';
import { HeapWatch } from './heap-watch.ts';
import { FORMAT, type Meta, wrongFormat } from './migrations.ts';
import type { HostState } from './turn.ts';

/** Fixed when a data directory is created. */
const SLOTS = 256;

/** Approximate bytes of heap that an instance takes beside its row: its entry, its key, and places in tables. */
const ENTRY = 200;

/** Reads all durable state into memory. Rejects with StoreError, and with HeapError when it does not fit. */
export async function load(store: Store, limits: Limits): Promise<HostState> {
  const heap = new HeapWatch();
  const sequence = new Sequence();
  const deadline = new Deadline();
  const seed = Math.floor(Math.random() * 2 ** 32);
  const slots = Array.from(
    { length: await readMeta(store) },
    (_, number) => new Slot(number, sequence, seed, deadline),
  );
  const catalog = await readCatalog(store, limits);
  const models = new Map(Array.from(catalog.running(), (model) => [model.epoch, model]));
  const dedupe = new DedupeWindow(limits.dedupeWindow);
  let model: RunningModel | undefined;
  let dormant = new DormantRows();
  await store.scanState((rows) => {
    for (let index = 0; index < rows.count; index++) {
      const key = rows.key(index);
      const row = rows.value(index);
      if (!heap.takes(key.length + row.length)) continue;
      // Rows arrive in key order, so those of one model are adjacent.
      if (model === undefined || !key.startsWith(model.keyPrefix.text)) {
        model = modelAt(key, models);
        if (model !== undefined) dormant = new DormantRows();
      }
      if (model === undefined) restoreOther(sequence, dedupe, key, row.toString());
      else {
        const keyValue =
          model.compiled.key === undefined ? undefined : key.slice(model.keyPrefix.text.length);
        const slot = slots[slotUnder(model.slotHash, keyValue, slots.length)] as Slot;
        refuse(model, keyValue, slot.restoreDormant(model, keyValue, dormant, rows, index));
        // It moves into the heap when somebody asks for it.
        heap.expects(ENTRY + row.length);
      }
    }
  });
  heap.finish();
  for (const slot of slots) slot.restored();
  return { catalog, slots, deadline, sequence, dedupe };
}

async function readCatalog(store: Store, limits: Limits): Promise<Catalog> {
  const reader = new CatalogReader(limits);
  for (const part of ['input', 'model', 'version', 'alarm-model', 'alarm-version'])
    for await (const row of store.scan(below(part))) reader.add(row);
  const logging = await store.get(LOGGING);
  if (logging !== undefined) reader.add([LOGGING, logging]);
  return reader.catalog();
}

/** The number of slots; writes it when it is not stored yet. */
async function readMeta(store: Store): Promise<number> {
  const text = await store.get(META);
  if (text === undefined) {
    await store.commit({ rows: [[META, JSON.stringify({ format: FORMAT, slots: SLOTS })]] });
    return SLOTS;
  }
  const meta = JSON.parse(text) as Meta;
  if (meta.format !== FORMAT) throw wrongFormat(meta.format);
  return meta.slots;
}

function modelAt(key: string, models: ReadonlyMap<number, RunningModel>): RunningModel | undefined {
  const [kind, epoch = ''] = key.split('/');
  if (kind !== 'detector' && kind !== 'alarm') return undefined;
  const model = models.get(Number(epoch));
  if (model?.kind !== kind) throw new StoreError('CORRUPT', `${key} belongs to no model`);
  return model;
}

function refuse(model: RunningModel, keyValue: string | undefined, unreadable: string | undefined): void {
  if (unreadable === undefined) return;
  const { message } = unreadableRow(model, keyValue, unreadable);
  throw new StoreError('CORRUPT', message, { model: model.compiled.name });
}

function restoreOther(sequence: Sequence, dedupe: DedupeWindow, key: string, text: string): void {
  const [kind, number] = key.split('/');
  if (kind === 'sequence' || kind === 'slot') sequence.last = Math.max(sequence.last, Number(text));
  else if (kind === 'dedupe') dedupe.restore(Number(number), text);
  else throw new StoreError('CORRUPT', `${key} is not a row of this format`);
}
