import type { Limits } from '../../limits.ts';
import { type Row, type Store, StoreError } from '../../store/store.ts';
import { Catalog } from '../catalog.ts';
import { DedupeWindow } from '../dedupe.ts';
import { Logging } from '../logging.ts';
import { below, META } from '../rows.ts';
import { decode, nameOf, type RunningModel } from '../running.ts';
import { Slot, slotOf } from '../slot.ts';
import { FORMAT, type Meta, wrongFormat } from './migrations.ts';

export interface Loaded {
  readonly catalog: Catalog;
  readonly logging: Logging;
  readonly slots: readonly Slot[];
  readonly dedupe: DedupeWindow;
}

/** Fixed when a data directory is made. */
const SLOTS = 256;

/** Everything durable, back in memory. */
export async function load(store: Store, limits: Limits): Promise<Loaded> {
  const slots = Array.from({ length: await readMeta(store) }, (_, number) => new Slot(number));
  const catalog = new Catalog(limits);
  catalog.load({
    inputs: await collect(store.scan(below('input'))),
    models: await collect(store.scan(below('model'))),
    versions: await collect(store.scan(below('version'))),
    alarmModels: await collect(store.scan(below('alarm-model'))),
    alarmVersions: await collect(store.scan(below('alarm-version'))),
  });
  const models = catalog.running();
  const dedupe = new DedupeWindow(limits.dedupeWindow);
  for await (const [key, text] of store.scanState()) {
    const [kind, second = '', third = ''] = key.split('/');
    if (kind === 'detector' || kind === 'alarm')
      restoreInstance(slots, models.get(Number(second)), key, third, text);
    else if (kind === 'slot') restoreSlot(slots, key, Number(second), text);
    else if (kind === 'dedupe') restoreDedupe(dedupe, Number(second), text);
    else throw new StoreError('CORRUPT', `${key} is no row of this format`);
  }
  return { catalog, logging: await Logging.load(store), slots, dedupe };
}

/** The number of slots, written when there is none. */
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

function restoreInstance(
  slots: readonly Slot[],
  model: RunningModel | undefined,
  key: string,
  keyValue: string,
  text: string,
): void {
  if (model === undefined || !key.startsWith(`${model.kind}/`))
    throw new StoreError('CORRUPT', `${key} belongs to no model`);
  const own = model.compiled.key === undefined ? undefined : keyValue;
  const decoded = decode(model, text, own);
  if (!decoded.ok)
    throw new StoreError('CORRUPT', `${key} of ${nameOf(model)} cannot be read: ${decoded.message}`);
  const slot = slots[slotOf(model.compiled.name, own, slots.length)] as Slot;
  slot.replace(slot.hold(model, own, [], key), decoded.instance, []);
}

function restoreSlot(slots: readonly Slot[], key: string, number: number, text: string): void {
  const slot = slots[number];
  if (slot === undefined) throw new StoreError('CORRUPT', `${key} is not one of ${slots.length} slots`);
  slot.sequence = Number(text);
}

function restoreDedupe(dedupe: DedupeWindow, number: number, text: string): void {
  const { time, ids } = JSON.parse(text) as { time: number; ids: [string, string][] };
  dedupe.restore(number, time, ids);
}

async function collect(rows: AsyncIterable<Row>): Promise<Row[]> {
  const collected: Row[] = [];
  for await (const row of rows) collected.push(row);
  return collected;
}
