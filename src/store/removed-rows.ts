/** Rows that must have been removed before it is worth compacting. */
const MOST = 100_000;

/** A range of keys, with both ends, in which rows were removed in order. */
export interface Removed {
  readonly from: string;
  readonly to: string;
}

/**
 * Rows that are removed in the order of their keys, as those of a queue are. LevelDB would keep most of them for ever: tables
 * whose keys only grow move down its levels as they are, and what removes their rows stays above, since it always
 * compacts the next table in the order of keys, which is one of the new ones. Compacting what is removed brings both
 * together.
 */
export class RemovedRows {
  /** By the first part of keys: the last key removed in order, and how many were. */
  readonly #groups = new Map<string, { last: string; count: number }>();

  /** Rows that are removed in any order hardly count: LevelDB does well with those. */
  add(key: string): void {
    const name = groupOf(key);
    const group = this.#groups.get(name);
    if (group === undefined) this.#groups.set(name, { last: key, count: 1 });
    else if (key > group.last) {
      group.last = key;
      group.count++;
    }
  }

  /** The ranges that are worth compacting now, which begin anew. */
  takeLarge(): Removed[] {
    const large: Removed[] = [];
    for (const [from, { last: to, count }] of this.#groups) {
      if (count < MOST) continue;
      large.push({ from, to });
      this.#groups.delete(from);
    }
    return large;
  }
}

/** `s/dedupe/` of `s/dedupe/0000000000000001`; `c/` of `c/0000000000000001`, which has one part less. */
function groupOf(key: string): string {
  const end = key.indexOf('/', PREFIX);
  return key.slice(0, end < 0 ? PREFIX : end + 1);
}

/** Length of `s/`, `r/`, `c/` and `w/`. */
const PREFIX = 2;
