import type { BinaryOperator, Node, NodeOf, Query, Selection } from './ast.ts';
import { castTo } from './cast.ts';
import { equal, order } from './compare.ts';
import { toBoolean, toNumber, toText } from './convert.ts';
import { bounded } from './functions/function.ts';
import { FUNCTIONS } from './functions/index.ts';
import { calculate, negative, readNumber, type SqlVersion } from './numbers.ts';
import type { Run } from './run.ts';
import { type Evaluate, lookUp, type Scope } from './scope.ts';
import { compileItem, compileItems } from './select.ts';
import { Binary, isArray, isNumber, isObject, member, newObject, type Outcome, type Value } from './value.ts';

/** Compiles syntax trees to closures. A tree must have passed `checkStatement` or `checkSubstitution`. */
export class Compiler {
  readonly #version: SqlVersion;

  constructor(version: SqlVersion) {
    this.#version = version;
  }

  readonly compile = (node: Node): Evaluate => {
    switch (node.kind) {
      case 'literal': {
        const { value } = node;
        return () => value;
      }
      case 'number': {
        const value = readNumber(node.text, this.#version);
        return () => value;
      }
      case 'star':
        return ({ element }) => element;
      case 'name': {
        const { name } = node;
        return (scope) => lookUp(scope, name);
      }
      case 'variable': {
        const { name } = node;
        return ({ run }) => run.variables.get(name);
      }
      case 'member': {
        const of = this.compile(node.of);
        const { name } = node;
        return (scope) => member(of(scope), name);
      }
      case 'spread':
        return this.compile(node.of);
      case 'minus': {
        const operand = this.compile(node.operand);
        return (scope) => {
          const number = toNumber(operand(scope), scope.run.version);
          return number === undefined ? undefined : negative(number, scope.run.toDecimal);
        };
      }
      case 'not': {
        const operand = this.compile(node.operand);
        return (scope) => negate(toBoolean(operand(scope)));
      }
      case 'binary':
        return this.#binary(node);
      case 'call':
        return this.#call(node);
      case 'cast': {
        const operand = this.compile(node.operand);
        const { type } = node;
        return (scope) => castTo(type, operand(scope), scope.run);
      }
      case 'case':
        return this.#case(node);
      case 'exists': {
        const query = this.#query(node.query);
        return (scope) => {
          const found = query(scope);
          return isArray(found) ? found.length > 0 : found !== undefined;
        };
      }
      case 'array':
        return this.#array(node);
      case 'object':
        return this.#object(node);
      case 'query':
        return this.#query(node.query);
    }
  };

  selection(selection: Selection): Evaluate {
    if (selection.kind === 'value') return this.compile(selection.node);
    const items = selection.items.map((item) => compileItem(item, this.compile));
    return compileItems(items, selection.items[0]?.node.kind === 'star');
  }

  #binary({ operator, left, right }: NodeOf<'binary'>): Evaluate {
    const a = this.compile(left);
    const b = this.compile(right);
    const operate = OPERATORS[operator];
    return (scope) => operate(a(scope), b(scope), scope.run);
  }

