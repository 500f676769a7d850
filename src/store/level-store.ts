import { readdir } from 'node:fs/promises';
import { ClassicLevel } from 'classic-level';
import { DEFAULT_LIMITS } from '../limits.ts';
import type { RawRow } from './backup.ts';
import { type Hurry, ROW, readCheckpoint, rowOperation, writeState } from './checkpoint.ts';
import { Checkpoints } from './checkpoints.ts';
import { Journal } from './journal.ts';
import { openError, storeError } from './level-errors.ts';
import { checkFormat } from './level-format.ts';
import { makeDirectory } from './make-directory.ts';
import { NumberedWrites, ROW_WRITES, STATE_WRITES } from './numbered-writes.ts';
import { scanState } from './scan-state.ts';
import { unseal } from './seal.ts';
import type { StateReader } from './state-reader.ts';
import { type Changes, type Range, type Row, type Store, StoreError, type Visit } from './store.ts';
import { checkTables } from './tables/check.ts';
import { Tail } from './tail.ts';
import { ThreadEnded } from './thread-failure.ts';

export interface LevelStoreOptions {
  /** Bytes of journal after which a checkpoint writes the state rows. */
  readonly checkpointBytes?: number;
  /** Called when a commit or a checkpoint has failed and the store accepts no more changes. */
  readonly onFailure?: (error: StoreError) => void;
  /** Called with the milliseconds for which encoding commits has blocked the event loop. */
  readonly onEncoded?: (milliseconds: number) => void;
  /** Called with the milliseconds that a checkpoint has taken, including its rests. */
  readonly onCheckpoint?: (milliseconds: number) => void;
  /**
   * Bytes of journal from which on checkpoints have a thread of their own (checkpoints.ts). By default none has. Without
   * threads no other opening of the directory succeeds, even in this process.
   */
  readonly threadFrom?: number;
  /** Verifies the tables and reads the state rows; closed with the store, or when it cannot be opened. */
  readonly reader?: StateReader | undefined;
  /** Called when a thread could not be had or has ended, so that its work is done in this one. */
  readonly onThreadEnded?: (error: Error) => void;
}

type Database = ClassicLevel<string, string>;

/** The part of the next checkpoint's journal that may be written before a checkpoint hurries. */
const HURRY_FROM = 3 / 4;

/**
 * The durable store: our own journal in front of LevelDB. A commit is one frame, appended to the journal and synced;
 * commits that arrive during a sync share the next one. Rows that can be read at any time then go to LevelDB, unsynced.
 * State rows are written later, in the background: a checkpoint writes the last value of each row touched since the
 * previous one, syncs, and records how far the journal has become obsolete. Rejects with StoreError.
 */
export async function openLevelStore(
  directory: string,
  options: LevelStoreOptions = {},
): Promise<LevelStore> {
  try {
    return await open(directory, options);
  } catch (error) {
    await options.reader?.close();
    throw error;
  }
}

async function open(directory: string, options: LevelStoreOptions): Promise<LevelStore> {
  try {
    await makeDirectory(directory);
  } catch (error) {
    throw storeError(error, `The data directory ${directory} cannot be created`);
  }
  await refuseHeadless(directory);
  const reader = await verifyTables(directory, options);
  const db: Database = new ClassicLevel(directory, { keyEncoding: 'utf8', valueEncoding: 'utf8' });
  const { threadFrom = Number.POSITIVE_INFINITY, onThreadEnded } = options;
  try {
    await db.open({ multithreading: threadFrom < Number.POSITIVE_INFINITY || reader !== undefined });
  } catch (error) {
    throw openError(error, directory);
  }
  const opened: { close(): void | Promise<void> }[] = [];
  try {
    const tail = new Tail(directory);
    opened.push(tail);
    await checkFormat(db, directory);
    const journal = new Journal(directory);
    opened.push(journal);
    const checkpoint = await readCheckpoint(db);
    const { rowWrites, stateWrites } = checkpoint;
    const rows = await NumberedWrites.open(db, ROW_WRITES, rowWrites, directory);
    const state = await NumberedWrites.open(db, STATE_WRITES, stateWrites, directory);
    const number = await replay(db, { rows, state }, journal, checkpoint.number);
    const noted = tail.read();
    if (noted > number) {
      const lost = `Commits ${number + 1} to ${noted} were acknowledged and are missing in ${directory}`;
      throw new StoreError('CORRUPT', `${lost}. Restore a backup.`);
    }
    const hurry: Hurry = new Int32Array(new SharedArrayBuffer(4));
    const checkpoints = new Checkpoints({ directory, db, writes: state, hurry, threadFrom, onThreadEnded });
    return new LevelStore({ db, reader, rows, checkpoints, hurry, journal, tail, number, options });
  } catch (error) {
    for (const each of opened) await each.close();
    await db.close();
    throw error instanceof StoreError
      ? error
      : storeError(error, `The data directory ${directory} cannot be read`);
  }
}

