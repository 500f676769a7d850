import { DEFAULT_LIMITS, type Limits } from '../limits.ts';
import {
  type BinaryOperator,
  type Call,
  FUNCTIONS,
  type FunctionName,
  type Literal,
  type Node,
  type Step,
  type UnaryOperator,
} from './ast.ts';
import { type ExpressionError, type ExpressionErrorCode, expressionError } from './expression-error.ts';
import { decimal, shrink } from './value.ts';

export type ParseResult =
  | { readonly ok: true; readonly node: Node }
  | { readonly ok: false; readonly error: ExpressionError };

/** Reads one expression (spec: expressions 3). Never throws; the first error ends it. */
export function parse(text: string, limits: Limits = DEFAULT_LIMITS): ParseResult {
  if (text.length > limits.expressionLength) {
    const message = `The expression has ${text.length} characters; the limit is ${limits.expressionLength}`;
    const span = { start: limits.expressionLength, end: text.length };
    return { ok: false, error: expressionError('TOO_LONG', message, text, span) };
  }
  return new Parser(text, limits).run();
}

/** How tightly binary operators bind (spec: expressions 3); all associate to the left. */
const PRECEDENCE: Readonly<Record<BinaryOperator, number>> = {
  '||': 1,
  '&&': 2,
  '|': 3,
  '^': 4,
  '&': 5,
  '==': 6,
  '!=': 6,
  '<': 7,
  '<=': 7,
  '>': 7,
  '>=': 7,
  '+': 8,
  '-': 8,
  '*': 9,
  '/': 9,
};