  #call({ name, args }: NodeOf<'call'>): Evaluate {
    const { arity, evaluate } = FUNCTIONS[name] as (typeof FUNCTIONS)[string];
    const [fewest, most] = arity;
    if (args.length < fewest || args.length > most) return () => undefined;
    const [first, second] = args.map(this.compile);
    // `encode(*, …)` uses the payload's original bytes.
    if (name === 'encode' && args[0]?.kind === 'star' && second !== undefined) {
      return (scope) => {
        const whole = scope.outer === undefined ? new Binary(scope.run.message.payload.bytes) : scope.element;
        return evaluate([whole, second(scope)], scope.run);
      };
    }
    if (first === undefined) return ({ run }) => evaluate([], run);
    if (args.length === 1) return (scope) => evaluate([first(scope)], scope.run);
    const all = args.map(this.compile);
    return (scope) =>
      evaluate(
        all.map((each) => each(scope)),
        scope.run,
      );
  }

  /** An Undefined subject gives Undefined, even when there is an ELSE (docs/topic-rules.md: The SQL). */
  #case({ subject, branches, otherwise }: NodeOf<'case'>): Evaluate {
    const value = this.compile(subject);
    const compiled = branches.map(({ when, then }) => [this.compile(when), this.compile(then)] as const);
    const last: Evaluate = otherwise === undefined ? () => undefined : this.compile(otherwise);
    return (scope) => {
      const given = value(scope);
      if (given === undefined) return undefined;
      const branch = compiled.find(([when]) => equal(given, when(scope), scope.run.budget) === true);
      return (branch?.[1] ?? last)(scope);
    };
  }

  /** Undefined elements are omitted (docs/topic-rules.md: The SQL). */
  #array({ items }: NodeOf<'array'>): Evaluate {
    const compiled = items.map(this.compile);
    return (scope) => compiled.map((each) => each(scope)).filter((value) => value !== undefined);
  }

  #object({ members }: NodeOf<'object'>): Evaluate {
    const compiled = members.map(({ name, value }) => [name, this.compile(value)] as const);
    return (scope) => {
      const object = newObject();
      for (const [name, evaluate] of compiled) {
        const value = evaluate(scope);
        if (value !== undefined) object[name] = value;
      }
      return object;
    };
  }

  /** The syntax of the source decides the result for an Object: the selection itself, or with `*` an Array of it. */
  #query({ selection, source, alias, where }: Query): Evaluate {
    const from = this.compile(source);
    const select = this.selection(selection);
    const passes = where && this.compile(where);
    const isStar = source.kind === 'star';
    const one = (element: Value, outer: Scope): Outcome => {
      if (!outer.run.budget.spend(1)) return undefined;
      const scope: Scope = { run: outer.run, element, alias, outer };
      return passes === undefined || toBoolean(passes(scope)) === true ? select(scope) : undefined;
    };
    return (scope) => {
      const given = from(scope);
      if (isArray(given)) {
        const results: Value[] = [];
        for (const element of given) {
          const result = one(element, scope);
          if (result !== undefined) results.push(result);
          if (scope.run.budget.isSpent) break;
        }
        return results;
      }
      if (!isObject(given)) return undefined;
      const result = one(given, scope);
      if (!isStar) return result;
      return result === undefined ? [] : [result];
    };
  }
}

type Operate = (left: Outcome, right: Outcome, run: Run) => Outcome;

/** Both sides are always evaluated; there is no short-circuit (docs/topic-rules.md: The SQL). */
const OPERATORS: Readonly<Record<BinaryOperator, Operate>> = {
  '+': (left, right, run) => {
    if (isNumber(left) && isNumber(right)) return calculate('+', left, right, run.toDecimal);
    if (typeof left !== 'string' && typeof right !== 'string') return undefined;
    const [a, b] = [toText(left), toText(right)];
    return a === undefined || b === undefined ? undefined : bounded(a + b, run);
  },
  '-': arithmetic('-'),
  '*': arithmetic('*'),
  '/': arithmetic('/'),
  '%': arithmetic('%'),
  '=': (left, right, { budget }) => equal(left, right, budget),
  '<>': (left, right, { budget }) => negate(equal(left, right, budget)),
  '<': (left, right, { version }) => order('<', left, right, version),
  '<=': (left, right, { version }) => order('<=', left, right, version),
  '>': (left, right, { version }) => order('>', left, right, version),
  '>=': (left, right, { version }) => order('>=', left, right, version),
  IN: (left, right, { budget }) => {
    if (left === undefined || !isArray(right) || !budget.spend(right.length)) return undefined;
    return right.some((item) => equal(left, item, budget) === true);
  },
  AND: logical((left, right) => left && right),
  OR: logical((left, right) => left || right),
};

function arithmetic(operator: '-' | '*' | '/' | '%'): Operate {
  return (left, right, { version, toDecimal }) => {
    const a = toNumber(left, version);
    const b = toNumber(right, version);
    if (a === undefined || b === undefined) return undefined;
    return calculate(operator, a, b, toDecimal);
  };
}

function logical(operate: (left: boolean, right: boolean) => boolean): Operate {
  return (left, right) => {
    const [a, b] = [toBoolean(left), toBoolean(right)];
    return a === undefined || b === undefined ? undefined : operate(a, b);
  };
}

function negate(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}
