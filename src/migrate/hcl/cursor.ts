import type { Place, Source } from '../node.ts';

/** Why and where a text is not valid HCL. */
export class HclError extends Error {
  readonly place: Place;
  constructor(message: string, place: Place) {
    super(message);
    this.place = place;
  }
}

/** A position in HCL source, with the primitives of the parser. */
export class Cursor {
  readonly source: Source;
  readonly #end: number;
  at: number;

  constructor(source: Source, start = 0, end = source.text.length) {
    this.source = source;
    this.at = start;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#end;
  }

  /** Skips blanks and comments, and optionally line breaks. */
  skip(lineBreaks: boolean): void {
    const blank = lineBreaks ? BLANKS : BLANKS_ON_LINE;
    while (this.take(blank) !== undefined || this.#comment());
  }

  /** Consumes and returns what a sticky pattern matches here; undefined if it does not match. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const text = pattern.exec(this.source.text)?.[0];
    if (text === undefined || text === '' || this.at + text.length > this.#end) return undefined;
    this.at += text.length;
    return text;
  }

  takeText(text: string): boolean {
    if (!this.startsWith(text)) return false;
    this.at += text.length;
    return true;
  }

  startsWith(text: string): boolean {
    return this.at + text.length <= this.#end && this.source.text.startsWith(text, this.at);
  }

  expect(text: string, where: string): void {
    if (!this.takeText(text)) this.fail(`${text} is expected ${where}`);
  }

  placeFrom(start: number): Place {
    return { source: this.source, start, end: this.at };
  }

  fail(message: string): never {
    throw new HclError(message, {
      source: this.source,
      start: this.at,
      end: Math.min(this.at + 1, this.#end),
    });
  }

  /** A line comment does not consume its line break, which may end an attribute. */
  #comment(): boolean {
    if (this.take(LINE_COMMENT) !== undefined) return true;
    if (!this.startsWith('/*')) return false;
    const end = this.source.text.indexOf('*/', this.at + 2);
    if (end < 0 || end + 2 > this.#end) this.fail('the comment is not closed');
    this.at = end + 2;
    return true;
  }
}

const BLANKS = /[ \t\r\n]+/y;
const BLANKS_ON_LINE = /[ \t\r]+/y;
const LINE_COMMENT = /(#|\/\/)[^\n]*/y;
