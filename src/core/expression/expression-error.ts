import type { Span } from './ast.ts';

export type ExpressionErrorCode =
  | 'UNEXPECTED_TOKEN'
  | 'UNEXPECTED_END'
  | 'UNTERMINATED_STRING'
  | 'UNTERMINATED_SUBSTITUTION'
  | 'UNTERMINATED_NAME'
  | 'INVALID_NUMBER'
  | 'INVALID_ESCAPE'
  | 'UNKNOWN_NAME'
  | 'UNKNOWN_FUNCTION'
  | 'WRONG_ARGUMENTS'
  | 'TOO_LONG'
  | 'TOO_DEEP'
  | 'TOO_MANY_NODES';

/** Why and where a text failed to parse. */
export interface ExpressionError extends Span {
  readonly code: ExpressionErrorCode;
  readonly message: string;
  /** The offending line, followed by a line with carets under the span. */
  readonly excerpt: string;
}

/** Maximum width of an excerpt, in columns. A longer line is cut to the surroundings of the error. */
const WIDTH = 80;

export function expressionError(
  code: ExpressionErrorCode,
  message: string,
  text: string,
  span: Span,
): ExpressionError {
  return { code, message, ...span, excerpt: excerpt(text, span) };
}

/** The line in which the span begins, with carets below the span. */
export function excerpt(text: string, { start, end }: Span): string {
  const lineStart = text.slice(0, start).lastIndexOf('\n') + 1;
  const newline = text.indexOf('\n', start);
  const lineEnd = newline < 0 ? text.length : newline;
  const latest = Math.max(lineStart, lineEnd - WIDTH);
  const from = lineEnd - lineStart <= WIDTH ? lineStart : clamp(start - WIDTH / 2, lineStart, latest);
  const to = Math.min(lineEnd, from + WIDTH);
  const before = from > lineStart ? '…' : '';
  const after = to < lineEnd ? '…' : '';
  // Replace each white space character by one space, so that the carets line up.
  const shown = text.slice(from, to).replace(/\s/g, ' ');
  const carets = Math.max(1, Math.min(end, to) - start);
  return `${before}${shown}${after}\n${' '.repeat(before.length + start - from)}${'^'.repeat(carets)}`;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
