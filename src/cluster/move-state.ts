import { slotOf } from '../core/engine/routing.ts';
import type { Limits } from '../limits.ts';
import type { Execution } from '../runtime/delivery/execution.ts';
import { decodeExecution, indexRows, placeRow } from '../runtime/delivery/execution-rows.ts';
import { load } from '../runtime/embedded/load.ts';
import { FORMAT, migrate } from '../runtime/embedded/migrations.ts';
import type { Log } from '../runtime/log.ts';
import {
  actionKey,
  below,
  CLOCK,
  executionOrder,
  LOGGING,
  META,
  readPendingKey,
  SEQUENCE,
  timeOf,
} from '../runtime/rows.ts';
import type { Change, Row, Store } from '../store/store.ts';
import type { Admin } from './admin.ts';
import { newestRows } from './catalog-object.ts';
import { ClusterRows, TOPIC_RULES } from './cluster-rows.ts';
import { MAIN, type Placed, SLOTS } from './contract.ts';
import type { Ingress } from './ingress.ts';
import { orderOfEntry, queueFor, waitingOf } from './outbox-entries.ts';
import { keptRows } from './rows-object.ts';
import { type InstanceEntry, keyOfEntry, META as SLOT_META, type SlotMeta } from './slot-entries.ts';
import { textOf } from './written.ts';

/** The numbers of items moved. */
export interface Moved {
  readonly definitions: number;
  readonly instances: number;
  readonly executions: number;
}

/** Why a move is impossible; nothing has been changed. */
export class MoveError extends Error {
  override readonly name = 'MoveError';
}

const NOT_NEW = 'The cluster already has definitions; import into a new one';
const CATALOG_KINDS = ['input', 'model', 'version', 'alarm-model', 'alarm-version'];
/** Rows in one call or commit, and concurrent calls. */
const CHUNK = 200;
const AT_ONCE = 16;

/**
 * Moves the contents of a data directory into an empty cluster: definitions, detectors and alarms with their timers,
 * executions of actions, topic rules. An interrupted move may be repeated. The message history and the ids of the last
 * five minutes are not moved. Rejects with MoveError, StoreError, IngressError or Fault.
 */
export async function importState(
  store: Store,
  { ingress, limits, log }: { readonly ingress: Ingress; readonly limits: Limits; readonly log: Log },
): Promise<Moved> {
  await migrate(store, log);
  const { catalog, slots, sequence } = await load(store, limits);
  await warnOfClock(store, log);
  const rows: Row[] = [];
  for (const kind of CATALOG_KINDS) for await (const row of store.scan(below(kind))) rows.push(row);
  const logging = await store.get(LOGGING);
  if (logging !== undefined) rows.push([LOGGING, logging]);
  const moveRules = await prepareRules(store, ingress);
  const catalogVersion = await ingress.restoreCatalog(rows);
  if (catalogVersion === null) throw new MoveError(NOT_NEW);
  const rules = await moveRules();
  const bySlot = new Map<number, [string, string][]>();
  for (const slot of slots)
    for (const model of catalog.running())
      for (const held of slot.instances(model.epoch)) {
        const number = slotOf(model.compiled.name, held.keyValue, SLOTS);
        const own = bySlot.get(number) ?? [];
        bySlot.set(number, own);
        own.push([held.key, textOf((out) => held.write(out))]);
      }
  // Every slot learns the last number, so that none reuses the number of an evaluation.
  await eachOf(
    Array.from({ length: SLOTS }, (_, number) => number),
    async (number) => {
      const own = bySlot.get(number) ?? [];
      for (let at = 0; at === 0 || at < own.length; at += CHUNK)
        await ingress.restoreSlot(number, {
          catalogVersion,
          sequence: sequence.last,
          instances: own.slice(at, at + CHUNK),
        });
    },
  );
  const queues = await placedByQueue(store);
  await eachOf([...queues], async ([queue, placed]) => {
    for (let at = 0; at < placed.length; at += CHUNK)
      await ingress.restoreOutbox(queue, placed.slice(at, at + CHUNK));
  });
  return {
    definitions: rows.length + rules,
    instances: [...bySlot.values()].reduce((sum, own) => sum + own.length, 0),
    executions: [...queues.values()].reduce((sum, placed) => sum + placed.length, 0),
  };
}

/**
 * Checks that the cluster has no other topic rules. Returns a function that moves them and resolves with their number.
 */
async function prepareRules(store: Store, ingress: Ingress): Promise<() => Promise<number>> {
  const own: Row[] = [];
  for await (const row of store.scan(below('topic-rule'))) own.push(row);
  const kept = new ClusterRows(ingress, TOPIC_RULES);
  const { version = 0, rows = [] } = (await kept.read()) ?? {};
  if (rows.length > 0 && JSON.stringify(rows) !== JSON.stringify(own)) throw new MoveError(NOT_NEW);
  return async () => {
    const isMissing = own.length > rows.length;
    if (isMissing && (await kept.commit(own, version)) === undefined) throw new MoveError(NOT_NEW);
    return own.length;
  };
}

/** A server's own clock deviates from the wall clock after that was set. */
async function warnOfClock(store: Store, log: Log): Promise<void> {
  const text = await store.get(CLOCK);
  const { ahead } = text === undefined ? { ahead: 0 } : (JSON.parse(text) as { readonly ahead: number });
  if (Math.abs(ahead) < 1000) return;
  const fields = { seconds: Math.abs(ahead) / 1000 };
  log.warn(
    fields,
    `timers that run come that much too ${ahead > 0 ? 'early' : 'late'}: the clock had been put`,
  );
}

