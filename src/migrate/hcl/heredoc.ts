import type { Expression, Template, TemplatePart } from './ast.ts';
import { Cursor } from './cursor.ts';
import { readParts } from './template.ts';

/** Reads `<<MARK` or `<<-MARK` at the cursor; `parse` reads the expression of an interpolation. */
export function readHeredoc(cursor: Cursor, parse: (cursor: Cursor) => Expression): Template {
  const start = cursor.at;
  const opening = cursor.take(/<<-?[A-Za-z_][\w-]*/y);
  if (opening === undefined) cursor.fail('the name of the heredoc is expected after <<');
  const isFlush = opening.startsWith('<<-');
  const mark = opening.replace(/^<<-?/, '');
  if (cursor.take(/[ \t\r]*\n/y) === undefined)
    cursor.fail('a line break is expected after the name of the heredoc');
  const { text } = cursor.source;
  const bodyStart = cursor.at;
  for (let line = bodyStart; line < text.length; ) {
    const lineEnd = text.indexOf('\n', line);
    const end = lineEnd < 0 ? text.length : lineEnd;
    if (text.slice(line, end).trim() === mark) {
      const body = new Cursor(cursor.source, bodyStart, line);
      const mode = { isAtEnd: (each: Cursor) => each.isAtEnd, escapes: false };
      const parts = readParts(body, mode, () => parse(body));
      cursor.at = end;
      return { kind: 'template', parts: isFlush ? flush(parts) : parts, place: cursor.placeFrom(start) };
    }
    line = end + 1;
  }
  cursor.fail(`the heredoc is not closed: no line consists of ${mark} alone`);
}

/** Removes the common indentation of all lines except blank ones. */
function flush(parts: readonly TemplatePart[]): TemplatePart[] {
  const starts = parts.map((_, index) => {
    const before = parts[index - 1];
    return before === undefined || (before.kind === 'text' && before.text.endsWith('\n'));
  });
  const isBlank = (part: TemplatePart) =>
    part.kind === 'text' && part.text.trim() === '' && part.text.endsWith('\n');
  const indents = parts.flatMap((part, index) => {
    if (!starts[index] || isBlank(part)) return [];
    return part.kind === 'text' ? part.text.length - part.text.trimStart().length : 0;
  });
  const common = Math.min(...indents, Number.MAX_SAFE_INTEGER);
  return parts.map((part, index) =>
    starts[index] && part.kind === 'text' && !isBlank(part)
      ? { ...part, text: part.text.slice(common) }
      : part,
  );
}