const OPERATOR = /\|\||&&|==|!=|<=|>=|[|^&<>+\-*/]/y;
const WHITE_SPACE = /\s*/y;
const WORD = /[A-Za-z][A-Za-z0-9_]*/y;
const NUMBER = /(\d+)(\.\d+)?([eE][+-]?\d+)?/y;
const INDEX = /\d+/y;
const QUOTED_NAME = /`([^`]*)`/y;
const TYPE_WORDS = ['String', 'Boolean', 'Decimal'];
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  '/': '/',
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
};

/** A Pratt parser over the text itself. Each method gives undefined once an error is noted. */
class Parser {
  readonly #text: string;
  readonly #limits: Limits;
  #at = 0;
  #depth = 0;
  #nodes = 0;
  #error: ExpressionError | undefined;

  constructor(text: string, limits: Limits) {
    this.#text = text;
    this.#limits = limits;
  }

  run(): ParseResult {
    const node = this.#expression(0);
    this.#skip();
    if (node !== undefined && this.#at < this.#text.length) this.#unexpected('an operator or the end');
    if (this.#error !== undefined) return { ok: false, error: this.#error };
    return node === undefined
      ? {
          ok: false,
          error: expressionError('UNEXPECTED_END', 'Expected an expression', this.#text, END_OF_NOTHING),
        }
      : { ok: true, node };
  }

  #expression(least: number): Node | undefined {
    if (++this.#depth > this.#limits.expressionDepth) {
      return this.#fail(
        'TOO_DEEP',
        `The expression is nested deeper than the limit ${this.#limits.expressionDepth}`,
      );
    }
    let left = this.#unary();
    while (left !== undefined) {
      const operator = this.#operator(least);
      if (operator === undefined) break;
      const right = this.#expression(PRECEDENCE[operator] + 1);
      if (right === undefined) return undefined;
      left = this.#node({ kind: 'binary', operator, left, right, start: left.start, end: right.end });
    }
    this.#depth--;
    return left;
  }

  /** The next operator when it binds at least that tightly; else it is left for an outer expression. */
  #operator(least: number): BinaryOperator | undefined {
    this.#skip();
    const start = this.#at;
    const operator = this.#match(OPERATOR)?.[0] as BinaryOperator | undefined;
    if (operator !== undefined && PRECEDENCE[operator] >= least) return operator;
    this.#at = start;
    return undefined;
  }

  #unary(): Node | undefined {
    this.#skip();
    const start = this.#at;
    const operator = this.#text[start];
    if (operator !== '!' && operator !== '-' && operator !== '~') return this.#primary(false);
    this.#at++;
    this.#skip();
    if (operator === '-' && isDigit(this.#text[this.#at])) {
      const literal = this.#primary(true);
      return literal && { ...literal, start };
    }
    if (++this.#depth > this.#limits.expressionDepth) {
      return this.#fail(
        'TOO_DEEP',
        `The expression is nested deeper than the limit ${this.#limits.expressionDepth}`,
      );
    }
    const operand = this.#unary();
    this.#depth--;
    return (
      operand &&
      this.#node({
        kind: 'unary',
        operator: operator satisfies UnaryOperator,
        operand,
        start,
        end: operand.end,
      })
    );
  }

  #primary(negative: boolean): Node | undefined {
    const start = this.#at;
    const next = this.#text[start];
    if (next === undefined)
      return this.#fail('UNEXPECTED_END', 'Expected a value, but the expression ends here');
    if (isDigit(next)) return this.#number(negative);
    if (next === "'" || next === '"') return this.#string(next);
    if (next === '$') return this.#reference();
    if (next === '(') return this.#group();
    const word = this.#match(WORD)?.[0];
    if (word === undefined) return this.#unexpected('a value');
    if (word === 'true' || word === 'false') return this.#literal(word === 'true', start);
    this.#skip();
    if (this.#text[this.#at] === '(') return this.#call(word, start);
    const message = `${word} is neither a function nor a reference; texts stand in quotes`;
    return this.#fail('UNKNOWN_NAME', message, start, start + word.length);
  }

  #group(): Node | undefined {
    const start = this.#at++;
    const node = this.#expression(0);
    if (node === undefined || !this.#expect(')')) return undefined;
    return { ...node, start, end: this.#at };
  }

  #number(negative: boolean): Literal | undefined {
    const start = this.#at;
    const [text = '', whole = '', fraction, exponent] = this.#match(NUMBER) ?? [];
    const after = this.#text[this.#at];
    if (after !== undefined && /[A-Za-z0-9_.]/.test(after)) {
      return this.#fail(
        'INVALID_NUMBER',
        'A number has digits, and after a point more digits',
        start,
        this.#at + 1,
      );
    }
    if (fraction !== undefined || exponent !== undefined) {
      const value = decimal(negative ? -Number(text) : Number(text));
      if (value === undefined)
        return this.#fail('INVALID_NUMBER', `${text} is beyond the range of a Decimal`, start);
      return this.#literal(value, start);
    }
    const exact = negative ? -BigInt(whole) : BigInt(whole);
    if (BigInt.asIntN(64, exact) !== exact) {
      return this.#fail('INVALID_NUMBER', `${text} is beyond the range of a 64-bit Integer`, start);
    }
    return this.#literal(shrink(exact), start);
  }

  /** A string literal or template; the closing quote is the same as the opening one. */
  #string(quote: string): Node | undefined {
    const start = this.#at++;
    const parts: (string | Node)[] = [];
    let text = '';
    for (;;) {
      const next = this.#text[this.#at];
      if (next === undefined) {
        return this.#fail(
          'UNTERMINATED_STRING',
          `The text that begins here has no closing ${quote}`,
          start,
          start + 1,
        );
      }
      if (next === quote) break;
      if (next === '\\') {
        const escaped = this.#escape();
        if (escaped === undefined) return undefined;
        text += escaped;
      } else if (next === '$' && this.#text[this.#at + 1] === '{') {
        const node = this.#substitution();
        if (node === undefined) return undefined;
        if (text !== '') parts.push(text);
        text = '';
        parts.push(node);
      } else {
        text += next;
        this.#at++;
      }
    }
    this.#at++;
    if (parts.length === 0) return this.#literal(text, start);
    if (text !== '') parts.push(text);
    return this.#node({ kind: 'template', parts, start, end: this.#at });
  }

  /** A backslash before anything else than the known letters stands for itself (spec: questions Q-ESC). */
  #escape(): string | undefined {
    const start = this.#at;
    const letter = this.#text[start + 1] ?? '';
    if (letter === 'u') {
      const code = /^[0-9a-fA-F]{4}/.exec(this.#text.slice(start + 2, start + 6))?.[0];
      if (code === undefined) {
        return this.#fail('INVALID_ESCAPE', 'After \\u come four hexadecimal digits', start, start + 2);
      }
      this.#at += 6;
      return String.fromCharCode(Number.parseInt(code, 16));
    }
    const known = ESCAPES[letter];
    this.#at += known === undefined ? 1 : 2;
    return known ?? '\\';
  }

  #substitution(): Node | undefined {
    const start = this.#at;
    this.#at += 2;
    const node = this.#expression(0);
    if (node === undefined) return undefined;
    this.#skip();
    if (this.#text[this.#at] === undefined) {
      return this.#fail(
        'UNTERMINATED_SUBSTITUTION',
        'The ${ that begins here has no closing }',
        start,
        start + 2,
      );
    }
    return this.#expect('}') ? node : undefined;
  }

  #reference(): Node | undefined {
    const start = this.#at++;
    const root = this.#match(WORD)?.[0];
    if (root !== 'input' && root !== 'variable' && root !== 'sitewise') {
      const message = 'A reference begins with $input, $variable or $sitewise';
      return this.#fail('UNKNOWN_NAME', message, start, this.#at);
    }
    const name = this.#member();
    if (name === undefined) return undefined;
    if (root === 'variable') return this.#node({ kind: 'variable', name, start, end: this.#at });
    const path = this.#path();
    if (path === undefined) return undefined;
    if (root === 'input') return this.#node({ kind: 'input', name, path, start, end: this.#at });
    return this.#node({ kind: 'sitewise', path: [name, ...path], start, end: this.#at });
  }

  #path(): Step[] | undefined {
    const path: Step[] = [];
    for (;;) {
      const end = this.#at;
      this.#skip();
      if (this.#text[this.#at] === '.') {
        const member = this.#member();
        if (member === undefined) return undefined;
        path.push(member);
      } else if (this.#text[this.#at] === '[') {
        this.#at++;
        this.#skip();
        const index = this.#match(INDEX)?.[0];
        if (index === undefined) return this.#unexpected('an index');
        if (!this.#expect(']')) return undefined;
        path.push(Number(index));
      } else {
        this.#at = end;
        return path;
      }
    }
  }

  /** `.name`, the name plain or in back-quotes. */
  #member(): string | undefined {
    if (!this.#expect('.')) return undefined;
    this.#skip();
    const start = this.#at;
    if (this.#text[start] === '`') {
      const quoted = this.#match(QUOTED_NAME)?.[1];
      if (quoted !== undefined) return quoted;
      return this.#fail('UNTERMINATED_NAME', 'The name that begins here has no closing `', start, start + 1);
    }
    return (
      this.#match(WORD)?.[0] ??
      this.#unexpected('a name; names with other than letters, digits and _ stand in `')
    );
  }

  #call(name: string, start: number): Call | undefined {
    if (!Object.hasOwn(FUNCTIONS, name)) {
      const near = Object.keys(FUNCTIONS).find((known) => isNear(known, name));
      const hint = near === undefined ? '' : `; did you mean ${near}?`;
      return this.#fail(
        'UNKNOWN_FUNCTION',
        `There is no function ${name}${hint}`,
        start,
        start + name.length,
      );
    }
    const wanted = FUNCTIONS[name as FunctionName];
    this.#at++;
    const args: Node[] = [];
    this.#skip();
    while (this.#text[this.#at] !== ')') {
      if (args.length > 0 && !this.#expect(',')) return undefined;
      const arg = this.#argument(wanted[args.length]);
      if (arg === undefined) return undefined;
      args.push(arg);
      this.#skip();
    }
    this.#at++;
    if (args.length !== wanted.length) {
      const message = `${name} takes ${wanted.length} argument${wanted.length === 1 ? '' : 's'}, not ${args.length}`;
      return this.#fail('WRONG_ARGUMENTS', message, start, this.#at);
    }
    const bare = args[0];
    if (wanted[0] === 'name' && !(bare?.kind === 'literal' && typeof bare.value === 'string')) {
      return this.#fail('WRONG_ARGUMENTS', `${name} takes a name in quotes`, bare?.start ?? start, bare?.end);
    }
    return this.#node({ kind: 'call', name: name as FunctionName, args, start, end: this.#at });
  }

  #argument(kind: 'name' | 'type' | 'value' | undefined): Node | undefined {
    this.#skip();
    const start = this.#at;
    if (kind === 'type') {
      const word = this.#match(WORD)?.[0];
      if (word !== undefined && TYPE_WORDS.includes(word)) return this.#literal(word, start);
      this.#at = start;
    }
    return this.#expression(0);
  }

  #literal(value: Literal['value'], start: number): Literal | undefined {
    return this.#node({ kind: 'literal', value, start, end: this.#at });
  }

  #node<N extends Node>(node: N): N | undefined {
    if (++this.#nodes <= this.#limits.expressionNodes) return node;
    const message = `The expression has more parts than the limit ${this.#limits.expressionNodes}`;
    return this.#fail('TOO_MANY_NODES', message, node.start, node.end);
  }

  #expect(character: string): boolean {
    this.#skip();
    if (this.#text[this.#at] === character) {
      this.#at++;
      return true;
    }
    this.#unexpected(character);
    return false;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at = pattern.lastIndex;
    return match;
  }

  #skip(): void {
    this.#match(WHITE_SPACE);
  }

  #unexpected(wanted: string): undefined {
    this.#skip();
    const found = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    if (this.#at >= this.#text.length) {
      return this.#fail('UNEXPECTED_END', `Expected ${wanted}, but the expression ends here`);
    }
    return this.#fail(
      'UNEXPECTED_TOKEN',
      `Expected ${wanted}, but found ${found}`,
      this.#at,
      this.#at + found.length,
    );
  }

  #fail(code: ExpressionErrorCode, message: string, start = this.#at, end = this.#at): undefined {
    this.#error ??= expressionError(code, message, this.#text, { start, end });
    return undefined;
  }
}

const END_OF_NOTHING = { start: 0, end: 0 };

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

/** Alike but for case, or for one letter that is missing, added or another. */
function isNear(known: string, written: string): boolean {
  const a = known.toLowerCase();
  const b = written.toLowerCase();
  if (Math.abs(a.length - b.length) > 1) return false;
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  const [restA, restB] = [a.slice(same), b.slice(same)];
  return (
    restA === restB ||
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    restA.slice(1) === restB.slice(1)
  );
}
