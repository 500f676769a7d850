import type { Place } from '../node.ts';
import type { Expression, TemplatePart } from './ast.ts';
import type { Cursor } from './cursor.ts';

/** What ends a template, and whether it has backslash escapes. */
export interface TemplateMode {
  readonly isAtEnd: (cursor: Cursor) => boolean;
  readonly escapes: boolean;
}

/** Reads the parts of a template up to its end. `$${` and `%%{` stand for `${` and `%{`. */
export function readParts(
  cursor: Cursor,
  { isAtEnd, escapes }: TemplateMode,
  interpolation: () => Expression,
): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let trimNext = false;
  const add = (text: string, place: Place) => {
    const kept = trimNext ? text.trimStart() : text;
    trimNext = trimNext && kept === '';
    if (kept !== '') parts.push({ kind: 'text', text: kept, place });
  };
  while (!isAtEnd(cursor)) {
    const start = cursor.at;
    if (cursor.isAtEnd) cursor.fail('the text is not closed');
    if (cursor.takeText('$${')) add('${', cursor.placeFrom(start));
    else if (cursor.takeText('%%{')) add('%{', cursor.placeFrom(start));
    else if (cursor.takeText('${') || cursor.takeText('%{')) {
      const isDirective = cursor.source.text[start] === '%';
      if (cursor.takeText('~')) trimLast(parts);
      const value = isDirective ? directive(cursor) : interpolation();
      cursor.skip(true);
      trimNext = cursor.takeText('~');
      cursor.expect('}', 'at the end of an interpolation');
      parts.push({ kind: 'interpolation', value, place: cursor.placeFrom(start) });
    } else if (escapes && cursor.startsWith('\\')) add(readEscape(cursor), cursor.placeFrom(start));
    else add(plainText(cursor, escapes), cursor.placeFrom(start));
  }
  return parts;
}

/** `~` removes the white space before the interpolation. */
function trimLast(parts: TemplatePart[]): void {
  const last = parts.pop();
  if (last === undefined) return;
  if (last.kind !== 'text') parts.push(last);
  else if (last.text.trimEnd() !== '') parts.push({ ...last, text: last.text.trimEnd() });
}

/** Directives (`%{ if … }`) are not interpreted, and neither is anything that depends on them. */
function directive(cursor: Cursor): Expression {
  const start = cursor.at;
  cursor.take(/[^{}~\n]*/y);
  return { kind: 'other', place: cursor.placeFrom(start) };
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };

function readEscape(cursor: Cursor): string {
  const sequence = cursor.take(/\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[nrt"\\])/y);
  if (sequence === undefined) cursor.fail('the escape sequence is not valid');
  const code = sequence.slice(1);
  const known = ESCAPES[code];
  if (known !== undefined) return known;
  const point = Number.parseInt(code.slice(1), 16);
  return point > 0x10ffff ? '\ufffd' : String.fromCodePoint(point);
}

/** Reads up to the next special character, or to the end of the line. */
function plainText(cursor: Cursor, escapes: boolean): string {
  const text = cursor.take(escapes ? /[^"\\$%\n]+|[$%]/y : /[^$%\n]+\n?|[\n$%]/y);
  return text ?? cursor.fail('a quoted text must end on the line where it begins');
}
