import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BatchOperation, ClassicLevel } from 'classic-level';
import { DEFAULT_LIMITS } from '../limits.ts';
import type { RawRow } from './backup.ts';
import { decodeRecord, encodeRecord, type StateChanges } from './journal.ts';
import { checkFormat, FORMAT_KEY } from './level-format.ts';
import { seal, unseal } from './seal.ts';
import { type Changes, type Range, type Row, type Store, StoreError } from './store.ts';
import { Tail } from './tail.ts';

export interface LevelStoreOptions {
  /** Bytes of journal after which the state rows are brought up to date. */
  readonly checkpointBytes?: number;
  /** Told when a commit or a checkpoint has failed and the store takes no more. */
  readonly onFailure?: (error: StoreError) => void;
}

type Database = ClassicLevel<string, string>;
type Operation = BatchOperation<Database, string, string>;

/** The parts of the key space: state rows, other rows, journal records, and what the store notes for itself. */
const STATE = 's/';
const ROW = 'r/';
const JOURNAL = 'j/';
const CHECKPOINT_KEY = 'm/checkpoint';

/** Rows of one write of a checkpoint: short enough that commits hardly wait. */
const CHUNK = 500;
/** What a scan of all state rows reads at a time. */
const SCAN_ROWS = 5000;
const SCAN_BYTES = 1024 * 1024;

/**
 * The durable store on LevelDB. A commit is one synced write: the state changes as one journal record, the other
 * rows as they are. The state rows themselves are written later, in the background: a checkpoint writes the last
 * value of each row touched since the one before, notes how far the journal has become superfluous, and deletes it.
 */
export async function openLevelStore(
  directory: string,
  options: LevelStoreOptions = {},
): Promise<LevelStore> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    throw storeError(error, `The data directory ${directory} cannot be made`);
  }
  await refuseHeadless(directory);
  const db: Database = new ClassicLevel(directory, { keyEncoding: 'utf8', valueEncoding: 'utf8' });
  try {
    await db.open();
  } catch (error) {
    throw openError(error, directory);
  }
  let tail: Tail | undefined;
  try {
    tail = new Tail(directory);
    await checkFormat(db, directory);
    const sequence = await replay(db, directory);
    const noted = tail.read();
    if (noted > sequence) {
      const lost = `Commits ${sequence + 1} to ${noted} were acknowledged and are missing in ${directory}`;
      throw new StoreError('CORRUPT', `${lost}. Restore a backup.`);
    }
    return new LevelStore(db, sequence, tail, options);
  } catch (error) {
    tail?.close();
    await db.close();
    throw error instanceof StoreError
      ? error
      : storeError(error, `The data directory ${directory} cannot be read`);
  }
}

/** A store on LevelDB. */
export class LevelStore implements Store {
  readonly #db: Database;
  readonly #options: LevelStoreOptions;
  readonly #noted: Tail;
  #sequence: number;
  /** What the journal holds beyond the state rows. */
  #unwritten = new Unwritten();
  #tail: Promise<unknown> = Promise.resolve();
  #checkpoint: Promise<void> | undefined;
  #failure: StoreError | undefined;

