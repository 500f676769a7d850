import { decimal, type Json, shrink } from './value.ts';

/** In place of a value: the text is not JSON, or has a number that a double cannot represent. */
export const UNREAD = Symbol('unread');

/** Digits of a whole number, or of a decimal without its point, that are certainly exact as a double. */
const MOST_EXACT = 15;
const POWERS = Array.from({ length: MOST_EXACT + 1 }, (_, power) => 10 ** power);

/** UTF-16 units from which on V8 would keep the whole text for the sake of a part of it. */
const LONG = 13;
/** Units up to which names are in their cache, which does not keep the texts that they come from. */
const LONGEST_NAME = 64;
/** Places of a cache. */
const CACHED = 1024;
/** Names as V8 keeps them for members of objects. */
const names = new Array<string>(CACHED).fill('');
/** Short strings: often the same for many detectors, which then share one. */
const strings = new Array<string>(CACHED).fill('');

/** A JSON value whose numbers are read as `N`. */
export type JsonOf<N> = null | boolean | string | N | JsonOf<N>[] | { [name: string]: JsonOf<N> };

/**
 * Reads the number that is in `text` from `from` to `to`. `double` is its value if a double has it exactly, or else as many
 * digits; NaN for more than 15 digits and for exponents. `fraction` is its number of digits after the point: -1 without
 * a point, 0 with an exponent. Returns UNREAD to refuse the whole text.
 */
export type NumberReader<N> = (
  text: string,
  from: number,
  to: number,
  double: number,
  fraction: number,
) => N | typeof UNREAD;

/**
 * Reads JSON in one pass, with exact numbers: 1.0 is a Decimal, and no Integer loses digits. `JSON.parse` would need
 * another pass for the numbers. It also enters each string of up to ten characters into a table of V8 that only full
 * garbage collections clear, and that stops the process for 50 ms when it grows beyond a million.
 *
 * @returns the value, or UNREAD
 */
export function readJson(text: string): Json | typeof UNREAD {
  return readJsonWith(text, readExact);
}

/** The same for a language that has other numbers. */
export function readJsonWith<N>(text: string, numbers: NumberReader<N>): JsonOf<N> | typeof UNREAD {
  return new JsonReader(text, numbers).read();
}

type ExactNumber = Exclude<ReturnType<typeof decimal> | ReturnType<typeof shrink>, undefined>;

function readExact(
  text: string,
  from: number,
  to: number,
  double: number,
  fraction: number,
): ExactNumber | typeof UNREAD {
  // There is no Integer -0.
  if (fraction < 0) return Number.isNaN(double) ? shrink(BigInt(text.slice(from, to))) : double + 0;
  return decimal(Number.isNaN(double) ? Number(text.slice(from, to)) : double) ?? UNREAD;
}

class JsonReader<N> {
  readonly #text: string;
  readonly #numbers: NumberReader<N>;
  #at = 0;

  constructor(text: string, numbers: NumberReader<N>) {
    this.#text = text;
    this.#numbers = numbers;
  }

  read(): JsonOf<N> | typeof UNREAD {
    const value = this.#value();
    return this.#peek() === END ? value : UNREAD;
  }

