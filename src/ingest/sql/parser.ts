import { DEFAULT_LIMITS, type Limits } from '../../limits.ts';
import type {
  Assignment,
  BinaryOperator,
  CastType,
  Item,
  Node,
  NodeOf,
  Query,
  Selection,
  Span,
  Statement,
} from './ast.ts';
import { type Token, tokenAt } from './scanner.ts';
import { type SqlError, type SqlResult, sqlError } from './sql-error.ts';

/** Parses a statement (docs/topic-rules.md: The SQL). Stops at the first error. */
export function parseStatement(text: string, limits: Limits = DEFAULT_LIMITS): SqlResult<Statement> {
  return new Parser(text, 0, limits).result((parser) => parser.statement());
}

/**
 * Parses the expression of a substitution template from a position in the text, up to the brace that does not belong to
 * one of its own literals.
 */
export function parseSubstitution(text: string, from: number, limits: Limits): SqlResult<Node> {
  return new Parser(text, from, limits).result((parser) => parser.substitution());
}

const LOOSEST = 1;
const COMPARISON = 4;
const SUM = 5;
/** Precedence of binary operators (docs/topic-rules.md: The SQL). NOT is between AND and the comparisons. */
const PRECEDENCE: Readonly<Record<string, number>> = {
  OR: 1,
  AND: 2,
  '=': COMPARISON,
  '<>': COMPARISON,
  '!=': COMPARISON,
  '<': COMPARISON,
  '<=': COMPARISON,
  '>': COMPARISON,
  '>=': COMPARISON,
  IN: COMPARISON,
  '+': SUM,
  '-': SUM,
  '*': 6,
  '/': 6,
  '%': 6,
};
const NOT = 3;

/** Words that cannot be unquoted attribute names. */
const RESERVED = new Set(
  'SELECT FROM WHERE AS SET AND OR NOT IN EXISTS CASE WHEN THEN ELSE END NULL TRUE FALSE CAST'.split(' '),
);

const CAST_TYPES: Readonly<Record<string, CastType>> = {
  string: 'String',
  nvarchar: 'String',
  text: 'String',
  ntext: 'String',
  varchar: 'String',
  int: 'Int',
  integer: 'Int',
  double: 'Double',
  decimal: 'Decimal',
  bool: 'Boolean',
  boolean: 'Boolean',
};

/** A Pratt parser. Its methods return undefined once an error is recorded, and their callers pass that on. */
class Parser {
  readonly #text: string;
  readonly #limits: Limits;
  #token: Token;
  /** The end of the previous token. */
  #end: number;
  #depth = 0;
  #nodes = 0;
  #error: SqlError | undefined;

  constructor(text: string, from: number, limits: Limits) {
    this.#text = text;
    this.#limits = limits;
    this.#token = tokenAt(text, from);
    this.#end = from;
  }

