import { utf8Length } from '../../core/expression/utf8.ts';
import { DEFAULT_LIMITS, type Limits } from '../../limits.ts';
import type { Node, Span, Statement } from './ast.ts';
import { Budget } from './budget.ts';
import { checkStatement, keyOf } from './check.ts';
import { Compiler } from './compile.ts';
import { toBoolean } from './convert.ts';
import { renderJson } from './json.ts';
import type { Message } from './message.ts';
import { decimals, type SqlVersion, wholeIsInt } from './numbers.ts';
import { parseStatement } from './parser.ts';
import type { Evaluate, Scope } from './scope.ts';
import type { SqlResult } from './sql-error.ts';
import { Binary, isArray, type Outcome } from './value.ts';

export type Evaluation =
  /** `value`: a bare Undefined is the empty text. `scope` is for substitution templates. */
  | { readonly outcome: 'message'; readonly value: Outcome; readonly scope: Scope }
  /** WHERE was not true. */
  | { readonly outcome: 'filtered'; readonly scope: Scope }
  /** The statement exceeded its limits. */
  | { readonly outcome: 'failed'; readonly message: string };

/** A part of a statement, evaluated separately to show its result. */
export interface Clause {
  readonly kind: 'SET' | 'WHERE' | 'SELECT';
  readonly text: string;
  /** The variable or member that it defines. */
  readonly name: string | undefined;
  readonly evaluate: Evaluate;
}

/** A compiled statement (docs/topic-rules.md: The SQL). */
export interface CompiledStatement {
  readonly version: SqlVersion;
  /** The topic filter; undefined for a statement that only Basic Ingest reaches. */
  readonly from: string | undefined;
  readonly variables: readonly string[];
  readonly warnings: readonly string[];
  readonly clauses: readonly Clause[];
  /** Never throws. */
  evaluate(message: Message): Evaluation;
}

export function compileStatement(
  text: string,
  version: SqlVersion,
  limits: Limits = DEFAULT_LIMITS,
): SqlResult<CompiledStatement> {
  const parsed = parseStatement(text, limits);
  if (!parsed.ok) return parsed;
  const { error, warnings } = checkStatement(text, parsed.value, version);
  if (error !== undefined) return { ok: false, error };
  return { ok: true, value: compileChecked(text, parsed.value, version, warnings, limits) };
}

function compileChecked(
  text: string,
  statement: Statement,
  version: SqlVersion,
  warnings: readonly string[],
  limits: Limits,
): CompiledStatement {
  const compiler = new Compiler(version);
  const assignments = statement.assignments.map(({ name, node }) => [name, compiler.compile(node)] as const);
  const where = statement.where && compiler.compile(statement.where);
  const select = compiler.selection(statement.selection);
  const isOneValue = statement.selection.kind === 'value' && !wholeIsInt(version);
  const toDecimal = decimals(version);

  const evaluate = (message: Message): Evaluation => {
    const budget = new Budget(limits.sqlSteps);
    const values = assignments.length === 0 ? undefined : new Map<string, Outcome>();
    const run = { version, toDecimal, message, budget, variables: values ?? NO_VARIABLES };
    const scope: Scope = { run, element: message.payload.value(version), alias: undefined, outer: undefined };
    let size = 0;
    for (const [name, value] of assignments) {
      const given = value(scope);
      const kept = given instanceof Binary ? undefined : given;
      values?.set(name, kept);
      if (kept !== undefined) size += utf8Length(renderJson(kept));
      if (size > limits.sqlVariableBytes)
        return failed(`The variables have more than ${limits.sqlVariableBytes} bytes`);
    }
    const isWanted = where === undefined || toBoolean(where(scope)) === true;
    const selected = isWanted ? select(scope) : undefined;
    if (budget.isSpent) return failed(`The evaluation takes more than ${limits.sqlSteps} steps`);
    if (!isWanted) return { outcome: 'filtered', scope };
    // In 2015-10-08 a VALUE selection is a single item (docs/topic-rules.md: The SQL).
    return { outcome: 'message', value: isOneValue && isArray(selected) ? undefined : selected, scope };
  };

  const { from } = statement;
  const variables = statement.assignments.map(({ name }) => name);
  const clauses = clausesOf(text, statement, compiler);
  return { version, from: from?.filter, variables, warnings, clauses, evaluate };
}

const NO_VARIABLES: ReadonlyMap<string, Outcome> = new Map();

function failed(message: string): Evaluation {
  return { outcome: 'failed', message };
}

function clausesOf(text: string, { assignments, selection, where }: Statement, compiler: Compiler): Clause[] {
  const textOf = ({ start, end }: Span) => text.slice(start, end);
  const set = assignments.map(
    (each): Clause => ({
      kind: 'SET',
      text: textOf(each),
      name: `@${each.name}`,
      evaluate: compiler.compile(each.node),
    }),
  );
  const conditions = (where === undefined ? [] : operandsOfAnd(where)).map(
    (node): Clause => ({
      kind: 'WHERE',
      text: textOf(node),
      name: undefined,
      evaluate: compiler.compile(node),
    }),
  );
  const items =
    selection.kind === 'value'
      ? [{ ...selection.node, node: selection.node, alias: undefined }]
      : selection.items;
  const selects = items.map(
    (item): Clause => ({
      kind: 'SELECT',
      text: textOf(item),
      name: selection.kind === 'value' ? undefined : keyOf(item)?.join('.'),
      evaluate: compiler.compile(item.node),
    }),
  );
  return [...set, ...conditions, ...selects];
}

/** The operands of AND, each separately. */
function operandsOfAnd(node: Node): readonly Node[] {
  if (node.kind !== 'binary' || node.operator !== 'AND') return [node];
  return [...operandsOfAnd(node.left), ...operandsOfAnd(node.right)];
}