  /** The code of the next character that is not white space. */
  #peek(): number {
    const text = this.#text;
    for (let at = this.#at; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === SPACE || code === LINE_FEED || code === RETURN || code === TAB) continue;
      this.#at = at;
      return code;
    }
    this.#at = text.length;
    return END;
  }

  #value(): JsonOf<N> | typeof UNREAD {
    const code = this.#peek();
    if (code === QUOTE) return this.#string(strings, LONG - 1);
    if (code === OPEN_OBJECT) return this.#object();
    if (code === MINUS || isDigit(code)) return this.#number();
    if (code === OPEN_LIST) return this.#list();
    if (this.#takes('true')) return true;
    if (this.#takes('false')) return false;
    return this.#takes('null') ? null : UNREAD;
  }

  #takes(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #object(): JsonOf<N> | typeof UNREAD {
    const object: Record<string, JsonOf<N>> = {};
    this.#at++;
    if (this.#peek() === CLOSE_OBJECT) {
      this.#at++;
      return object;
    }
    for (;;) {
      if (this.#peek() !== QUOTE) return UNREAD;
      const name = this.#string(names, LONGEST_NAME);
      if (name === UNREAD || this.#peek() !== COLON) return UNREAD;
      this.#at++;
      const value = this.#value();
      if (value === UNREAD) return UNREAD;
      if (name === '__proto__') define(object, name, value);
      else object[name] = value;
      const code = this.#peek();
      this.#at++;
      if (code === CLOSE_OBJECT) return object;
      if (code !== COMMA) return UNREAD;
    }
  }

  #list(): JsonOf<N> | typeof UNREAD {
    const list: JsonOf<N>[] = [];
    this.#at++;
    if (this.#peek() === CLOSE_LIST) {
      this.#at++;
      return list;
    }
    for (;;) {
      const value = this.#value();
      if (value === UNREAD) return UNREAD;
      list.push(value);
      const code = this.#peek();
      this.#at++;
      if (code === CLOSE_LIST) return list;
      if (code !== COMMA) return UNREAD;
    }
  }

  /** A name or a string; those of at most so many units come from the cache if they are there. */
  #string(cache: string[], most: number): string | typeof UNREAD {
    const text = this.#text;
    const from = this.#at + 1;
    const end = Math.min(from + most + 1, text.length);
    let hash = 0;
    for (let at = from; at < end; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.#at = at + 1;
        return cached(cache, hash, text, from, at);
      }
      if (code === BACKSLASH || code < SPACE) break;
      hash = (Math.imul(hash, 31) + code) | 0;
    }
    return this.#long(from);
  }

  /** A string that is long or has escapes. */
  #long(from: number): string | typeof UNREAD {
    const text = this.#text;
    for (let quote = text.indexOf('"', from); quote >= 0; quote = text.indexOf('"', quote + 1)) {
      let before = quote - 1;
      while (text.charCodeAt(before) === BACKSLASH) before--;
      // An odd number of backslashes escapes the quote.
      if ((quote - before) % 2 === 0) continue;
      this.#at = quote + 1;
      try {
        return JSON.parse(text.slice(from - 1, quote + 1));
      } catch {
        return UNREAD;
      }
    }
    return UNREAD;
  }

  #number(): N | typeof UNREAD {
    const text = this.#text;
    const from = this.#at;
    const isNegative = text.charCodeAt(from) === MINUS;
    const begin = isNegative ? from + 1 : from;
    /** The number without its point. */
    let digits = 0;
    let at = begin;
    for (; isDigit(text.charCodeAt(at)); at++) digits = digits * 10 + text.charCodeAt(at) - ZERO;
    const whole = at - begin;
    if (whole === 0 || (whole > 1 && text.charCodeAt(begin) === ZERO)) return UNREAD;
    let fraction = -1;
    if (text.charCodeAt(at) === POINT) {
      const point = at++;
      for (; isDigit(text.charCodeAt(at)); at++) digits = digits * 10 + text.charCodeAt(at) - ZERO;
      fraction = at - point - 1;
      if (fraction === 0) return UNREAD;
    }
    let double = Number.NaN;
    if (text.charCodeAt(at) === SMALL_E || text.charCodeAt(at) === LARGE_E) {
      fraction = 0;
      at = this.#exponent(at);
      if (at < 0) return UNREAD;
    } else if (whole + Math.max(fraction, 0) <= MOST_EXACT) {
      // Both are exact, so their quotient is the double nearest to the decimal.
      double = fraction < 0 ? digits : digits / (POWERS[fraction] as number);
      if (isNegative) double = -double;
    }
    this.#at = at;
    return this.#numbers(text, from, at, double, fraction);
  }

  /** The end of the exponent that begins at `begin`; -1 when there is none. */
  #exponent(begin: number): number {
    const text = this.#text;
    let at = begin + 1;
    const sign = text.charCodeAt(at);
    if (sign === PLUS || sign === MINUS) at++;
    const digits = at;
    while (isDigit(text.charCodeAt(at))) at++;
    return at === digits ? -1 : at;
  }
}

/** The text between two positions, as the string of a cache. */
function cached(cache: string[], hash: number, text: string, from: number, to: number): string {
  const place = (hash ^ (hash >>> 10)) & (CACHED - 1);
  const known = cache[place] as string;
  if (known.length === to - from) {
    let at = from;
    while (at < to && known.charCodeAt(at - from) === text.charCodeAt(at)) at++;
    if (at === to) return known;
  }
  const part = text.slice(from, to);
  const string = cache === names ? (Object.keys({ [part]: 0 })[0] as string) : part;
  cache[place] = string;
  return string;
}

/** `object[name] = value` would set the prototype. */
function define(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, configurable: true, enumerable: true, writable: true });
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

const END = -1;
const TAB = 0x09;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const LARGE_E = 0x45;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const SMALL_E = 0x65;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
