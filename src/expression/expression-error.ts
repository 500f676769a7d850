import type { Span } from './ast.ts';

export type ExpressionErrorCode =
  | 'UNEXPECTED_CHARACTER'
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

/** Why a text is no expression, and where. */
export interface ExpressionError extends Span {
  readonly code: ExpressionErrorCode;
  readonly message: string;
  /** The line in question with a caret below what is wrong. */
  readonly excerpt: string;
}

/** Columns of an excerpt; longer lines are shown around the error. */
const WIDTH = 80;

export function expressionError(
  code: ExpressionErrorCode,
  message: string,
  text: string,
  { start, end }: Span,
): ExpressionError {
  return { code, message, start, end, excerpt: excerpt(text, start, end) };
}

function excerpt(text: string, start: number, end: number): string {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const newline = text.indexOf('\n', start);
  const line = text
    .slice(from, newline < 0 ? text.length : newline)
    .replaceAll('\t', ' ')
    .replaceAll('\r', ' ');
  const column = start - from;
  const left = line.length <= WIDTH ? 0 : Math.max(0, Math.min(column - WIDTH / 2, line.length - WIDTH));
  const shown = line.slice(left, left + WIDTH);
  const carets = Math.max(1, Math.min(end - start, left + WIDTH - column, line.length - column));
  const head = left > 0 ? '…' : '';
  const tail = left + WIDTH < line.length ? '…' : '';
  return `${head}${shown}${tail}\n${' '.repeat(head.length + column - left)}${'^'.repeat(carets)}`;
}
