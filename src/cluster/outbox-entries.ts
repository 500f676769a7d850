import { FNV_BASIS, fnv1a } from '../hash.ts';
import type { Limits } from '../limits.ts';
import type { Execution } from '../runtime/delivery/execution.ts';
import type { Placed } from './contract.ts';
import type { KeyValues } from './key-values.ts';

/*
 * The entries of a queue: `e/<order>` for each execution, `queue` with the orders of waiting executions, oldest first,
 * and `finished` with the orders of finished ones that are still listed, oldest first.
 */
const QUEUE = 'queue';
const FINISHED = 'finished';
const PREFIX = 'e/';

/** Finished executions listed for one queue. */
const LISTED = 1000;

/** The result of an attempt. */
export type Attempt =
  | { readonly type: 'Delivered' }
  | { readonly type: 'Refused'; readonly error: string }
  | { readonly type: 'Failed'; readonly error: string };

export function executionEntry(order: string): string {
  return `${PREFIX}${order}`;
}

/** Adds executions. Returns true when the queue was empty, so that an attempt must be made. */
export async function enqueue(state: KeyValues, placed: readonly Placed[]): Promise<boolean> {
  const queue = (await state.get<string[]>(QUEUE)) ?? [];
  const waiting = placed.filter(({ execution }) => execution.status === 'PENDING');
  const finished = placed.filter(({ execution }) => execution.status !== 'PENDING');
  for (const { order, execution } of placed) state.set(executionEntry(order), execution);
  if (waiting.length > 0) state.set(QUEUE, [...queue, ...waiting.map(({ order }) => order)]);
  if (finished.length > 0)
    await keepFinished(
      state,
      finished.map(({ order }) => order),
    );
  return queue.length === 0 && waiting.length > 0;
}

/** Adds executions of another host; existing ones stay unchanged. Returns like `enqueue`. */
export async function restore(state: KeyValues, placed: readonly Placed[]): Promise<boolean> {
  const known = await state.getAll<Execution>(placed.map(({ order }) => executionEntry(order)));
  return enqueue(
    state,
    placed.filter((_, index) => known[index] === null),
  );
}

/** The orders of the waiting executions, first to last, from all entries of a queue. */
export function waitingOf(entries: ReadonlyMap<string, string>): readonly string[] {
  return JSON.parse(entries.get(QUEUE) ?? '[]') as string[];
}

/** The order of the execution in an entry; undefined for any other entry. */
export function orderOfEntry(name: string): string | undefined {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined;
}

/** The next execution to attempt; undefined when none waits. */
export async function first(state: KeyValues): Promise<Placed | undefined> {
  const [order] = (await state.get<string[]>(QUEUE)) ?? [];
  if (order === undefined) return undefined;
  const execution = await state.get<Execution>(executionEntry(order));
  return execution === null ? undefined : { order, execution };
}

/** Stores the result of an attempt at the first execution. Returns the execution with its new status. */
export async function settle(
  state: KeyValues,
  { order, execution }: Placed,
  attempt: Attempt,
  now: number,
  { deliveryAge }: Limits,
): Promise<Execution> {
  const attempts = execution.attempts + 1;
  const { lastError: _, ...rest } = execution;
  const isOver = attempt.type === 'Failed' && now - execution.createdAt >= deliveryAge;
  const settled: Execution =
    attempt.type === 'Delivered'
      ? { ...rest, attempts, status: 'DELIVERED' }
      : {
          ...rest,
          attempts,
          status: attempt.type === 'Refused' || isOver ? 'FAILED' : 'PENDING',
          lastError: attempt.error,
        };
  state.set(executionEntry(order), settled);
  if (settled.status !== 'PENDING') {
    await leave(state, order);
    await keepFinished(state, [order]);
  }
  return settled;
}

/** Moves a failed execution to the end of the queue. Returns the answer, and whether an attempt must be made. */
export async function redrive(
  state: KeyValues,
  order: string,
): Promise<{ readonly execution?: Execution; readonly attempt: boolean }> {
  const execution = await state.get<Execution>(executionEntry(order));
  if (execution === null) return { attempt: false };
  if (execution.status !== 'FAILED' || execution.request === undefined) return { execution, attempt: false };
  const again: Execution = { ...execution, status: 'PENDING', attempts: 0 };
  await forget(state, order);
  return { execution: again, attempt: await enqueue(state, [{ order, execution: again }]) };
}

/** Discards an execution. Returns it as it was; undefined when it does not exist. */
export async function discard(state: KeyValues, order: string): Promise<Execution | undefined> {
  const execution = await state.get<Execution>(executionEntry(order));
  if (execution === null) return undefined;
  if (execution.status === 'PENDING') await leave(state, order);
  else await forget(state, order);
  state.clear(executionEntry(order));
  return execution;
}

/** Queues among which the executions for one target are distributed; order is kept for each instance. */
const QUEUES_PER_TARGET = 16;

/** The queue of an execution: one of its target's, and always the same one for an instance. */
export function queueFor({ target, type, detectorModelName, alarmModelName, keyValue }: Execution): string {
  const instance = `${detectorModelName ?? alarmModelName}/${keyValue ?? ''}`;
  const part = (fnv1a(instance, FNV_BASIS) >>> 0) % QUEUES_PER_TARGET;
  return `${part}/${target ?? type}`;
}

async function leave(state: KeyValues, order: string): Promise<void> {
  const queue = (await state.get<string[]>(QUEUE)) ?? [];
  state.set(
    QUEUE,
    queue.filter((each) => each !== order),
  );
}

async function forget(state: KeyValues, order: string): Promise<void> {
  const finished = (await state.get<string[]>(FINISHED)) ?? [];
  state.set(
    FINISHED,
    finished.filter((each) => each !== order),
  );
}

async function keepFinished(state: KeyValues, orders: readonly string[]): Promise<void> {
  const finished = [...((await state.get<string[]>(FINISHED)) ?? []), ...orders];
  const gone = finished.splice(0, Math.max(0, finished.length - LISTED));
  for (const order of gone) state.clear(executionEntry(order));
  state.set(FINISHED, finished);
}
