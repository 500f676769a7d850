import type { Span } from './ast.ts';

export type TokenKind = 'word' | 'variable' | 'number' | 'string' | 'symbol' | 'end' | 'wrong';

export interface Token extends Span {
  readonly kind: TokenKind;
  /** The source text; for a string its value, for a variable its name, for an error the reason. */
  readonly text: string;
}

const SPACE = /\s*/y;
const TOKEN =
  /(?<word>[A-Za-z_]\w*)|@(?<variable>\w+)|(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<symbol><>|<=|>=|!=|[-+*/%=<>(),.[\]{}:])/y;
const STRING = /'(?:[^']|'')*'|"(?:[^"]|"")*"/y;

/** The next token from a position. There are no comments in the language (docs/topic-rules.md: The SQL). */
export function tokenAt(text: string, from: number): Token {
  SPACE.lastIndex = from;
  SPACE.test(text);
  const start = SPACE.lastIndex;
  const first = text[start];
  if (first === undefined) return { kind: 'end', text: '', start, end: start };
  if (first === "'" || first === '"') return stringAt(text, start, first);
  TOKEN.lastIndex = start;
  const match = TOKEN.exec(text);
  if (match === null) {
    const end = start + ((text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1);
    return { kind: 'wrong', text: `Unexpected character ${text.slice(start, end)}`, start, end };
  }
  const end = TOKEN.lastIndex;
  const { word, variable, number, symbol = '' } = match.groups ?? {};
  if (word !== undefined) return { kind: 'word', text: word, start, end };
  if (variable !== undefined) return { kind: 'variable', text: variable, start, end };
  if (number === undefined) return { kind: 'symbol', text: symbol, start, end };
  if (/\w/.test(text[end] ?? ''))
    return {
      kind: 'wrong',
      text: 'A name cannot begin with a digit; use get(*, "…") for such a key',
      start,
      end: end + 1,
    };
  return { kind: 'number', text: number, start, end };
}

/** A quote of the same kind is doubled inside; a backslash has no special meaning (docs/topic-rules.md: The SQL). */
function stringAt(text: string, start: number, quote: string): Token {
  STRING.lastIndex = start;
  const match = STRING.exec(text)?.[0];
  if (match === undefined)
    return {
      kind: 'wrong',
      text: `The string that begins here has no closing ${quote}`,
      start,
      end: text.length,
    };
  const content = match.slice(1, -1).replaceAll(quote + quote, quote);
  return { kind: 'string', text: content, start, end: start + match.length };
}
