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
 * The tokens of the language, read where the parser stands: what a character means depends on whether it is in a
 * string or in a substitution, and only the grammar knows that. Each method either moves past its token or gives
 * undefined and stays.
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

  /** Moves past white space, line breaks included, and gives the character behind it. */
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

  /** A name in back-quotes, without them. */
  quotedName(): string | undefined {
    return this.#match(QUOTED_NAME)?.slice(1, -1);
  }

  digits(): string | undefined {
    return this.#match(DIGITS);
  }

  /** Digits, perhaps with a fraction and an exponent; no sign. */
  number(): string | undefined {
    return this.#match(NUMBER);
  }

  /** The characters of a string up to one that may mean something. */
  plainText(): string | undefined {
    return this.#match(PLAIN_TEXT);
  }

  /** What a backslash and the characters behind it stand for (reference: questions Q-ESC). */
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