  result<T>(read: (parser: Parser) => T | undefined): SqlResult<T> {
    const value = read(this);
    if (this.#error !== undefined) return { ok: false, error: this.#error };
    if (value !== undefined) return { ok: true, value };
    return { ok: false, error: sqlError('SYNTAX', 'There is no statement', this.#text, this.#token) };
  }

  statement(): Statement | undefined {
    const assignments = this.#nextIs('SET') ? this.#assignments() : [];
    if (assignments === undefined) return undefined;
    if (!this.#expect('SELECT')) return undefined;
    const selection = this.#selection();
    if (selection === undefined) return undefined;
    const from = this.#nextIs('FROM') ? this.#from() : undefined;
    if (this.#error !== undefined) return undefined;
    const where = this.#where();
    if (this.#error !== undefined) return undefined;
    if (this.#token.kind !== 'end') return this.#unexpected('the end of the statement');
    return { assignments, selection, from, where };
  }

  substitution(): Node | undefined {
    const node = this.#expression(LOOSEST);
    if (node !== undefined && !(this.#token.kind === 'symbol' && this.#token.text === '}'))
      return this.#unexpected('} at the end of the substitution template');
    return node && { ...node, end: this.#token.end };
  }

  #assignments(): Assignment[] | undefined {
    this.#advance();
    const assignments: Assignment[] = [];
    do {
      const { kind, text: name, start } = this.#token;
      if (kind !== 'variable') return this.#unexpected('a variable such as @name');
      this.#advance();
      if (!this.#expect('=')) return undefined;
      const node = this.#expression(LOOSEST);
      if (node === undefined) return undefined;
      assignments.push({ name, node, start, end: this.#end });
    } while (this.#skip(','));
    return assignments;
  }

  #selection(): Selection | undefined {
    if (this.#nextIsValueKeyword()) {
      this.#advance();
      const node = this.#expression(LOOSEST);
      return node && { kind: 'value', node };
    }
    const negative = this.#negativeValue();
    if (negative !== undefined) return { kind: 'value', node: negative };
    const items: Item[] = [];
    do {
      // A trailing comma before FROM is accepted (docs/topic-rules.md: The SQL).
      if (items.length > 0 && this.#nextIs('FROM')) break;
      const item = this.#item();
      if (item === undefined) return undefined;
      items.push(item);
    } while (this.#skip(','));
    return { kind: 'items', items };
  }

  /** VALUE is the keyword only when an expression follows; otherwise it is an attribute name. */
  #nextIsValueKeyword(): boolean {
    if (!this.#nextIs('VALUE')) return false;
    const next = tokenAt(this.#text, this.#token.end);
    if (next.kind === 'word') {
      const word = next.text.toUpperCase();
      return !RESERVED.has(word) || ['NOT', 'CASE', 'CAST', 'EXISTS', 'NULL', 'TRUE', 'FALSE'].includes(word);
    }
    if (next.kind !== 'symbol') return next.kind !== 'end' && next.kind !== 'wrong';
    if (next.text !== '*') return ['(', '[', '{'].includes(next.text);
    const after = tokenAt(this.#text, next.end);
    const ends = after.kind === 'end' || [',', '.', ')'].includes(after.text);
    return ends || (after.kind === 'word' && ['FROM', 'WHERE', 'AS'].includes(after.text.toUpperCase()));
  }

  /**
   * `SELECT VALUE -x FROM …` and `SELECT value - x AS y FROM …` begin alike: VALUE is the keyword when the selection
   * ends after the expression, since an unnamed difference cannot be selected.
   */
  #negativeValue(): Node | undefined {
    if (!this.#nextIs('VALUE') || tokenAt(this.#text, this.#token.end).text !== '-') return undefined;
    const [token, end, nodes] = [this.#token, this.#end, this.#nodes];
    this.#advance();
    const node = this.#expression(LOOSEST);
    if (node !== undefined && !this.#nextIs('AS') && !this.#next(',')) return node;
    this.#token = token;
    this.#end = end;
    this.#nodes = nodes;
    this.#error = undefined;
    return undefined;
  }

  #item(): Item | undefined {
    const { start } = this.#token;
    const node = this.#expression(LOOSEST, true);
    if (node === undefined) return undefined;
    let alias: string[] | undefined;
    if (this.#nextIs('AS')) {
      this.#advance();
      alias = [];
      do {
        const name = this.#word('an alias');
        if (name === undefined) return undefined;
        alias.push(name);
      } while (this.#skip('.'));
    }
    return { node, alias, start, end: this.#end };
  }

  #from(): Statement['from'] {
    this.#advance();
    const { kind, text: filter, start, end } = this.#token;
    if (kind !== 'string') return this.#unexpected('a topic filter in quotes');
    this.#advance();
    return { filter, start, end };
  }

  #where(): Node | undefined {
    if (!this.#nextIs('WHERE')) return undefined;
    this.#advance();
    return this.#expression(LOOSEST);
  }

  /** The next token must be SELECT. */
  #query(): Query | undefined {
    return this.#deeper(() => {
      const { start } = this.#token;
      this.#advance();
      const selection = this.#selection();
      if (selection === undefined || !this.#expect('FROM')) return undefined;
      const source = this.#postfix();
      if (source === undefined) return undefined;
      let alias: string | undefined;
      if (this.#nextIs('AS')) {
        this.#advance();
        alias = this.#word('an alias');
      }
      const where = this.#where();
      return this.#error ? undefined : { selection, source, alias, where, start, end: this.#end };
    });
  }

  /** Operands joined by operators of precedence `least` or higher. */
  #expression(least: number, inItem = false): Node | undefined {
    return this.#deeper(() => {
      const { start } = this.#token;
      const isNot = least <= NOT && this.#nextIs('NOT');
      let left = isNot ? this.#not() : this.#unary(inItem);
      let most = isNot ? NOT - 1 : Number.POSITIVE_INFINITY;
      let chain = 0;
      while (left !== undefined) {
        const operator = this.#operator();
        const precedence = PRECEDENCE[operator ?? ''] ?? 0;
        if (operator === undefined || precedence < least || precedence > most) break;
        this.#advance();
        const right = operator === 'IN' && this.#next('(') ? this.#list() : this.#expression(precedence + 1);
        if (right === undefined) return undefined;
        left = this.#node({ kind: 'binary', operator, left, right, start, end: this.#end });
        // Each operator of a chain is a level of the tree.
        if (this.#isTooDeep(++chain)) return undefined;
        // Comparisons do not associate: a = b = c is invalid.
        most = precedence === COMPARISON ? COMPARISON - 1 : most;
      }
      return left;
    });
  }

  /** The next operator, in the form of the tree. */
  #operator(): BinaryOperator | undefined {
    const { kind, text } = this.#token;
    if (kind !== 'word' && kind !== 'symbol') return undefined;
    const name = text.toUpperCase();
    if (!Object.hasOwn(PRECEDENCE, name)) return undefined;
    return (name === '!=' ? '<>' : name) as BinaryOperator;
  }

  #not(): Node | undefined {
    const { start } = this.#token;
    this.#advance();
    const operand = this.#expression(NOT);
    return operand && this.#node({ kind: 'not', operand, start, end: this.#end });
  }

  #unary(inItem: boolean): Node | undefined {
    const { start } = this.#token;
    if (!this.#skip('-')) return this.#postfix(inItem);
    const operand = this.#deeper(() => this.#unary(false));
    return operand && this.#node({ kind: 'minus', operand, start, end: this.#end });
  }

  #postfix(inItem = false): Node | undefined {
    const { start } = this.#token;
    let node = this.#primary();
    let chain = 0;
    while (node !== undefined && this.#skip('.')) {
      if (inItem && this.#skip('*')) return this.#node({ kind: 'spread', of: node, start, end: this.#end });
      const name = this.#word('the name of a member');
      if (name === undefined || this.#isTooDeep(++chain)) return undefined;
      node = this.#node({ kind: 'member', of: node, name, start, end: this.#end });
    }
    return node;
  }

  #primary(): Node | undefined {
    const { kind, text, start, end } = this.#token;
    if (kind === 'wrong') return this.#fail(text, this.#token);
    if (kind === 'word') return this.#named();
    if (kind === 'symbol') return this.#bracketed();
    if (kind === 'end') return this.#unexpected('an expression');
    this.#advance();
    if (kind === 'number') return this.#node({ kind: 'number', text, start, end });
    if (kind === 'variable') return this.#node({ kind: 'variable', name: text, start, end });
    return this.#node({ kind: 'literal', value: text, start, end });
  }

  #bracketed(): Node | undefined {
    const { text, start, end } = this.#token;
    if (text === '*') {
      this.#advance();
      return this.#node({ kind: 'star', start, end });
    }
    if (text === '(') return this.#group();
    if (text === '[') return this.#array();
    return text === '{' ? this.#object() : this.#unexpected('an expression');
  }

  /** A constant, an attribute, or a call or other form with a word and a parenthesis. */
  #named(): Node | undefined {
    const { text, start, end } = this.#token;
    const word = text.toUpperCase();
    if (word === 'CASE') return this.#case();
    const isReserved = RESERVED.has(word);
    const isCall =
      tokenAt(this.#text, end).text === '(' && (!isReserved || word === 'CAST' || word === 'EXISTS');
    if (isReserved && !isCall && !['NULL', 'TRUE', 'FALSE'].includes(word))
      return this.#fail(
        `Unexpected ${text}: it is a word of the language; use get(*, "${text}") for an attribute of that name`,
        this.#token,
      );
    this.#advance();
    if (!isCall) {
      if (!isReserved) return this.#node({ kind: 'name', name: text, start, end });
      const value = word === 'NULL' ? null : word === 'TRUE';
      return this.#node({ kind: 'literal', value, start, end });
    }
    this.#advance();
    if (word === 'CAST') return this.#cast(start);
    if (word === 'EXISTS') return this.#exists(start);
    const args = this.#sequence(')', () => this.#operand());
    return args && this.#node({ kind: 'call', name: text.toLowerCase(), args, start, end: this.#end });
  }

  /** An expression, or a nested query without its own parentheses. */
  #operand(): Node | undefined {
    if (!this.#nextIs('SELECT')) return this.#expression(LOOSEST);
    const query = this.#query();
    return query && this.#node({ kind: 'query', query, start: query.start, end: query.end });
  }

  #group(): Node | undefined {
    const { start } = this.#token;
    this.#advance();
    const node = this.#operand();
    if (node === undefined || !this.#expect(')')) return undefined;
    return { ...node, start, end: this.#end };
  }

  /** The right side of IN: a parenthesis with more than one value, or with one constant, is a list. */
  #list(): Node | undefined {
    const { start } = this.#token;
    this.#advance();
    const items = this.#sequence(')', () => this.#operand());
    if (items === undefined) return undefined;
    const [first] = items;
    const isConstant = first?.kind === 'literal' || first?.kind === 'number';
    if (items.length === 1 && first !== undefined && !isConstant) return { ...first, start, end: this.#end };
    return this.#node({ kind: 'array', items, isList: true, start, end: this.#end });
  }

  #array(): Node | undefined {
    const { start } = this.#token;
    this.#advance();
    const items = this.#sequence(']', () => this.#operand());
    return items && this.#node({ kind: 'array', items, isList: false, start, end: this.#end });
  }

  #object(): Node | undefined {
    const { start } = this.#token;
    this.#advance();
    const members = this.#sequence('}', () => {
      const { kind, text: name } = this.#token;
      if (kind !== 'string') return this.#unexpected('a key in quotes');
      this.#advance();
      const value = this.#expect(':') ? this.#operand() : undefined;
      return value && { name, value };
    });
    return members && this.#node({ kind: 'object', members, start, end: this.#end });
  }

  #cast(start: number): Node | undefined {
    const operand = this.#expression(LOOSEST);
    if (operand === undefined || !this.#expect('AS')) return undefined;
    const place = this.#token;
    const type = CAST_TYPES[place.text.toLowerCase()];
    if (type === undefined || place.kind !== 'word')
      return this.#unexpected('a type such as String, Int or Decimal');
    this.#advance();
    if (!this.#expect(')')) return undefined;
    return this.#node({ kind: 'cast', operand, type, start, end: this.#end });
  }

  #exists(start: number): Node | undefined {
    if (!this.#nextIs('SELECT')) return this.#unexpected('SELECT');
    const query = this.#query();
    if (query === undefined || !this.#expect(')')) return undefined;
    return this.#node({ kind: 'exists', query, start, end: this.#end });
  }

  #case(): Node | undefined {
    const { start } = this.#token;
    this.#advance();
    const subject = this.#expression(LOOSEST);
    if (subject === undefined) return undefined;
    const branches: NodeOf<'case'>['branches'][number][] = [];
    do {
      if (!this.#expect('WHEN')) return undefined;
      const when = this.#expression(LOOSEST);
      if (when === undefined || !this.#expect('THEN')) return undefined;
      const then = this.#expression(LOOSEST);
      if (then === undefined) return undefined;
      branches.push({ when, then });
    } while (this.#nextIs('WHEN'));
    let otherwise: Node | undefined;
    if (this.#nextIs('ELSE')) {
      this.#advance();
      otherwise = this.#expression(LOOSEST);
      if (otherwise === undefined) return undefined;
    }
    if (!this.#expect('END')) return undefined;
    return this.#node({ kind: 'case', subject, branches, otherwise, start, end: this.#end });
  }

  /** Comma-separated elements up to a closing bracket; may be empty. */
  #sequence<T>(closing: string, read: () => T | undefined): T[] | undefined {
    const items: T[] = [];
    if (this.#skip(closing)) return items;
    do {
      const item = read();
      if (item === undefined) return undefined;
      items.push(item);
    } while (this.#skip(','));
    return this.#expect(closing) ? items : undefined;
  }

  #word(expected: string): string | undefined {
    const { kind, text } = this.#token;
    if (kind !== 'word') return this.#unexpected(expected);
    this.#advance();
    return text;
  }

  /** Whether the next token is the keyword, ignoring case. */
  #nextIs(keyword: string): boolean {
    return this.#token.kind === 'word' && this.#token.text.toUpperCase() === keyword;
  }

  #next(symbol: string): boolean {
    return this.#token.kind === 'symbol' && this.#token.text === symbol;
  }

  #skip(symbol: string): boolean {
    if (!this.#next(symbol)) return false;
    this.#advance();
    return true;
  }

  /** Consumes a keyword or a symbol; records an error when the next token is another one. */
  #expect(expected: string): boolean {
    const isNext = /^[A-Z]/.test(expected) ? this.#nextIs(expected) : this.#next(expected);
    if (isNext) this.#advance();
    else this.#unexpected(expected);
    return isNext;
  }

  #advance(): void {
    this.#end = this.#token.end;
    this.#token = tokenAt(this.#text, this.#token.end);
  }

  #node(node: Node): Node | undefined {
    const limit = this.#limits.sqlNodes;
    if (++this.#nodes <= limit) return node;
    return this.#fail(`The statement has more than ${limit} operators, names and constants`, node);
  }

  #deeper<T>(read: () => T | undefined): T | undefined {
    if (this.#isTooDeep(0)) return undefined;
    this.#depth++;
    const result = read();
    this.#depth--;
    return result;
  }

  #isTooDeep(further: number): boolean {
    const limit = this.#limits.sqlDepth;
    if (this.#depth + further < limit) return false;
    this.#fail(`The statement is nested more than ${limit} levels deep`, this.#token);
    return true;
  }

  #unexpected(expected: string): undefined {
    const { kind, text } = this.#token;
    if (kind === 'wrong') return this.#fail(text, this.#token);
    const found =
      kind === 'end' ? 'the end of the text' : this.#text.slice(this.#token.start, this.#token.end);
    return this.#fail(`Expected ${expected}, found ${found.slice(0, 40)}`, this.#token);
  }

  #fail(message: string, span: Span): undefined {
    this.#error ??= sqlError('SYNTAX', message, this.#text, span);
    return undefined;
  }
}
