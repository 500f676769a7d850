/** A column of a table for people; a cell is one line of text. */
export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => string;
  /** May be cut short, with an ellipsis, where the terminal is too narrow. */
  readonly flexible?: boolean;
}

const GAP = 2;
/** Characters below which a flexible column is not cut. */
const NARROWEST = 12;

/** Lines of a table without borders, no wider than `width` characters as far as flexible columns allow. */
export function tableLines<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  width = Number.POSITIVE_INFINITY,
): string[] {
  const cells = rows.map((row) => columns.map(({ cell }) => printable(cell(row))));
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  shrink(columns, widths, width);
  const line = (row: readonly string[]) =>
    row
      .map((text, index) => cut(text, widths[index] ?? 0))
      .join(' '.repeat(GAP))
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...cells.map(line)];
}

/** The maximum width of lines: that of the terminal, unlimited in a pipe. */
export function outputWidth(stream: { readonly isTTY?: boolean; readonly columns?: number }): number {
  return stream.isTTY === true && stream.columns ? stream.columns : Number.POSITIVE_INFINITY;
}

/** Control characters would let a payload or a name control the terminal. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (character) => {
    const escaped = JSON.stringify(character).slice(1, -1);
    return escaped === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : escaped;
  });
}

function shrink<T>(columns: readonly Column<T>[], widths: number[], width: number): void {
  let excess = widths.reduce((sum, each) => sum + each, 0) + GAP * (widths.length - 1) - width;
  const flexible = columns.map((_, index) => index).filter((index) => columns[index]?.flexible === true);
  while (excess > 0) {
    const widest = flexible.reduce(
      (a, b) => ((widths[a] ?? 0) >= (widths[b] ?? 0) ? a : b),
      flexible[0] ?? -1,
    );
    const at = widths[widest] ?? 0;
    if (at <= NARROWEST) return;
    const cut = Math.min(excess, at - NARROWEST);
    widths[widest] = at - cut;
    excess -= cut;
  }
}

function cut(text: string, width: number): string {
  return text.length <= width ? text.padEnd(width) : `${text.slice(0, width - 1)}…`;
}
