/**
 * Some stored rows, in order of their keys. Their texts need not be strings: millions of rows that are hardly ever read
 * are better kept outside the heap.
 */
export interface StoredRows {
  readonly count: number;
  key(index: number): string;
  value(index: number): RowText;
}

/** The text of a row. A string is one. */
export interface RowText {
  /** About as many characters as it has: those outside ASCII may count as more. */
  readonly length: number;
  /** The code of a character; valid only up to the first one outside ASCII. */
  charCodeAt(index: number): number;
  toString(): string;
}

/** Rows that are strings already. */
export class ListedRows implements StoredRows {
  readonly #list: readonly (readonly [key: string, value: string])[];

  constructor(list: readonly (readonly [key: string, value: string])[]) {
    this.#list = list;
  }

  get count(): number {
    return this.#list.length;
  }

  key(index: number): string {
    return this.#list[index]?.[0] as string;
  }

  value(index: number): RowText {
    return this.#list[index]?.[1] as string;
  }
}
