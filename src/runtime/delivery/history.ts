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
  /** `next` of the previous page. */
  readonly after?: string;
}

/** Executions that match the filter, newest first, and where the next page begins when there are more. */
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

/** All executions that match the filter, newest first. */
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
    // It may have been discarded between the two reads.
    if (text === undefined) continue;
    const execution = decodeExecution(actionKey(order), text);
    if (fits(execution, filter)) yield { order, execution };
  }
}

/** The index with the fewest rows that covers the filter; all index keys end with the order. */
function indexFor({ keyValue, status }: ExecutionFilter): string {
  if (keyValue !== undefined && keyValue !== '') return actionsOf(keyValue);
  // Failed executions are few, and indexed separately.
  return status === 'FAILED' ? 'failed' : 'action';
}

export async function findExecution(store: Store, actionExecutionId: string): Promise<Stored | undefined> {
  const order = await store.get(actionIdKey(actionExecutionId));
  return order === undefined ? undefined : readExecution(store, order);
}

export async function readExecution(store: Store, order: string): Promise<Stored | undefined> {
  const text = await store.get(actionKey(order));
  return text === undefined ? undefined : { order, execution: decodeExecution(actionKey(order), text) };
}

/** The position of a pending execution in its queue; most are still where they were first put. */
export async function findPosition(store: Store, queue: string, order: string): Promise<string | undefined> {
  if ((await store.get(pendingKey(queue, order))) === order) return order;
  for await (const [key, value] of store.scan(below(pendingOf(queue)))) {
    if (value === order) return readPendingKey(key).position;
  }
  return undefined;
}

/** Rows in one commit of a removal. */
const CHUNK = 4000;

/** Deletes the `count` oldest finished executions, either failed or other ones. */
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
