import { excerpt } from '../../core/expression/expression-error.ts';
import type { Span } from './ast.ts';

/** `UNSUPPORTED`: the statement is correct, but needs another AWS service (docs/topic-rules.md: The SQL). */
export type SqlErrorCode = 'SYNTAX' | 'UNSUPPORTED';

/** Why a statement or a template is invalid, and where. */
export interface SqlError extends Span {
  readonly code: SqlErrorCode;
  /** Includes the position: `… (line 1, column 8)`. */
  readonly message: string;
  readonly line: number;
  readonly column: number;
  /** The line of the error, followed by a line with carets below the error. */
  readonly excerpt: string;
}

export type SqlResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: SqlError };

export function sqlError(code: SqlErrorCode, what: string, text: string, span: Span): SqlError {
  const before = text.slice(0, span.start);
  const line = before.split('\n').length;
  const column = span.start - before.lastIndexOf('\n');
  const { start, end } = span;
  const message = `${what} (line ${line}, column ${column})`;
  return { code, message, line, column, start, end, excerpt: excerpt(text, span) };
}

/** Message and excerpt as one text. */
export function describeError({ message, excerpt: shown }: SqlError): string {
  return `${message}\n${shown}`;
}
