import type { Change, Store } from '../../store/store.ts';
import { actionKey, below, pendingKey, pendingOf, readPendingKey } from '../rows.ts';
import type { Execution, ExecutionStatus, ExecutionType, Stored } from './execution.ts';
import { decodeExecution } from './outbox.ts';

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
  // Failed executions are few among many, and have rows of their own.
  const part = filter.status === 'FAILED' ? 'failed' : 'action';
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

/** The execution of that id. */
export async function findExecution(store: Store, actionExecutionId: string): Promise<Stored | undefined> {
  const range = below('action');
  for await (const [key, text] of store.scan({ ...range, reverse: true })) {
    if (!text.includes(actionExecutionId)) continue;
    const execution = decodeExecution(key, text);
    if (execution.actionExecutionId === actionExecutionId)
      return { order: key.slice('action/'.length), execution };
  }
  return undefined;
}

export async function readExecution(store: Store, order: string): Promise<Stored | undefined> {
  const text = await store.get(actionKey(order));
  return text === undefined ? undefined : { order, execution: decodeExecution(actionKey(order), text) };
}

/** Where a pending execution stands in the queue of its target; most stand where they were put first. */
export async function findPosition(store: Store, target: string, order: string): Promise<string | undefined> {
  if ((await store.get(pendingKey(target, order))) === order) return order;
  for await (const [key, value] of store.scan(below(pendingOf(target)))) {
    if (value === order) return readPendingKey(key).position;
  }
  return undefined;
}

/** Rows of one commit of a removal. */
const CHUNK = 1000;

/** Lets the oldest finished executions go, `count` of those that failed or of the others. */
export async function dropOldest(store: Store, part: 'failed' | 'done', count: number): Promise<number> {
  let rows: Change[] = [];
  let dropped = 0;
  for await (const [key] of store.scan({ ...below(part), limit: count })) {
    rows.push([key, null], [actionKey(key.slice(part.length + 1)), null]);
    dropped++;
    if (rows.length < 2 * CHUNK) continue;
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
