import { DEFAULT_LIMITS, type Limits } from '../../limits.ts';
import type { BinaryOperator, Call, Literal, Node, Step, UnaryOperator } from './ast.ts';
import { type ExpressionError, type ExpressionErrorCode, expressionError } from './expression-error.ts';
import { CONVERTIBLE, FUNCTIONS, isFunctionName, type Parameter } from './functions.ts';
import { hintAt } from './hints.ts';
import { nearest } from './nearest.ts';
import { Scanner } from './scanner.ts';
import { decimal, integer, type Value } from './value.ts';

export type ParseResult =
  | { readonly ok: true; readonly node: Node }
  | { readonly ok: false; readonly error: ExpressionError };

/** Parses one expression (reference: expressions 3). Never throws; stops at the first error. */
export function parse(text: string, limits: Limits = DEFAULT_LIMITS): ParseResult {
  const outcome = new Parser(text, limits).parse();
  return 'code' in outcome ? { ok: false, error: outcome } : { ok: true, node: outcome };
}

/** Precedence of the binary operators (reference: expressions 3). All are left-associative. */
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

/** Errors that syntax of another language causes. */
const HINTED: readonly ExpressionErrorCode[] = ['UNEXPECTED_TOKEN', 'UNKNOWN_NAME'];

const UNARY: readonly string[] = ['!', '-', '~'] satisfies UnaryOperator[];

/** A Pratt parser. Its methods return undefined once an error is recorded, and callers propagate that. */
class Parser {
  readonly #scanner: Scanner;
  readonly #limits: Limits;
  #depth = 0;
  #nodes = 0;
  #error: ExpressionError | undefined;

  constructor(text: string, limits: Limits) {
    this.#scanner = new Scanner(text);
    this.#limits = limits;
  }

  parse(): Node | ExpressionError {
    return this.#whole() ?? this.#error ?? this.#errorAt('UNEXPECTED_END', 'The expression is empty', 0);
  }

  #whole(): Node | undefined {
    const { length } = this.#scanner.text;
    const limit = this.#limits.expressionLength;
    if (length > limit) {
      return this.#fail('TOO_LONG', `The expression has ${length} characters; the limit is ${limit}`, limit);
    }
    const node = this.#expression(0);
    if (node !== undefined && this.#scanner.skip() !== '') return this.#unexpected('an operator or the end');
    return node;
  }

