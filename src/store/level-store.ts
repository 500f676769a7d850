import { readdir } from 'node:fs/promises';
import { ClassicLevel } from 'classic-level';
import { DEFAULT_LIMITS } from '../limits.ts';
import type { RawRow } from './backup.ts';
import { ROW, readCheckpoint, rowOperation, STATE, Unwritten, writeState } from './checkpoint.ts';
import { Journal } from './journal.ts';
import { openError, storeError } from './level-errors.ts';
import { checkFormat } from './level-format.ts';
import { makeDirectory } from './make-directory.ts';
import { NumberedWrites } from './numbered-writes.ts';
import { unseal } from './seal.ts';
import { type Changes, type Range, type Row, type Store, StoreError } from './store.ts';
import { checkTables } from './tables/check.ts';
import { Tail } from './tail.ts';

export interface LevelStoreOptions {
  /** Bytes of journal after which the state rows are brought up to date. */
  readonly checkpointBytes?: number;
  /** Told when a commit or a checkpoint has failed and the store takes no more. */
  readonly onFailure?: (error: StoreError) => void;
  /** Told for how many milliseconds a piece of work has kept the event loop. */
  readonly onWork?: (part: 'journal' | 'checkpoint', milliseconds: number) => void;
}

type Database = ClassicLevel<string, string>;

/** What a scan of all state rows reads at a time. */
const SCAN_ROWS = 5000;
const SCAN_BYTES = 1024 * 1024;
/** Milliseconds between two writes of a checkpoint. */
const REST = 1;

/**
 * The durable store: a journal of our own in front of LevelDB. A commit is one frame appended to the journal and synced;
 * commits that come meanwhile share the next sync. Rows that are read at any time then go to LevelDB, unsynced. The state
 * rows are written there later, in the background: a checkpoint writes the last value of each row touched since the one
 * before, syncs, and notes how far the journal has become superfluous.
 */
export async function openLevelStore(
  directory: string,
  options: LevelStoreOptions = {},
): Promise<LevelStore> {
  try {
    await makeDirectory(directory);
  } catch (error) {
    throw storeError(error, `The data directory ${directory} cannot be made`);
  }
  await refuseHeadless(directory);
  await checkTables(directory);
  const db: Database = new ClassicLevel(directory, { keyEncoding: 'utf8', valueEncoding: 'utf8' });
  try {
    await db.open();
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
    const writes = await NumberedWrites.open(db, checkpoint.writes, directory);
    const number = await replay(db, writes, journal, checkpoint.number);
    const noted = tail.read();
    if (noted > number) {
      const lost = `Commits ${number + 1} to ${noted} were acknowledged and are missing in ${directory}`;
      throw new StoreError('CORRUPT', `${lost}. Restore a backup.`);
    }
    return new LevelStore({ db, writes, journal, tail, number, options });
  } catch (error) {
    for (const each of opened) await each.close();
    await db.close();
    throw error instanceof StoreError
      ? error
      : storeError(error, `The data directory ${directory} cannot be read`);
  }
}

/** What a store stands on. */
interface Opened {
  readonly db: Database;
  readonly writes: NumberedWrites;
  readonly journal: Journal;
  readonly tail: Tail;
  /** The last commit's. */
  readonly number: number;
  readonly options: LevelStoreOptions;
}

/** A commit that waits for its turn. */
interface Waiting {
  readonly changes: Changes;
  resolve(): void;
  reject(error: StoreError): void;
}

/** The store on LevelDB. */
export class LevelStore implements Store {
  readonly #db: Database;
  readonly #writes: NumberedWrites;
  readonly #journal: Journal;
  readonly #noted: Tail;
  readonly #options: LevelStoreOptions;
  /** The last durable commit's. */
  #number: number;
  /** What the state rows lack. */
  #unwritten = new Unwritten();
  #waiting: Waiting[] = [];
  /** Ends when nothing waits any more. */
  #writing: Promise<void> | undefined;
  #checkpoint: Promise<void> | undefined;
  #failure: StoreError | undefined;
  /** Somebody waits for the end of a checkpoint. */
  #isHurried = false;

  constructor({ db, writes, journal, tail, number, options }: Opened) {
    this.#db = db;
    this.#writes = writes;
    this.#journal = journal;
    this.#noted = tail;
    this.#number = number;
    this.#options = options;
  }

