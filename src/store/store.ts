import type { StoredRows } from '../stored-rows.ts';
import type { WrittenRows } from './written-rows.ts';

/**
 * Durable storage behind one interface: an ordered map from text keys to text values, changed in atomic, durable
 * commits.
 *
 * There are two kinds of rows, because they are read in two ways:
 *
 * - *state rows* (`commit.state`) live in memory while the process runs and change all the time. A store may keep
 *   them in a journal and write the rows themselves later; they are read once, by `scanState`, right after `open`.
 * - *rows* (`commit.rows`) are read and listed at any time.
 *
 * Both kinds of one commit become durable together or not at all.
 */
export interface Store {
  /**
   * Calls back with all state rows, in key order and in groups that stay valid. Must be called before the first commit. Rejects with what `visit`
   * throws.
   */
  scanState(visit: Visit): Promise<void>;
  /** Rows with `from <= key < to`, ascending, or descending with `reverse`; at most `limit`. */
  scan(range: Range): AsyncIterable<Row>;
  get(key: string): Promise<string | undefined>;
  /**
   * Resolves when the changes are durable (fsync). Rejects with `StoreError` when they are not: either none of them is
   * visible, now or after a restart, or the store refuses every later commit. UNENCODABLE always means the former.
   * Commits become durable in the order of the calls; a caller need not wait for one before making the next.
   */
  commit(changes: Changes): Promise<void>;
  /** Waits for commits in progress, then closes. */
  close(): Promise<void>;
}

export type Visit = (rows: StoredRows) => void;

export type Row = readonly [key: string, value: string];

/** A put, or with `null` a deletion. Within one list a later change of a key wins. */
export type Change = readonly [key: string, value: string | null];

export interface Changes {
  /** Written rows must stay as they are until the commit is durable. */
  readonly state?: readonly Change[] | WrittenRows;
  /** State rows with `from <= key < to`, deleted before the changes in `state` are applied. */
  readonly dropState?: readonly { readonly from: string; readonly to: string }[];
  readonly rows?: readonly Change[];
}

export interface Range {
  readonly from: string;
  readonly to: string;
  readonly reverse?: boolean;
  readonly limit?: number;
}

/** Why a store could not be opened, read or written; `message` says what to do about it. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code:
    | 'IN_USE'
    | 'CORRUPT'
    | 'VERSION'
    | 'NO_SPACE'
    | 'READ_ONLY'
    | 'CLOSED'
    | 'FAILED'
    /** The changes of one commit are too large to be written; the store continues without them. */
    | 'UNENCODABLE';
  /** The model whose removal makes the store readable again. */
  readonly model: string | undefined;
  constructor(
    code: StoreError['code'],
    message: string,
    options?: ErrorOptions & { readonly model?: string | undefined },
  ) {
    super(message, options);
    this.code = code;
    this.model = options?.model;
  }
}
