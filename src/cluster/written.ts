import type { Turn } from '../core/engine/turn.ts';
import type { RowWriter } from '../row-writer.ts';
import { WrittenRows } from '../store/written-rows.ts';

const written = new WrittenRows();

/** The current rows of the instances that a turn touched, by key; null for those that were removed. */
export function rowsOf(turn: Turn): ReadonlyMap<string, string | null> {
  written.clear();
  turn.writeRows(written);
  return new Map(written);
}

/** What is written, as one text. */
export function textOf(write: (out: RowWriter) => void): string {
  written.clear();
  write(written);
  return written.bytes.toString();
}
