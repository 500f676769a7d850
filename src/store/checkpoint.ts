import type { ClassicLevel } from 'classic-level';
import type { Committed, Frame } from './frame.ts';
import { type NumberedWrites, type Operation, sizeOf } from './numbered-writes.ts';
import { RowNumbers } from './row-numbers.ts';
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

/**
 * Which state changes are only in the journal. It knows where each row was changed last; the values are read back from
 * the journal, since as texts they would become old here, and make the garbage collector stop the server.
 */
export class Unwritten {
  /** For each row the last commit that changed it, counted from the first commit: a 32-bit integer. */
  readonly #last = new RowNumbers();
  /** For each commit, of how many rows it is the last. */
  #lasts: number[] = [];
  #first: number | undefined;
  #dropped: { readonly from: string; readonly to: string; readonly number: number }[] = [];

  /** Ranges of keys whose rows were removed, before what the same commit and later ones changed. */
  get dropped(): readonly { readonly from: string; readonly to: string }[] {
    return this.#dropped;
  }

  /** Commit `number` is in the journal. */
  add(number: number, { state, dropState }: Pick<Committed, 'state' | 'dropState'>): void {
    this.#first ??= number;
    for (const range of dropState) this.#dropped.push({ ...range, number });
    const at = number - this.#first;
    this.#lasts[at] = state.length;
    for (const [key] of state) {
      const before = this.#last.set(key, at);
      if (before !== undefined) this.#lasts[before] = (this.#lasts[before] as number) - 1;
    }
  }

  /** Whether the rows of commit `number` need to be read: usually most commits have been overtaken by later ones. */
  isNeeded(number: number): boolean {
    return this.#lasts[number - (this.#first ?? 0)] !== 0;
  }

  /** Whether what commit `number` wrote into the row is still its value. */
  isLast(key: string, number: number): boolean {
    if (this.#last.get(key) !== number - (this.#first ?? 0)) return false;
    return !this.#dropped.some((range) => range.number > number && key >= range.from && key < range.to);
  }

  /** Forgets everything, to be used again: a new one would have to grow. */
  clear(): void {
    this.#last.clear();
    this.#lasts = [];
    this.#first = undefined;
    this.#dropped = [];
  }
}

/**
 * Writes the state rows up to commit `number`, so that the journal up to there can be reused. `frames` are the commits
 * of `unwritten`, in order.
 */
export async function writeState(
  db: Database,
  writes: NumberedWrites,
  { unwritten, frames }: { readonly unwritten: Unwritten; readonly frames: Frames },
  number: number,
  { onWork = () => {}, rest = async () => {} }: CheckpointOptions = {},
): Promise<void> {
  let began = performance.now();
  let operations: Operation[] = [];
  let bytes = 0;
  const write = async (options?: { readonly sync: true }) => {
    const written = writes.write(operations, options);
    operations = [];
    bytes = 0;
    onWork(performance.now() - began);
    await written;
    await rest();
    began = performance.now();
  };
  const add = (operation: Operation) => {
    operations.push(operation);
    bytes += sizeOf(operation);
  };
  for (const { from, to } of unwritten.dropped)
    for await (const key of db.keys({ gte: STATE + from, lt: STATE + to })) {
      add({ type: 'del', key });
      if (bytes >= CHUNK) await write();
    }
  for await (const some of frames) {
    began = performance.now();
    for (const frame of some) {
      if (!unwritten.isNeeded(frame.number)) continue;
      for (const [key, value] of frame.changes().state) {
        if (!unwritten.isLast(key, frame.number)) continue;
        add(operation(STATE + key, value));
        if (bytes >= CHUNK) await write();
      }
    }
    onWork(performance.now() - began);
  }
  began = performance.now();
  add(operation(CHECKPOINT_KEY, `${number} ${writes.number}`));
  // This write is synced, which makes all earlier ones durable too.
  await write({ sync: true });
}

/** Lists of frames, each read at once. */
type Frames = Iterable<readonly Frame[]> | AsyncIterable<readonly Frame[]>;

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