/** The executions of a data directory by the queues of a cluster, in the order they are to be sent. */
async function placedByQueue(store: Store): Promise<Map<string, Placed[]>> {
  const positions = new Map<string, string>();
  for await (const [key, order] of store.scan(below('pending')))
    positions.set(order, readPendingKey(key).position);
  const all: (Placed & { readonly position: string })[] = [];
  for await (const [key, text] of store.scan(below('action'))) {
    const order = key.slice('action/'.length);
    const { queue: _, ...execution } = decodeExecution(key, text);
    all.push({ order: `${order}/0`, execution, position: positions.get(order) ?? order });
  }
  all.sort((a, b) => (a.position < b.position ? -1 : 1));
  const queues = new Map<string, Placed[]>();
  for (const { order, execution } of all) {
    const queue = queueFor(execution);
    const placed = queues.get(queue) ?? [];
    queues.set(queue, placed);
    placed.push({ order, execution });
  }
  return queues;
}

/**
 * Writes the contents of a cluster into a new data directory. Fronts and workers must be stopped, and no invocation may
 * be in progress. Rejects with MoveError, StoreError or IngressError.
 */
export async function exportState(
  store: Store,
  { ingress, admin }: { readonly ingress: Ingress; readonly admin: Admin },
): Promise<Moved> {
  const { slot, catalog, outbox } = ingress.names;
  await checkQuiet(admin, ingress);
  const isDefinition = ([key]: Row) =>
    key === LOGGING || CATALOG_KINDS.some((kind) => key.startsWith(`${kind}/`));
  const rules = keptRows(await admin.entries(ingress.names.rows, TOPIC_RULES));
  const definitions = [...newestRows(await admin.entries(catalog, MAIN)).filter(isDefinition), ...rules];
  await store.commit({ rows: [[META, JSON.stringify({ format: FORMAT, slots: SLOTS })], ...definitions] });
  let instances = 0;
  let sequence = 0;
  for (let number = 0; number < SLOTS; number++) {
    const entries = await admin.entries(slot, String(number));
    const meta = entries.get(SLOT_META);
    if (meta === undefined) continue;
    sequence = Math.max(sequence, (JSON.parse(meta) as SlotMeta).sequence);
    const state = [...entries].flatMap(([name, value]): Change[] => {
      const key = keyOfEntry(name);
      return key === undefined ? [] : [[key, (JSON.parse(value) as InstanceEntry)[1]]];
    });
    instances += state.length;
    for (let at = 0; at < state.length; at += CHUNK)
      await store.commit({ state: state.slice(at, at + CHUNK) });
  }
  await store.commit({ state: [[SEQUENCE, String(sequence)]] });
  const executions = await exportExecutions(store, admin, outbox);
  return { definitions: definitions.length, instances, executions };
}

/** Invocations in progress have state that is in no entry yet. */
async function checkQuiet(admin: Admin, { names }: Ingress): Promise<void> {
  const services = [names.slot, names.catalog, names.outbox, names.places, names.rows].map(
    (name) => `'${name}'`,
  );
  const [row] = await admin.query<{ n: number }>(
    `SELECT count(1) AS n FROM sys_invocation WHERE target_service_name IN (${services.join(', ')}) ` +
      `AND target_handler_name NOT IN ('tick', 'attempt') AND status <> 'completed'`,
  );
  if ((row?.n ?? 0) > 0)
    throw new MoveError(
      `${row?.n} calls are under way in the cluster: stop the fronts, let the workers finish, then stop them too`,
    );
}

async function exportExecutions(store: Store, admin: Admin, outbox: string): Promise<number> {
  const all: { readonly place: string; readonly execution: Execution; readonly isMoved: boolean }[] = [];
  for (const queue of await admin.keys(outbox)) {
    const entries = await admin.entries(outbox, queue);
    // A redriven execution waits behind newer ones.
    const moved = new Set<string>();
    let last = '';
    for (const order of waitingOf(entries)) {
      if (order < last) moved.add(order);
      else last = order;
    }
    for (const [name, value] of entries) {
      const place = orderOfEntry(name);
      if (place === undefined) continue;
      all.push({ place, execution: JSON.parse(value) as Execution, isMoved: moved.has(place) });
    }
  }
  all.sort((a, b) => (a.place < b.place ? -1 : 1));
  const now = Date.now();
  let time = 0;
  let number = 0;
  let rows: Change[] = [];
  for (const [index, { place, execution, isMoved }] of all.entries()) {
    // Orders within one millisecond are renumbered, since each slot has numbered its own.
    number = timeOf(place) === time ? number + 1 : 1;
    time = timeOf(place);
    const order = executionOrder(time, number);
    const position = isMoved ? executionOrder(now, index + 1) : order;
    rows.push(
      [actionKey(order), JSON.stringify(execution)],
      placeRow(order, execution, position),
      ...indexRows(order, execution),
    );
    if (rows.length < CHUNK) continue;
    await store.commit({ rows });
    rows = [];
  }
  await store.commit({ rows });
  return all.length;
}

async function eachOf<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const one = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await run(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}
