import type { ClassicLevel } from 'classic-level';
import { STATE } from './checkpoint.ts';
import { afterPrefix } from './prefix.ts';
import { unseal } from './seal.ts';
import type { Visit } from './store.ts';

/** Rows and bytes that are read at a time. */
const ROWS = 5000;
const BYTES = 1024 * 1024;

/** Calls back with each state row, in key order; `onSome` is awaited after each group of rows that was read at once. */
export async function scanState(
  db: ClassicLevel<string, string>,
  visit: Visit,
  onSome: () => Promise<void> = async () => {},
): Promise<void> {
  const iterator = db.iterator({ gte: STATE, lt: afterPrefix(STATE), highWaterMarkBytes: BYTES });
  try {
    // Reads many rows at a time, and the next batch ahead: one by one, a million rows would spend most of the time
    // waiting.
    let next = iterator.nextv(ROWS);
    for (let rows = await next; rows.length > 0; rows = await next) {
      next = iterator.nextv(ROWS);
      // The error is handled when the batch is awaited.
      next.catch(() => undefined);
      for (const [key, value] of rows) visit(key.slice(STATE.length), unseal(key, value));
      await onSome();
    }
  } finally {
    await iterator.close();
  }
}

/** Approximate bytes of the state rows in LevelDB's tables. */
export function sizeOfState(db: ClassicLevel<string, string>): Promise<number> {
  return db.approximateSize(STATE, afterPrefix(STATE));
}
