import { type Change, type Store, StoreError } from '../../store/store.ts';
import { actionIdKey, actionKey, actionOfKey, doneKey, failedKey, pendingKey } from '../rows.ts';
import { type Execution, queueOf } from './execution.ts';

/** Throws StoreError when the row cannot be parsed. */
export function decodeExecution(key: string, text: string): Execution {
  try {
    return JSON.parse(text) as Execution;
  } catch (error) {
    throw new StoreError('CORRUPT', `${key} cannot be read: ${text.slice(0, 80)}`, { cause: error });
  }
}

/** The row that records where an execution is. */
export function placeRow(order: string, execution: Execution, position: string): Change {
  const { status, actionExecutionId, keyValue = '' } = execution;
  if (status === 'PENDING') return [pendingKey(queueOf(execution) as string, position), order];
  return [status === 'FAILED' ? failedKey(order) : doneKey(order), `${actionExecutionId}/${keyValue}`];
}

/** The rows that find an execution by its id and by its key. */
export function indexRows(order: string, { actionExecutionId, keyValue }: Indexed): Change[] {
  const byId: Change = [actionIdKey(actionExecutionId), order];
  return keyValue === undefined || keyValue === '' ? [byId] : [byId, [actionOfKey(keyValue, order), '']];
}

/** The changes that remove an execution from the list, except for its place row. */
export function removalOf(order: string, execution: Indexed): Change[] {
  const index = indexRows(order, execution).map(([key]): Change => [key, null]);
  return [[actionKey(order), null], ...index];
}

type Indexed = Pick<Execution, 'actionExecutionId' | 'keyValue'>;

/**
 * The values that a finished execution is indexed by, from its place row; rows written by older versions need the
 * execution itself.
 */
export async function indexedOf(store: Store, order: string, place: string): Promise<Indexed | undefined> {
  if (place !== '') {
    const [actionExecutionId = '', keyValue] = place.split('/');
    return { actionExecutionId, ...(keyValue && { keyValue }) };
  }
  const text = await store.get(actionKey(order));
  return text === undefined ? undefined : decodeExecution(actionKey(order), text);
}
