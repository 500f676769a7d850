import { type Place, positionOf } from './node.ts';

/** Columns of a line that are shown; of longer ones the surroundings. */
const WIDTH = 100;

/** The line of a place, and below it a line with carets under the place. */
export function excerptOf(place: Place): string {
  const { source, start, end } = place;
  const { line, column } = positionOf(place);
  const lineStart = start - (column - 1);
  const newline = source.text.indexOf('\n', start);
  const lineEnd = newline < 0 ? source.text.length : newline;
  const latest = Math.max(lineStart, lineEnd - WIDTH);
  const from =
    lineEnd - lineStart <= WIDTH ? lineStart : Math.min(Math.max(start - WIDTH / 2, lineStart), latest);
  const to = Math.min(lineEnd, from + WIDTH);
  // Any white space takes one column, so that the carets stand where they should.
  const shown = source.text.slice(from, to).replace(/\s/g, ' ').trimEnd();
  const carets = '^'.repeat(Math.max(1, Math.min(end, from + shown.length) - start));
  const margin = String(line);
  const before = from > lineStart ? '…' : '';
  const after = to < lineEnd ? '…' : '';
  const indent = ' '.repeat(before.length + start - from);
  return `${margin} | ${before}${shown}${after}\n${' '.repeat(margin.length)} | ${indent}${carets}`;
}
