import { setTimeout } from 'node:timers/promises';
import type { ClassicLevel } from 'classic-level';
import type { Frame } from './frame.ts';
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

/** Milliseconds between two writes of a checkpoint. */
const REST = 1;

/** What a checkpoint records: how far the journal is obsolete, and what LevelDB must have for that. */
export interface Checkpoint {
  /** The last commit whose state rows are written. */
  readonly number: number;
  /** The number of the last write of other rows up to that commit. */
  readonly rowWrites: number;
}

/** Whether checkpoints shall not rest between their writes: 1 or 0, shared by threads. */
export type Hurry = Int32Array<SharedArrayBuffer>;

/**
 * Which of many changes is the last one of its row. It does not know the values, which would take as much memory as the
 * journal has bytes.
 */
class LastChanges {
  /** For each row the number of its last change, counted through all commits: a 32-bit integer. */
  readonly #last = new RowNumbers();
  /** For each change, 1 if a later one has overtaken it. */
  #overtaken = new Uint8Array(1024);
  #count = 0;
  readonly #dropped: { readonly from: string; readonly to: string; readonly before: number }[] = [];
  /** Of the changes of the next commit to be read again, the number of the first. */
  #next = 0;

  /** Ranges of keys whose rows were removed, before what the same commit and later ones changed. */
  get dropped(): readonly { readonly from: string; readonly to: string }[] {
    return this.#dropped;
  }

  add(frame: Frame): void {
    for (const { from, to } of frame.dropState())
      this.#dropped.push({ from: copyOf(from), to: copyOf(to), before: this.#count });
    const needed = this.#count + frame.stateCount;
    if (needed > this.#overtaken.length) this.#grow(2 * needed);
    frame.eachStateKey(this.#add);
  }

  readonly #add = (bytes: Uint8Array, from: number, to: number): void => {
    const before = this.#last.set(bytes, from, to, this.#count++);
    if (before !== undefined) this.#overtaken[before] = 1;
  };

  /** The changes of a commit that are the last ones of their rows. Must be called for each commit, in the same order. */
  in(frame: Frame): Change[] {
    const first = this.#next;
    this.#next += frame.stateCount;
    const overtaken = this.#overtaken;
    const firstLast = overtaken.indexOf(0, first);
    // Usually most commits have been overtaken by later ones.
    if (firstLast < 0 || firstLast >= this.#next) return [];
    const changes = frame.someState((place) => overtaken[first + place] === 0);
    const dropped = this.#dropped.filter(({ before }) => before > first);
    if (dropped.length === 0) return changes;
    return changes.filter(([key]) => !dropped.some(({ from, to }) => key >= from && key < to));
  }

  #grow(length: number): void {
    const overtaken = new Uint8Array(length);
    overtaken.set(this.#overtaken);
    this.#overtaken = overtaken;
  }
}

/** The same text without the frame of which it is a part, all of which V8 would keep for it. */
function copyOf(text: string): string {
  return Buffer.from(text).toString();
}

/**
 * Writes the last value of each state row that the commits change, syncs, and records the checkpoint, so that these
 * commits can be overwritten. `frames` returns all commits since the one before, in order; it is called twice, the first time
 * for frames that need not be verified. Rests between writes, so that commits take precedence on the disk, unless there is
 * hurry. `pause` is called after each commit that was read, twice for each: a thread may pause there.
 */
export async function writeState(
  db: Database,
  writes: NumberedWrites,
  frames: (areVerified: boolean) => Frames,
  { number, rowWrites }: Checkpoint,
  hurry?: Hurry,
  pause?: () => void,
): Promise<void> {
  const changes = await lastChanges(frames, pause);
  let operations: Operation[] = [];
  let bytes = 0;
  const write = async (options?: { readonly sync: true }) => {
    await writes.write(operations, options);
    operations = [];
    bytes = 0;
    if (hurry !== undefined && Atomics.load(hurry, 0) === 0) await setTimeout(REST);
  };
  const add = (operation: Operation) => {
    operations.push(operation);
    bytes += sizeOf(operation);
  };
  for (const { from, to } of changes.dropped)
    for await (const key of db.keys({ gte: STATE + from, lt: STATE + to })) {
      add({ type: 'del', key });
      if (bytes >= CHUNK) await write();
    }
  for await (const some of frames(true))
    for (const frame of some) {
      for (const [key, value] of changes.in(frame)) {
        add(operation(STATE + key, value));
        if (bytes >= CHUNK) await write();
      }
      pause?.();
    }
  add(operation(CHECKPOINT_KEY, `${number} ${rowWrites} ${writes.number}`));
  // This write is synced, which makes all earlier ones durable too.
  await write({ sync: true });
  await writes.compact();
}

async function lastChanges(
  frames: (areVerified: boolean) => Frames,
  pause: (() => void) | undefined,
): Promise<LastChanges> {
  const changes = new LastChanges();
  try {
    for await (const some of frames(false))
      for (const frame of some) {
        changes.add(frame);
        pause?.();
      }
  } catch (error) {
    // A frame that is not what was written may not even be readable: verifying it tells what is wrong.
    for await (const _ of frames(true));
    throw error;
  }
  return changes;
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
 * The last checkpoint, and the number of the last write of state rows before it was recorded: -1 in a directory of
 * earlier versions, where all writes had one series of numbers.
 */
export async function readCheckpoint(db: Database): Promise<Checkpoint & { readonly stateWrites: number }> {
  const noted = await db.get(CHECKPOINT_KEY);
  const [number = '0', rowWrites = '0', stateWrites = '-1'] =
    noted === undefined ? [] : unseal(CHECKPOINT_KEY, noted).split(' ');
  return { number: Number(number), rowWrites: Number(rowWrites), stateWrites: Number(stateWrites) };
}