  /** Parses operands joined by operators of at least the precedence `least`. */
  #expression(least: number): Node | undefined {
    return this.#deeper(() => {
      this.#scanner.skip();
      const start = this.#scanner.at;
      let left = this.#unary();
      while (left !== undefined) {
        const operator = this.#operator(least);
        if (operator === undefined) return left;
        const right = this.#expression(PRECEDENCE[operator] + 1);
        if (right === undefined) return undefined;
        left = this.#node({ kind: 'binary', operator, left, right, start, end: this.#scanner.at });
      }
      return undefined;
    });
  }

  /** Reads the next operator, or leaves it to an outer expression when its precedence is below `least`. */
  #operator(least: number): BinaryOperator | undefined {
    const before = this.#scanner.at;
    this.#scanner.skip();
    const operator = this.#scanner.operator();
    if (operator !== undefined && PRECEDENCE[operator] >= least) return operator;
    this.#scanner.at = before;
    return undefined;
  }

  #unary(): Node | undefined {
    const operator = this.#scanner.skip();
    if (!isUnary(operator)) return this.#primary();
    const start = this.#scanner.at++;
    this.#scanner.skip();
    // The sign is part of the literal: -9223372036854775808 is an Integer, but 9223372036854775808 is not.
    if (operator === '-' && this.#scanner.nextIsDigit) return this.#number(start, '-');
    const operand = this.#deeper(() => this.#unary());
    return operand && this.#node({ kind: 'unary', operator, operand, start, end: this.#scanner.at });
  }

  #primary(): Node | undefined {
    const { next, at } = this.#scanner;
    if (this.#scanner.nextIsDigit) return this.#number(at, '');
    if (next === "'" || next === '"') return this.#string(next);
    if (next === '$') return this.#reference();
    if (next === '(') return this.#group();
    const word = this.#scanner.word();
    if (word === undefined) return this.#unexpected('a value');
    if (word === 'true' || word === 'false') return this.#literal(word === 'true', at);
    const end = this.#scanner.at;
    if (this.#scanner.skip() === '(') return this.#call(word, at);
    const message = isFunctionName(word)
      ? `${word} is a function: its arguments follow in parentheses`
      : `${word} is neither a function nor a reference. Put text in quotes: '${word}'`;
    return this.#fail('UNKNOWN_NAME', message, at, end);
  }

  #group(): Node | undefined {
    this.#scanner.at++;
    const node = this.#expression(0);
    return node && this.#expect(')') && node;
  }

  #number(start: number, sign: string): Literal | undefined {
    const text = `${sign}${this.#scanner.number()}`;
    if (/[\w.]/.test(this.#scanner.next)) {
      const message = 'A number is digits, optionally followed by a point and more digits';
      return this.#fail('INVALID_NUMBER', message, start, this.#scanner.at + 1);
    }
    const isInteger = /^-?\d+$/.test(text);
    const value = isInteger ? integer(BigInt(text)) : decimal(Number(text));
    if (value !== undefined) return this.#literal(value, start);
    const message = `${text} is outside the range of ${isInteger ? 'a 64-bit Integer' : 'a Decimal'}`;
    return this.#fail('INVALID_NUMBER', message, start);
  }

  /**
   * Parses a literal, or a template if it contains substitutions. Either quote may delimit it; the other is plain text.
   */
  #string(quote: string): Node | undefined {
    const start = this.#scanner.at++;
    const parts: (string | Node)[] = [];
    let text = '';
    while (this.#scanner.next !== quote) {
      if (this.#scanner.next === '') {
        const message = `The text that begins here has no closing ${quote}`;
        return this.#fail('UNTERMINATED_STRING', message, start, start + 1);
      }
      if (this.#scanner.text.startsWith('${', this.#scanner.at)) {
        const substitution = this.#substitution();
        if (substitution === undefined) return undefined;
        if (text !== '') parts.push(text);
        parts.push(substitution);
        text = '';
      } else {
        const piece = this.#piece();
        if (piece === undefined) return undefined;
        text += piece;
      }
    }
    this.#scanner.at++;
    if (parts.length === 0) return this.#literal(text, start);
    if (text !== '') parts.push(text);
    return this.#node({ kind: 'template', parts, start, end: this.#scanner.at });
  }

  /** Reads a run of plain characters or one escape sequence. */
  #piece(): string | undefined {
    const { next, at } = this.#scanner;
    if (next !== '\\') return this.#scanner.plainText() ?? this.#scanner.text[this.#scanner.at++];
    const escaped = this.#scanner.escape();
    if (escaped !== undefined) return escaped;
    const message =
      'Expected one of \\ \' " / n r t b f, or u and four hexadecimal digits, after the backslash';
    return this.#fail('INVALID_ESCAPE', message, at, at + 2);
  }

  #substitution(): Node | undefined {
    const start = this.#scanner.at;
    this.#scanner.at += 2;
    const node = this.#expression(0);
    if (node !== undefined && this.#scanner.skip() === '') {
      const message = 'The ${ that begins here has no closing }';
      return this.#fail('UNTERMINATED_SUBSTITUTION', message, start, start + 2);
    }
    return node && this.#expect('}') && node;
  }

  #reference(): Node | undefined {
    const start = this.#scanner.at++;
    const root = this.#scanner.word();
    if (root !== 'input' && root !== 'variable' && root !== 'sitewise') {
      const near = root === undefined ? undefined : nearest(root, ['input', 'variable', 'sitewise']);
      const message =
        this.#scanner.next === '{'
          ? 'A substitution ${ } must be inside quotes'
          : `A reference begins with $input, $variable or $sitewise${near === undefined ? '' : `; did you mean $${near}?`}`;
      return this.#fail('UNKNOWN_NAME', message, start);
    }
    const name = this.#member();
    if (name === undefined) return undefined;
    if (root === 'variable') return this.#node({ kind: root, name, start, end: this.#scanner.at });
    const path = this.#path();
    if (path === undefined) return undefined;
    const end = this.#scanner.at;
    return root === 'input'
      ? this.#node({ kind: root, name, path, start, end })
      : this.#node({ kind: root, path: [name, ...path], start, end });
  }

  #path(): Step[] | undefined {
    const path: Step[] = [];
    for (;;) {
      const end = this.#scanner.at;
      const next = this.#scanner.skip();
      if (next !== '.' && next !== '[') {
        this.#scanner.at = end;
        return path;
      }
      const step = next === '.' ? this.#member() : this.#index();
      if (step === undefined) return undefined;
      path.push(step);
    }
  }

  /** `.name`, plain or in back-quotes. */
  #member(): string | undefined {
    if (!this.#expect('.')) return undefined;
    if (this.#scanner.skip() !== '`') {
      return (
        this.#scanner.word() ?? this.#unexpected('a name (put one with other characters in back-quotes)')
      );
    }
    const { at } = this.#scanner;
    return (
      this.#scanner.quotedName() ??
      this.#fail('UNTERMINATED_NAME', 'The name that begins here has no closing `', at, at + 1)
    );
  }

  /** `[0]` */
  #index(): number | undefined {
    this.#scanner.at++;
    this.#scanner.skip();
    const digits = this.#scanner.digits();
    if (digits === undefined) return this.#unexpected('an index');
    return this.#expect(']') ? Number(digits) : undefined;
  }

  #call(name: string, start: number): Call | undefined {
    if (!isFunctionName(name)) {
      const near = nearest(name, Object.keys(FUNCTIONS));
      const message = `There is no function ${name}${near === undefined ? '' : `; did you mean ${near}?`}`;
      return this.#fail('UNKNOWN_FUNCTION', message, start, start + name.length);
    }
    const { takes } = FUNCTIONS[name];
    const args: Node[] = [];
    this.#scanner.at++;
    while (this.#scanner.skip() !== ')') {
      if (args.length > 0 && !this.#expect(',')) return undefined;
      const arg = this.#argument(name, takes[args.length] ?? 'any');
      if (arg === undefined) return undefined;
      args.push(arg);
    }
    this.#scanner.at++;
    if (args.length !== takes.length) {
      const count = `${takes.length} argument${takes.length === 1 ? '' : 's'}`;
      return this.#fail('WRONG_ARGUMENTS', `${name} takes ${count}, not ${args.length}`, start);
    }
    return this.#node({ kind: 'call', name, args, start, end: this.#scanner.at });
  }

  #argument(name: string, parameter: Parameter): Node | undefined {
    this.#scanner.skip();
    const start = this.#scanner.at;
    if (parameter === 'type') {
      const word = this.#scanner.word();
      if (CONVERTIBLE.some((type) => type === word)) return this.#literal(word ?? '', start);
      const isExpression = word === 'true' || word === 'false' || this.#scanner.skip() === '(';
      if (word !== undefined && !isExpression) {
        const message = `${name} takes ${CONVERTIBLE.join(', ')} or an expression giving one of them, not ${word}`;
        return this.#fail('WRONG_ARGUMENTS', message, start, start + word.length);
      }
      this.#scanner.at = start;
    }
    const arg = this.#expression(0);
    if (arg === undefined || parameter !== 'name') return arg;
    if (arg.kind !== 'literal' || typeof arg.value === 'string') return arg;
    const message = `${name} takes a name in quotes, or an expression that results in one`;
    return this.#fail('WRONG_ARGUMENTS', message, start);
  }

  #literal(value: Value, start: number): Literal | undefined {
    return this.#node({ kind: 'literal', value, start, end: this.#scanner.at });
  }

  #node<N extends Node>(node: N): N | undefined {
    const limit = this.#limits.expressionNodes;
    if (++this.#nodes <= limit) return node;
    return this.#fail('TOO_MANY_NODES', `The expression has more than ${limit} parts`, node.start);
  }

  /** Every recursion of the grammar goes through here, so that the depth is limited. */
  #deeper(read: () => Node | undefined): Node | undefined {
    const limit = this.#limits.expressionDepth;
    if (this.#depth === limit) {
      const { at } = this.#scanner;
      return this.#fail('TOO_DEEP', `The expression is nested deeper than the limit ${limit}`, at, at + 1);
    }
    this.#depth++;
    const node = read();
    this.#depth--;
    return node;
  }

  /** Skips white space and consumes the character, or fails. */
  #expect(character: string): true | undefined {
    if (this.#scanner.skip() !== character) return this.#unexpected(character);
    this.#scanner.at++;
    return true;
  }

  #unexpected(wanted: string): undefined {
    this.#scanner.skip();
    const { at, text } = this.#scanner;
    const code = text.codePointAt(at);
    if (code === undefined) {
      return this.#fail('UNEXPECTED_END', `Expected ${wanted}, but the expression ends here`, at);
    }
    const found = String.fromCodePoint(code);
    return this.#fail('UNEXPECTED_TOKEN', `Expected ${wanted}, but found ${found}`, at, at + found.length);
  }

  #fail(code: ExpressionErrorCode, message: string, start: number, end?: number): undefined {
    this.#error ??= this.#errorAt(code, message, start, end);
    return undefined;
  }

  #errorAt(
    code: ExpressionErrorCode,
    message: string,
    start: number,
    end = this.#scanner.at,
  ): ExpressionError {
    const { text } = this.#scanner;
    const hint = HINTED.includes(code) ? hintAt(text, start) : undefined;
    if (hint !== undefined) message = hint;
    const within = Math.min(Math.max(start, end), text.length);
    return expressionError(code, message, text, { start, end: within });
  }
}

function isUnary(character: string): character is UnaryOperator {
  return UNARY.includes(character);
}
