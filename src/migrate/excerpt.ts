import { type Place, positionOf } from './node.ts';

/** Maximum width of an excerpt, in columns. A longer line is cut to the surroundings of the place. */
const WIDTH = 100;

/** The line of a place, followed by a line with carets under the place. */
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
  // Replace each white space character by one space, so that the carets line up.
  const shown = source.text.slice(from, to).replace(/\s/g, ' ').trimEnd();
  const carets = '^'.repeat(Math.max(1, Math.min(end, from + shown.length) - start));
  const margin = String(line);
  const before = from > lineStart ? '…' : '';
  const after = to < lineEnd ? '…' : '';
  const indent = ' '.repeat(before.length + start - from);
  return `${margin} | ${before}${shown}${after}\n${' '.repeat(margin.length)} | ${indent}${carets}`;
}