  async *scanState(): AsyncIterable<Row> {
    const iterator = this.#db.iterator({ gte: STATE, lt: after(STATE), highWaterMarkBytes: SCAN_BYTES });
    try {
      // Many rows at a time, the next ones read while these are used: a million of them wait for each other otherwise.
      let next = iterator.nextv(SCAN_ROWS);
      for (let rows = await next; rows.length > 0; rows = await next) {
        next = iterator.nextv(SCAN_ROWS);
        // Looked at when its turn comes.
        next.catch(() => undefined);
        for (const [key, value] of rows) yield [key.slice(STATE.length), unseal(key, value)];
      }
    } finally {
      await iterator.close();
    }
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

  /** Everything as it is stored, as of one commit; commits go on meanwhile. For `level-restore.ts`. */
  async *dump(): AsyncIterable<RawRow> {
    // Most of it while commits go on, so that they wait only for what comes meanwhile.
    await this.#checkpoint;
    await this.#between(async () => this.#startCheckpoint());
    await this.#checkpoint;
    const rows = await this.#between(async () => {
      this.#isHurried = true;
      await this.#checkpoint;
      await this.#writeOrFail();
      this.#isHurried = false;
      if (this.#failure !== undefined) throw this.#failure;
      // An iterator sees the database as it was when it was made.
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
      this.#isHurried = true;
      await this.#checkpoint;
      // What cannot be written now is in the journal.
      if (this.#failure === undefined) await this.#writeOrFail();
      this.#failure ??= new StoreError('CLOSED', 'The store is closed');
    });
    this.#noted.close();
    await this.#journal.close();
    await this.#db.close();
  }

  /** Does something while no commit is under way; those that come meanwhile wait. */
  async #between<T>(run: () => Promise<T>): Promise<T> {
    while (this.#writing !== undefined) await this.#writing;
    const running = run();
    this.#writing = running.then(
      () => this.#writeAll(),
      () => this.#writeAll(),
    );
    return running;
  }

  /** Writes all that waits, group after group: what comes during one sync shares the next one. */
  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      const began = performance.now();
      const { frames, encoded } = this.#encode(group);
      this.#options.onWork?.('journal', performance.now() - began);
      try {
        // Awaited in any case: `#writing` is only set once this has returned.
        await this.#write(
          frames,
          encoded.map(({ changes }) => changes),
        );
      } catch (error) {
        // Whether the write reached the disk is unknown now: only opening anew can tell.
        const failure = this.#fail(error, 'A commit failed');
        for (const { reject } of encoded) reject(failure);
        continue;
      }
      for (const { resolve } of encoded) resolve();
    }
    this.#writing = undefined;
  }

  /** A commit that cannot be encoded is rejected before anything is written; the others go on. */
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
    for (const { state = [], dropState = [] } of commits) this.#unwritten.add(state, dropState);
    const operations = commits.flatMap(({ rows = [] }) => rows.map(rowOperation));
    // Not synced: the journal has them until a checkpoint, which is.
    if (operations.length > 0) await this.#writes.write(operations);
    if (this.#journal.size >= this.#checkpointBytes) this.#startCheckpoint();
  }

  /** To be called while nothing is being appended, for it turns the journal. */
  #startCheckpoint(): void {
    if (this.#checkpoint !== undefined || this.#failure !== undefined) return;
    this.#checkpoint = this.#writeOrFail().finally(() => {
      this.#checkpoint = undefined;
    });
  }

  /**
   * One checkpoint of everything committed so far. One that fails loses nothing, but ends the store: LevelDB would go
   * on behind the torn end that the failed write has left in its log, and find none of that at the next start.
   */
  async #writeOrFail(): Promise<void> {
    const writing = this.#unwritten;
    this.#unwritten = new Unwritten();
    this.#journal.turn();
    try {
      await writeState(this.#db, this.#writes, writing, this.#number, {
        onWork: (milliseconds) => this.#options.onWork?.('checkpoint', milliseconds),
        rest: () => this.#rest(),
      });
    } catch (error) {
      this.#fail(error, 'A checkpoint failed');
    }
  }

  /**
   * A checkpoint has until the journal is full again. Written as fast as it goes, it makes the slowest one in a hundred
   * commits three times as slow.
   */
  async #rest(): Promise<void> {
    if (this.#isHurried || this.#journal.size > this.#checkpointBytes / 2) return;
    await new Promise((resolve) => setTimeout(resolve, REST));
  }

  get #checkpointBytes(): number {
    return this.#options.checkpointBytes ?? DEFAULT_LIMITS.checkpointBytes;
  }

  /** Takes no more; gives why. */
  #fail(error: unknown, what: string): StoreError {
    if (this.#failure !== undefined) return this.#failure;
    this.#failure = storeError(error, `${what}, and the store accepts nothing until it is opened again`);
    this.#options.onFailure?.(this.#failure);
    return this.#failure;
  }
}

/** Without its CURRENT file LevelDB would begin a new database over the files of the old one. */
async function refuseHeadless(directory: string): Promise<void> {
  const names = await readdir(directory);
  const isData = (name: string) => /^(MANIFEST-|\d+\.(ldb|sst|log)$)/.test(name);
  if (names.includes('CURRENT') || !names.some(isData)) return;
  const message = `The data directory ${directory} contains data, but its file CURRENT is missing`;
  throw new StoreError('CORRUPT', `${message}. Put it back, or restore a backup.`);
}

/** Writes what the journal holds beyond the checkpoint into the rows; gives the last commit's number. */
async function replay(
  db: Database,
  writes: NumberedWrites,
  journal: Journal,
  checkpoint: number,
): Promise<number> {
  const unwritten = new Unwritten();
  let last = checkpoint;
  for (const { number, changes } of journal.after(checkpoint)) {
    last = number;
    unwritten.add(changes.state, changes.dropState);
    // Whatever of them LevelDB has already ends as it was: they come in their order.
    if (changes.rows.length > 0) await writes.write(changes.rows.map(rowOperation));
  }
  if (last > checkpoint) await writeState(db, writes, unwritten, last);
  return last;
}

/** The first key after all that begin with that part. */
function after(part: string): string {
  return part.slice(0, -1) + String.fromCharCode(part.charCodeAt(part.length - 1) + 1);
}
