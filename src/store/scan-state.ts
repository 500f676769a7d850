import type { ClassicLevel } from 'classic-level';
import { ListedRows } from '../stored-rows.ts';
import { STATE } from './checkpoint.ts';
import { afterPrefix } from './prefix.ts';
import { unseal } from './seal.ts';
import type { Row, Visit } from './store.ts';

type Database = ClassicLevel<string, string>;

/** Rows and bytes that are read at a time. */
const ROWS = 5000;
const BYTES = 1024 * 1024;

/** Calls back with all state rows, in key order. */
export async function scanState(db: Database, visit: Visit): Promise<void> {
  for await (const rows of readState(db))
    visit(new ListedRows(rows.map(([key, sealed]) => [key.slice(STATE.length), unseal(key, sealed)])));
}

/** The state rows as they are in the database, in key order, many at a time. */
export async function* readState(db: Database): AsyncGenerator<readonly Row[]> {
  const iterator = db.iterator({ gte: STATE, lt: afterPrefix(STATE), highWaterMarkBytes: BYTES });
  try {
    // Reads many rows at a time, and the next batch ahead: one by one, a million rows would spend most of the time
    // waiting.
    let next = iterator.nextv(ROWS);
    for (let rows = await next; rows.length > 0; rows = await next) {
      next = iterator.nextv(ROWS);
      // The error is handled when the batch is awaited.
      next.catch(() => undefined);
      yield rows;
    }
  } finally {
    await iterator.close();
  }
}