interface Opened {
  readonly reader: StateReader | undefined;
  readonly db: Database;
  /** The writes of rows. */
  readonly rows: NumberedWrites;
  readonly checkpoints: Checkpoints;
  readonly hurry: Hurry;
  readonly journal: Journal;
  readonly tail: Tail;
  /** The number of the last commit. */
  readonly number: number;
  readonly options: LevelStoreOptions;
}

/** A commit that waits to be written. */
interface Waiting {
  readonly changes: Changes;
  resolve(): void;
  reject(error: StoreError): void;
}

export class LevelStore implements Store {
  readonly #db: Database;
  readonly #reader: StateReader | undefined;
  readonly #rows: NumberedWrites;
  readonly #checkpoints: Checkpoints;
  /** Set when somebody waits for the checkpoint, or when the journal of the next one is nearly full. */
  readonly #hurry: Hurry;
  readonly #journal: Journal;
  readonly #noted: Tail;
  readonly #options: LevelStoreOptions;
  /** The number of the last durable commit. */
  #number: number;
  #waiting: Waiting[] = [];
  /** Resolves when no commit waits any more. */
  #writing: Promise<void> | undefined;
  #checkpoint: Promise<void> | undefined;
  #failure: StoreError | undefined;

  constructor({ db, reader, rows, checkpoints, hurry, journal, tail, number, options }: Opened) {
    this.#db = db;
    this.#reader = reader;
    this.#rows = rows;
    this.#checkpoints = checkpoints;
    this.#hurry = hurry;
    this.#journal = journal;
    this.#noted = tail;
    this.#number = number;
    this.#options = options;
  }

  async scanState(visit: Visit): Promise<void> {
    try {
      if (this.#reader !== undefined) return await this.#reader.scan(visit);
    } catch (error) {
      if (!(error instanceof ThreadEnded)) throw error;
      this.#options.onThreadEnded?.(error);
    }
    return scanState(this.#db, visit);
  }

  async *scan({ from, to, reverse = false, limit = -1 }: Range): AsyncIterable<Row> {
    if (limit === 0) return;
    for await (const [key, value] of this.#db.iterator({ gte: ROW + from, lt: ROW + to, reverse, limit })) {
      yield [key.slice(ROW.length), unseal(key, value)];
    }
  }

  async get(key: string): Promise<string | undefined> {
    const sealed = await this.#db.get(ROW + key);
    return sealed === undefined ? undefined : unseal(ROW + key, sealed);
  }

  /** All rows as stored, as of one commit; commits continue meanwhile. For `level-restore.ts`. */
  async *dump(): AsyncIterable<RawRow> {
    // Does most of the work while commits continue, so that they wait only for the remainder.
    await this.#checkpoint;
    await this.#between(async () => this.#startCheckpoint());
    await this.#checkpoint;
    const rows = await this.#between(async () => {
      this.#setHurry(true);
      await this.#checkpoint;
      await this.#writeOrFail(true);
      if (this.#failure !== undefined) throw this.#failure;
      // An iterator sees the database as of its creation.
      return this.#db.iterator<string, Buffer>({ valueEncoding: 'buffer' });
    });
    for await (const row of rows) yield row;
  }

  commit(changes: Changes): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ changes, resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  async close(): Promise<void> {
    await this.#between(async () => {
      this.#setHurry(true);
      await this.#checkpoint;
      // Anything not written now is in the journal.
      if (this.#failure === undefined) await this.#writeOrFail(true);
      this.#failure ??= new StoreError('CLOSED', 'The store is closed');
    });
    this.#noted.close();
    await this.#reader?.close();
    await this.#journal.close();
    await this.#checkpoints.close();
    await this.#db.close();
  }