  constructor(db: Database, sequence: number, noted: Tail, options: LevelStoreOptions) {
    this.#db = db;
    this.#sequence = sequence;
    this.#noted = noted;
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

  /** Everything as it is stored, as of one commit; commits go on meanwhile. For `restoreLevelStore`. */
  async *dump(): AsyncIterable<RawRow> {
    // An iterator sees the database as it was when it began, and a commit is one write.
    for await (const row of this.#db.iterator<string, Buffer>({ valueEncoding: 'buffer' })) yield row;
  }

  commit(changes: Changes): Promise<void> {
    const done = this.#tail.then(() => this.#commit(changes));
    this.#tail = done.catch(() => undefined);
    return done;
  }

  async close(): Promise<void> {
    await this.#tail;
    await this.#checkpoint;
    // What cannot be written now is in the journal.
    if (this.#failure === undefined) await this.#writeOrFail();
    this.#failure ??= new StoreError('CLOSED', 'The store is closed');
    this.#noted.close();
    await this.#db.close();
  }

  async #commit({ state = [], dropState = [], rows = [], relaxed = false }: Changes): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const operations: Operation[] = rows.map(([key, value]) =>
      value === null
        ? { type: 'del', key: ROW + key }
        : { type: 'put', key: ROW + key, value: seal(ROW + key, value) },
    );
    // A record of every commit, also of one without state: a number that is missing tells that one was lost.
    const record = encodeRecord({ state, dropState });
    const key = journalKey(this.#sequence + 1);
    operations.push({ type: 'put', key, value: record, valueEncoding: 'buffer' } as unknown as Operation);
    try {
      await this.#db.batch(operations, { sync: !relaxed });
      // A checkpoint failed meanwhile: this may stand behind the torn end that it left.
      if (this.#failure !== undefined) throw this.#failure;
      if (!relaxed) this.#noted.note(this.#sequence + 1);
    } catch (error) {
      // Whether the write reached the disk is unknown now: only opening anew can tell.
      throw this.#fail(error, 'A commit failed');
    }
    this.#sequence++;
    this.#unwritten.add({ state, dropState }, record.length);
    const limit = this.#options.checkpointBytes ?? DEFAULT_LIMITS.checkpointBytes;
    if (this.#unwritten.bytes < limit || this.#checkpoint !== undefined) return;
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
    try {
      await writeState(this.#db, writing, this.#sequence);
    } catch (error) {
      this.#fail(error, 'A checkpoint failed');
    }
  }

  /** Takes no more; gives why. */
  #fail(error: unknown, what: string): StoreError {
    if (this.#failure !== undefined) return this.#failure;
    this.#failure = storeError(error, `${what}, and the store takes no more until it is opened anew`);
    this.#options.onFailure?.(this.#failure);
    return this.#failure;
  }
}

/**
 * Makes a database of the rows that `dump` gave, in a directory that is not there or empty; it may be a mount point.
 * The format's number is written last: until then no server opens it, and what fails on the way is removed. Rejects
 * with StoreError.
 */
export async function restoreLevelStore(directory: string, rows: AsyncIterable<RawRow>): Promise<number> {
  const entries = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw storeError(error, `The data directory ${directory} cannot be read`);
  });
  // A file system of its own has this one from the start.
  if (entries?.some((name) => name !== 'lost+found')) {
    const message = `The data directory ${directory} is not empty; name one that is not there yet`;
    throw new StoreError('IN_USE', message);
  }
  try {
    await mkdir(directory, { recursive: true });
    return await build(directory, rows);
  } catch (error) {
    for (const name of await readdir(directory).catch(() => []))
      if (name !== 'lost+found') await rm(join(directory, name), { recursive: true, force: true });
    if (entries === undefined) await rm(directory, { recursive: true, force: true });
    throw error instanceof StoreError
      ? error
      : storeError(error, `The data directory ${directory} cannot be made`);
  }
}

async function build(directory: string, rows: AsyncIterable<RawRow>): Promise<number> {
  const db = new ClassicLevel<string, Buffer>(directory, { keyEncoding: 'utf8', valueEncoding: 'buffer' });
  await db.open();
  try {
    let count = 0;
    let format: Buffer | undefined;
    let batch: BatchOperation<typeof db, string, Buffer>[] = [];
    for await (const [key, value] of rows) {
      count++;
      if (key === FORMAT_KEY) format = value;
      else batch.push({ type: 'put', key, value });
      if (batch.length < CHUNK) continue;
      await db.batch(batch);
      batch = [];
    }
    if (format === undefined) throw new StoreError('CORRUPT', 'The backup cannot be used: it has no format');
    // The last write is synced, and so makes all before it durable too.
    await db.batch([...batch, { type: 'put', key: FORMAT_KEY, value: format }], { sync: true });
    return count;
  } finally {
    await db.close();
  }
}

/** State changes that are in the journal only: the last value of each row, and the ranges dropped before that. */
class Unwritten {
  readonly rows = new Map<string, string | null>();
  readonly dropped: { readonly from: string; readonly to: string }[] = [];
  bytes = 0;

  add({ state, dropState }: StateChanges, bytes: number): void {
    for (const range of dropState) {
      this.dropped.push(range);
      for (const key of this.rows.keys()) if (key >= range.from && key < range.to) this.rows.delete(key);
    }
    for (const [key, value] of state) this.rows.set(key, value);
    this.bytes += bytes;
  }
}

/** Brings the state rows up to `sequence` and lets the journal up to there go. */
async function writeState(db: Database, { rows, dropped }: Unwritten, sequence: number): Promise<void> {
  for (const { from, to } of dropped) await db.clear({ gte: STATE + from, lt: STATE + to });
  let operations: Operation[] = [];
  for (const [key, value] of rows) {
    operations.push(
      value === null
        ? { type: 'del', key: STATE + key }
        : { type: 'put', key: STATE + key, value: seal(STATE + key, value) },
    );
    if (operations.length < CHUNK) continue;
    await db.batch(operations);
    operations = [];
  }
  // The last write is synced, and so makes all before it durable too.
  const noted = seal(CHECKPOINT_KEY, String(sequence));
  operations.push({ type: 'put', key: CHECKPOINT_KEY, value: noted });
  await db.batch(operations, { sync: true });
  await db.clear({ gte: JOURNAL, lte: journalKey(sequence) });
}

/** Without its CURRENT file LevelDB would begin a new database over the files of the old one. */
async function refuseHeadless(directory: string): Promise<void> {
  const names = await readdir(directory);
  const isData = (name: string) => /^(MANIFEST-|\d+\.(ldb|sst|log)$)/.test(name);
  if (names.includes('CURRENT') || !names.some(isData)) return;
  const message = `The data directory ${directory} holds data, but its file CURRENT is missing`;
  throw new StoreError('CORRUPT', `${message}. Put it back, or restore a backup.`);
}

/** Writes what the journal holds beyond the checkpoint into the state rows; gives the last record's number. */
async function replay(db: Database, directory: string): Promise<number> {
  const noted = await db.get(CHECKPOINT_KEY);
  const checkpoint = noted === undefined ? 0 : Number(unseal(CHECKPOINT_KEY, noted));
  const unwritten = new Unwritten();
  let sequence = checkpoint;
  const records = db.iterator<string, Buffer>({
    gt: journalKey(checkpoint),
    lt: after(JOURNAL),
    valueEncoding: 'buffer',
  });
  for await (const [key, record] of records) {
    sequence++;
    if (key !== journalKey(sequence)) {
      const missing = `journal record ${sequence} is missing in ${directory}, the next one is ${key}`;
      throw new StoreError('CORRUPT', `${missing}. Restore a backup.`);
    }
    unwritten.add(decodeRecord(record, `Journal record ${sequence} in ${directory}`), record.length);
  }
  if (sequence > checkpoint) await writeState(db, unwritten, sequence);
  return sequence;
}

function journalKey(sequence: number): string {
  return JOURNAL + String(sequence).padStart(16, '0');
}

/** The first key after all that begin with that part. */
function after(part: string): string {
  return part.slice(0, -1) + String.fromCharCode(part.charCodeAt(part.length - 1) + 1);
}

function openError(error: unknown, directory: string): StoreError {
  const cause = error instanceof Error ? error.cause : undefined;
  if ((cause as NodeJS.ErrnoException | undefined)?.code === 'LEVEL_LOCKED') {
    const message = `The data directory ${directory} is in use by another process`;
    return new StoreError(
      'IN_USE',
      `${message}. Stop that one, or choose another directory with --data-dir.`,
      { cause },
    );
  }
  return storeError(cause ?? error, `The data directory ${directory} cannot be opened`);
}

function storeError(cause: unknown, what: string): StoreError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const code = /no space left/i.test(why)
    ? 'NO_SPACE'
    : /read-only|permission denied|EACCES|EROFS/i.test(why)
      ? 'READ_ONLY'
      : /corrupt/i.test(why)
        ? 'CORRUPT'
        : 'FAILED';
  return new StoreError(code, `${what}: ${why}${ADVICE[code] ?? ''}`, { cause });
}

/** What to do about it, where it is not the same for every cause. */
const ADVICE: Readonly<Partial<Record<StoreError['code'], string>>> = {
  NO_SPACE: '. Make room on its disk',
  READ_ONLY: '. Make it writable for the user that the server runs as',
  CORRUPT: '. Restore a backup',
};
