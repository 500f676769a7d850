import type { Change, Store } from '../../store/store.ts';
import { actionIdKey, actionKey, actionsOf, below, pendingKey, pendingOf, readPendingKey } from '../rows.ts';
import type { Execution, ExecutionStatus, ExecutionType, Stored } from './execution.ts';
import { decodeExecution, indexedOf, removalOf } from './execution-rows.ts';

export interface ExecutionFilter {
  readonly detectorModelName?: string;
  readonly alarmModelName?: string;
  readonly keyValue?: string;
  readonly status?: ExecutionStatus;
  readonly type?: ExecutionType;
  readonly target?: string;
}

export interface Page {
  readonly maxResults: number;
  /** Where the page before ended. */
  readonly after?: string;
}

/** Executions that fit the filter, newest first, with the place to go on from when there are more. */
export async function listExecutions(
  store: Store,
  filter: ExecutionFilter,
  { maxResults, after }: Page,
): Promise<{ actions: Execution[]; next?: string }> {
  const actions: Execution[] = [];
  let last = '';
  for await (const { order, execution } of executions(store, filter, after)) {
    if (actions.length === maxResults) return { actions, next: last };
    actions.push(execution);
    last = order;
  }
  return { actions };
}

/** All executions that fit the filter, newest first. */
export async function* executions(
  store: Store,
  filter: ExecutionFilter,
  after?: string,
): AsyncGenerator<Stored> {
  const part = indexFor(filter);
  const range = below(part);
  const to = after === undefined ? range.to : `${part}/${after}`;
  for await (const [key, value] of store.scan({ ...range, to, reverse: true })) {
    const order = key.slice(part.length + 1);
    const text = part === 'action' ? value : await store.get(actionKey(order));
    // Between the two reads it may have been discarded.
    if (text === undefined) continue;
    const execution = decodeExecution(actionKey(order), text);
    if (fits(execution, filter)) yield { order, execution };
  }
}

/** The rows that lead to the executions that fit a filter with the fewest others: all end with their order. */
function indexFor({ keyValue, status }: ExecutionFilter): string {
  if (keyValue !== undefined && keyValue !== '') return actionsOf(keyValue);
  // Failed executions are few among many, and have rows of their own.
  return status === 'FAILED' ? 'failed' : 'action';
}

/** The execution of that id. */
export async function findExecution(store: Store, actionExecutionId: string): Promise<Stored | undefined> {
  const order = await store.get(actionIdKey(actionExecutionId));
  return order === undefined ? undefined : readExecution(store, order);
}

export async function readExecution(store: Store, order: string): Promise<Stored | undefined> {
  const text = await store.get(actionKey(order));
  return text === undefined ? undefined : { order, execution: decodeExecution(actionKey(order), text) };
}

/** Where a pending execution stands in its queue; most stand where they were put first. */
export async function findPosition(store: Store, queue: string, order: string): Promise<string | undefined> {
  if ((await store.get(pendingKey(queue, order))) === order) return order;
  for await (const [key, value] of store.scan(below(pendingOf(queue)))) {
    if (value === order) return readPendingKey(key).position;
  }
  return undefined;
}

/** Rows of one commit of a removal. */
const CHUNK = 4000;

/** Lets the oldest finished executions go, `count` of those that failed or of the others. */
export async function dropOldest(store: Store, part: 'failed' | 'done', count: number): Promise<number> {
  let rows: Change[] = [];
  let dropped = 0;
  for await (const [key, place] of store.scan({ ...below(part), limit: count })) {
    const order = key.slice(part.length + 1);
    const indexed = await indexedOf(store, order, place);
    rows.push([key, null], ...(indexed === undefined ? [] : removalOf(order, indexed)));
    dropped++;
    if (rows.length < CHUNK) continue;
    await store.commit({ rows });
    rows = [];
  }
  if (rows.length > 0) await store.commit({ rows });
  return dropped;
}

function fits(execution: Execution, filter: ExecutionFilter): boolean {
  return Object.entries(filter).every(
    ([name, value]) => value === undefined || execution[name as keyof ExecutionFilter] === value,
  );
}
