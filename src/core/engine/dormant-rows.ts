import type { StoredRows } from '../../stored-rows.ts';

/** Consecutive rows of those that came from the store together. */
interface Group {
  /** Absent once none of these is dormant any more, which frees their memory. */
  rows: StoredRows | undefined;
  /** The number of the first one, and its index among `rows`. */
  readonly first: number;
  readonly index: number;
  /** How many are still dormant. */
  left: number;
}

/** The rows of a model's instances that nobody has asked for since they were stored. Each has a number. */
export class DormantRows {
  readonly #groups: Group[] = [];
  #next = 0;

  /** Adds a row and returns its number. */
  add(rows: StoredRows, index: number): number {
    const number = this.#next++;
    const last = this.#groups.at(-1);
    if (last?.rows === rows && last.index + number - last.first === index) last.left++;
    else this.#groups.push({ rows, first: number, index, left: 1 });
    return number;
  }

  /** The key under which the row is stored; undefined when all rows of its group are released. */
  key(number: number): string | undefined {
    const { rows, first, index } = this.#groupOf(number);
    return rows?.key(index + number - first);
  }

  /** The row's text. It must not be released. */
  text(number: number): string {
    const { rows, first, index } = this.#groupOf(number);
    return (rows as StoredRows).value(index + number - first).toString();
  }

  /** Forgets a row. */
  release(number: number): void {
    const group = this.#groupOf(number);
    if (--group.left === 0) group.rows = undefined;
  }

  #groupOf(number: number): Group {
    let [from, to] = [0, this.#groups.length];
    while (to - from > 1) {
      const middle = (from + to) >> 1;
      if ((this.#groups[middle] as Group).first <= number) from = middle;
      else to = middle;
    }
    return this.#groups[from] as Group;
  }
}