  /** Runs a function while no commit is in progress; commits that arrive meanwhile wait. */
  async #between<T>(run: () => Promise<T>): Promise<T> {
    while (this.#writing !== undefined) await this.#writing;
    const running = run();
    this.#writing = running.then(
      () => this.#writeAll(),
      () => this.#writeAll(),
    );
    return running;
  }

  /** Writes all waiting commits in groups: those that arrive during a sync share the next one. */
  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      const began = performance.now();
      const { frames, encoded } = this.#encode(group);
      this.#options.onEncoded?.(performance.now() - began);
      try {
        // Always awaited, since `#writing` is only set after this has returned.
        await this.#write(
          frames,
          encoded.map(({ changes }) => changes),
        );
      } catch (error) {
        // It is unknown whether the write reached the disk; only reopening can tell.
        const failure = this.#fail(error, 'A commit failed');
        for (const { reject } of encoded) reject(failure);
        continue;
      }
      for (const { resolve } of encoded) resolve();
    }
    this.#writing = undefined;
  }

  /** A commit that cannot be encoded is rejected before anything is written; the others continue. */
  #encode(group: readonly Waiting[]): { readonly frames: Buffer[]; readonly encoded: Waiting[] } {
    const frames: Buffer[] = [];
    const encoded: Waiting[] = [];
    for (const waiting of group) {
      try {
        frames.push(
          this.#journal.encode(this.#number + 1 + frames.length, waiting.changes, group.length === 1),
        );
        encoded.push(waiting);
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        waiting.reject(
          new StoreError('UNENCODABLE', `A commit is too large to be written: ${why}`, { cause }),
        );
      }
    }
    return { frames, encoded };
  }

  async #write(frames: readonly Buffer[], commits: readonly Changes[]): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (commits.length === 0) return;
    await this.#journal.append(frames);
    this.#number += commits.length;
    this.#noted.note(this.#number);
    const operations = commits.flatMap(({ rows = [] }) => rows.map(rowOperation));
    // Not synced: the journal keeps these changes until a checkpoint, which is synced.
    if (operations.length > 0) await this.#rows.write(operations);
    const { size } = this.#journal;
    // A checkpoint may take until the next one's journal is nearly full: at full speed it would triple the 99th percentile
    // of the commit time.
    if (size > this.#checkpointBytes * HURRY_FROM) this.#setHurry(true);
    if (size >= this.#checkpointBytes) this.#startCheckpoint();
  }

  /** Must be called while nothing is being appended, since it switches the journal's file. */
  #startCheckpoint(): void {
    if (this.#checkpoint !== undefined || this.#failure !== undefined) return;
    this.#checkpoint = this.#writeOrFail().finally(() => {
      this.#checkpoint = undefined;
    });
  }

  /**
   * Writes one checkpoint of everything committed so far. A failure loses nothing, but closes the store to changes:
   * LevelDB would continue after the torn end that the failed write left in its log, and not find those records at the
   * next start.
   */
  async #writeOrFail(isHurried = false): Promise<void> {
    this.#journal.turn();
    this.#setHurry(isHurried);
    const began = performance.now();
    try {
      const checkpoint = { number: this.#number, rowWrites: this.#rows.number };
      await this.#checkpoints.write(this.#journal.turned, checkpoint);
      await this.#rows.compact();
      this.#options.onCheckpoint?.(performance.now() - began);
    } catch (error) {
      this.#fail(error, 'A checkpoint failed');
    }
  }

  #setHurry(isHurried: boolean): void {
    Atomics.store(this.#hurry, 0, Number(isHurried));
  }

  get #checkpointBytes(): number {
    return this.#options.checkpointBytes ?? DEFAULT_LIMITS.checkpointBytes;
  }

  /** Closes the store to changes and returns the reason. */
  #fail(error: unknown, what: string): StoreError {
    if (this.#failure !== undefined) return this.#failure;
    this.#failure = storeError(error, `${what}, and the store accepts nothing until it is opened again`);
    this.#options.onFailure?.(this.#failure);
    return this.#failure;
  }
}

/** Resolves with the reader, if it has verified the tables; without it they are verified here. */
async function verifyTables(
  directory: string,
  { reader, onThreadEnded }: LevelStoreOptions,
): Promise<StateReader | undefined> {
  try {
    await reader?.verified();
    if (reader !== undefined) return reader;
  } catch (error) {
    if (!(error instanceof ThreadEnded)) throw error;
    onThreadEnded?.(error);
  }
  await checkTables(directory);
  return undefined;
}

/** Without a CURRENT file LevelDB would create a new database over the files of the old one. */
async function refuseHeadless(directory: string): Promise<void> {
  const names = await readdir(directory).catch((error: unknown) => {
    throw storeError(error, `The data directory ${directory} cannot be read`);
  });
  const isData = (name: string) => /^(MANIFEST-|\d+\.(ldb|sst|log)$)/.test(name);
  if (names.includes('CURRENT') || !names.some(isData)) return;
  const message = `The data directory ${directory} contains data, but its file CURRENT is missing`;
  throw new StoreError('CORRUPT', `${message}. Put it back, or restore a backup.`);
}

/** Writes the commits of the journal after the checkpoint into the rows; returns the number of the last commit. */
async function replay(
  db: Database,
  writes: { readonly rows: NumberedWrites; readonly state: NumberedWrites },
  journal: Journal,
  checkpoint: number,
): Promise<number> {
  const frames = journal.after(checkpoint);
  for (const frame of frames) {
    const { rows } = frame.changes();
    // Applying rows that LevelDB already has is harmless, since they come in order.
    if (rows.length > 0) await writes.rows.write(rows.map(rowOperation));
  }
  const number = frames.at(-1)?.number ?? checkpoint;
  if (number > checkpoint)
    await writeState(db, writes.state, () => [frames], { number, rowWrites: writes.rows.number });
  return number;
}
