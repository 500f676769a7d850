import {
  type Assignment,
  childrenOf,
  type Item,
  type Node,
  type NodeOf,
  type Query,
  type Selection,
  type Span,
  type Statement,
} from './ast.ts';
import { constantText } from './functions/function.ts';
import { FUNCTIONS } from './functions/index.ts';
import { PROTOBUF, REFUSED_FUNCTIONS } from './functions/refused.ts';
import { type SqlVersion, wholeIsInt } from './numbers.ts';
import { type SqlError, type SqlErrorCode, sqlError } from './sql-error.ts';
import { filterProblem } from './topic-filter.ts';

const VARIABLES = 10;
const VARIABLE_NAME = 64;
/** Maximum number of slashes in a filter accepted by AWS (docs/devices.md: Limits). */
const SLASHES = 7;
const LATER = '2016-03-23';

/** Semantic errors of a parsed statement, and warnings for its author. */
export interface Checked {
  readonly error: SqlError | undefined;
  readonly warnings: readonly string[];
}

export function checkStatement(text: string, statement: Statement, version: SqlVersion): Checked {
  const checker = new Checker(text, version);
  checker.statement(statement);
  return checker;
}

/** `variables` are those set by the rule's statement. */
export function checkSubstitution(
  text: string,
  node: Node,
  version: SqlVersion,
  variables: readonly string[],
): SqlError | undefined {
  const checker = new Checker(text, version, variables);
  checker.node(node);
  return checker.error;
}

/** The path of an item in the result; undefined when it needs an alias (docs/topic-rules.md: The SQL). */
export function keyOf({ node, alias }: Item): readonly string[] | undefined {
  if (alias !== undefined) return alias;
  if (node.kind === 'name' || node.kind === 'member' || node.kind === 'call') return [node.name];
  return node.kind === 'cast' ? ['cast'] : undefined;
}

/** Position of the argument that must be a constant, because it selects what the function does. */
const MODES: Readonly<Record<string, number>> = { transform: 0, decode: 1, encode: 1 };

class Checker implements Checked {
  readonly warnings: string[] = [];
  error: SqlError | undefined;
  readonly #text: string;
  readonly #version: SqlVersion;
  readonly #variables: Set<string>;

  constructor(text: string, version: SqlVersion, variables: readonly string[] = []) {
    this.#text = text;
    this.#version = version;
    this.#variables = new Set(variables);
  }

  statement({ assignments, selection, from, where }: Statement): void {
    for (const assignment of assignments) this.#assignment(assignment);
    this.#selection(selection);
    if (where !== undefined) this.node(where);
    if (from === undefined) return;
    const problem = filterProblem(from.filter);
    if (problem !== undefined) this.#fail(problem, from);
    if (from.filter.split('/').length - 1 > SLASHES)
      this.warnings.push(`The topic filter has more than ${SLASHES} slashes; AWS IoT would refuse it`);
  }

  node(node: Node): void {
    switch (node.kind) {
      case 'variable':
        if (!this.#variables.has(node.name)) this.#fail(`The variable @${node.name} is not set`, node);
        break;
      case 'spread':
        this.#fail('Members of an object are selected by a.* only as an item of a selection', node);
        break;
      case 'call':
        this.#call(node);
        break;
      case 'cast':
        if (node.type === 'Decimal' || node.type === 'Boolean') this.#later(`cast as ${node.type}`, node);
        break;
      case 'array':
        if (!node.isList) this.#later('An array literal', node);
        break;
      case 'object':
        this.#later('An object literal', node);
        break;
      case 'exists':
      case 'query':
        this.#query(node.query);
        return;
    }
    for (const child of childrenOf(node)) this.node(child);
  }

  #assignment({ name, node, start, end }: Assignment): void {
    const span = { start, end };
    this.node(node);
    if (this.#variables.has(name)) this.#fail(`The variable @${name} is set twice`, span);
    if (name.length > VARIABLE_NAME)
      this.#fail(`A variable's name has at most ${VARIABLE_NAME} characters`, span);
    this.#variables.add(name);
    if (this.#variables.size > VARIABLES) this.#fail(`A statement sets at most ${VARIABLES} variables`, span);
  }

  #query(query: Query): void {
    this.#later('A nested query', query);
    this.#selection(query.selection);
    this.node(query.source);
    if (query.where !== undefined) this.node(query.where);
  }

  #selection(selection: Selection): void {
    if (selection.kind === 'value') {
      this.node(selection.node);
      return;
    }
    for (const item of selection.items) {
      const { node, alias } = item;
      if (node.kind === 'spread') {
        if (alias !== undefined) this.#fail('a.* cannot have an alias: its members keep their names', item);
        this.node(node.of);
        continue;
      }
      this.node(node);
      const takesNone = node.kind === 'star' || node.kind === 'object';
      if (!takesNone && keyOf(item) === undefined) this.#fail('This expression needs a name: AS …', item);
      if (alias === undefined && node.kind === 'call')
        this.warnings.push(
          `${node.name}() has no alias, so its value gets the name "${node.name}"; AWS does not document that name, so use AS`,
        );
    }
  }

  #call(node: NodeOf<'call'>): void {
    const { name, args } = node;
    const needs = needsOf(node);
    if (needs !== undefined) {
      const shown = name === 'decode' ? "decode(…, 'proto')" : `${name}()`;
      this.#fail(`function ${shown} needs ${needs} and is not supported by Tripline`, node, 'UNSUPPORTED');
      return;
    }
    const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (known === undefined) {
      this.#fail(`There is no function ${name.slice(0, 40)}()`, node);
      return;
    }
    if (known.since === LATER) this.#later(`${name}()`, node);
    const mode = args[MODES[name] ?? -1];
    if (mode?.kind === 'variable') this.#fail(`${name}() needs a constant here, not a variable`, mode);
    const problem = known.check?.(args);
    if (problem !== undefined) this.#fail(problem, node);
    const advice = known.advise?.(args);
    if (advice !== undefined) this.warnings.push(`${name}(): ${advice}`);
  }

  #later(what: string, span: Span): void {
    if (wholeIsInt(this.#version)) return;
    this.#fail(`${what} needs SQL version ${LATER}; set awsIotSqlVersion to it`, span);
  }

  /** Only the first error is reported. */
  #fail(what: string, span: Span, code: SqlErrorCode = 'SYNTAX'): void {
    this.error ??= sqlError(code, what, this.#text, span);
  }
}

/** The AWS service or resource that a function needs (docs/topic-rules.md: The SQL). */
function needsOf({ name, args }: NodeOf<'call'>): string | undefined {
  if (name === 'decode' && constantText(args[1]) === 'proto') return PROTOBUF;
  return Object.hasOwn(REFUSED_FUNCTIONS, name) ? REFUSED_FUNCTIONS[name] : undefined;
}
