import type { ClassicLevel } from 'classic-level';
import type { Committed } from './frame.ts';
import { type NumberedWrites, type Operation, sizeOf } from './numbered-writes.ts';
import { seal, unseal } from './seal.ts';
import type { Change } from './store.ts';

type Database = ClassicLevel<string, string>;

/** The parts of the key space: state rows, other rows, and the store's own records. */
export const STATE = 's/';
export const ROW = 'r/';
const CHECKPOINT_KEY = 'm/checkpoint';

/** Approximate bytes of one write of a checkpoint: short enough that commits hardly wait. */
const CHUNK = 16 * 1024;

export interface CheckpointOptions {
  /** Called with the milliseconds for which each step has blocked the event loop. */
  readonly onWork?: (milliseconds: number) => void;
  /** Awaited between two writes, so that commits take precedence on the disk and in the event loop. */
  readonly rest?: () => Promise<void>;
}

/** State changes that are only in the journal: the last value of each row, and the ranges dropped before. */
export class Unwritten {
  readonly rows = new Map<string, string | null>();
  readonly dropped: { readonly from: string; readonly to: string }[] = [];

  add(state: Committed['state'], dropState: Committed['dropState']): void {
    for (const range of dropState) {
      this.dropped.push(range);
      for (const key of this.rows.keys()) if (key >= range.from && key < range.to) this.rows.delete(key);
    }
    for (const [key, value] of state) this.rows.set(key, value);
  }
}

/** Writes the state rows up to commit `number`, so that the journal up to there can be reused. */
export async function writeState(
  db: Database,
  writes: NumberedWrites,
  { rows, dropped }: Unwritten,
  number: number,
  { onWork = () => {}, rest = async () => {} }: CheckpointOptions = {},
): Promise<void> {
  let began = performance.now();
  const write = async (chunk: Operation[], options?: { readonly sync: true }) => {
    const written = writes.write(chunk, options);
    onWork(performance.now() - began);
    await written;
  };
  let operations: Operation[] = [];
  let bytes = 0;
  const add = async (operation: Operation) => {
    operations.push(operation);
    bytes += sizeOf(operation);
    if (bytes < CHUNK) return;
    const chunk = operations;
    operations = [];
    bytes = 0;
    await write(chunk);
    await rest();
    began = performance.now();
  };
  for (const { from, to } of dropped)
    for await (const key of db.keys({ gte: STATE + from, lt: STATE + to })) await add({ type: 'del', key });
  for (const [key, value] of rows) await add(operation(STATE + key, value));
  // This write is synced, which makes all earlier ones durable too.
  const noted = operation(CHECKPOINT_KEY, `${number} ${writes.number}`);
  await write([...operations, noted], { sync: true });
}

export function rowOperation([key, value]: Change): Operation {
  return operation(ROW + key, value);
}

function operation(key: string, value: string | null): Operation {
  return value === null ? { type: 'del', key } : { type: 'put', key, value: seal(key, value) };
}

/**
 * The commit up to which the state rows are written, and the number of the last write to LevelDB before that was
 * recorded.
 */
export async function readCheckpoint(
  db: Database,
): Promise<{ readonly number: number; readonly writes: number }> {
  const noted = await db.get(CHECKPOINT_KEY);
  const [number = '0', writes = '0'] = noted === undefined ? [] : unseal(CHECKPOINT_KEY, noted).split(' ');
  return { number: Number(number), writes: Number(writes) };
}
