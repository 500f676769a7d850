import type { BinaryOperator } from './ast.ts';

const SPACE = /\s*/y;
const OPERATOR = /\|\||&&|==|!=|<=|>=|[|^&<>+\-*/]/y;
const WORD = /[A-Za-z][A-Za-z0-9_]*/y;
const QUOTED_NAME = /`[^`]*`/y;
const DIGITS = /\d+/y;
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const PLAIN_TEXT = /[^'"$\\]+/y;
const ESCAPE = /\\(?:u[0-9a-fA-F]{4}|[\\'"/nrtbf])/y;
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/**
 * Reads the tokens of the language on demand at the parser's position: a character's meaning depends on whether it is
 * inside a string or a substitution, which only the grammar knows. Each method either consumes its token or returns
 * undefined and consumes nothing.
 */
export class Scanner {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** The next character; empty at the end. */
  get next(): string {
    return this.text[this.at] ?? '';
  }

  get nextIsDigit(): boolean {
    return this.next >= '0' && this.next <= '9';
  }

  /** Skips white space, including line breaks, and returns the next character. */
  skip(): string {
    this.#match(SPACE);
    return this.next;
  }

  operator(): BinaryOperator | undefined {
    return this.#match(OPERATOR) as BinaryOperator | undefined;
  }

  word(): string | undefined {
    return this.#match(WORD);
  }

  /** Reads a back-quoted name and returns it without the quotes. */
  quotedName(): string | undefined {
    return this.#match(QUOTED_NAME)?.slice(1, -1);
  }

  digits(): string | undefined {
    return this.#match(DIGITS);
  }

  /** Reads digits with an optional fraction and exponent, without a sign. */
  number(): string | undefined {
    return this.#match(NUMBER);
  }

  /** Reads the characters of a string up to the next one that may be special. */
  plainText(): string | undefined {
    return this.#match(PLAIN_TEXT);
  }

  /** Reads an escape sequence and returns the character it stands for (reference: questions Q-ESC). */
  escape(): string | undefined {
    const letters = this.#match(ESCAPE)?.slice(1);
    if (letters === undefined) return undefined;
    if (letters.length > 1) return String.fromCharCode(Number.parseInt(letters.slice(1), 16));
    return ESCAPED[letters] ?? letters;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const token = pattern.exec(this.text)?.[0];
    if (token !== undefined) this.at += token.length;
    return token;
  }
}
