import type { BinaryOperator, Node, Step } from './ast.ts';
import { isPlain, type Read, readPath } from './read-path.ts';
import { type Bindings, type Evaluate, messageAt, type Scope, valueAt } from './scope.ts';
import type { Json, Outcome } from './value.ts';

type Operate = (left: Outcome, right: Outcome) => Outcome;

/**
 * `reference operator number`, what most conditions are made of. It is data for one function rather than a closure:
 * where hundreds of conditions are alive, every call of a closure is one that nothing can inline.
 */
export interface Comparison {
  /** Names from the message's root to the value: none for a variable, and where `read` does it. */
  readonly depth: 0 | 1 | 2 | 3;
  readonly isVariable: boolean;
  /** The variable's or the input's place. */
  readonly place: number;
  readonly first: string;
  readonly second: string;
  readonly third: string;
  /** For any other path. */
  readonly read: Read;
  readonly order: Order;
  readonly operate: Operate;
  readonly bound: number;
}

const ORDERS = ['<', '<=', '>', '>='] as const;
type Order = (typeof ORDERS)[number];

/** Undefined where it is no such thing. */
export function comparisonOf(
  left: Node,
  operator: BinaryOperator,
  operate: Operate,
  bound: Outcome,
  bindings: Bindings,
): Comparison | undefined {
  const order = ORDERS.find((each) => each === operator);
  if (order === undefined || typeof bound !== 'number') return undefined;
  if (left.kind !== 'variable' && left.kind !== 'input') return undefined;
  const isVariable = left.kind === 'variable';
  const path: readonly Step[] = isVariable ? [] : left.path;
  const names = path.filter(isPlain);
  const isShort = names.length === path.length && names.length <= 3;
  const [first = '', second = '', third = ''] = names;
  return {
    depth: isShort ? (names.length as 0 | 1 | 2 | 3) : 0,
    isVariable,
    place: isVariable ? bindings.variable(left.name) : bindings.input(left.name),
    first,
    second,
    third,
    read: readPath(path),
    order,
    operate,
    bound,
  };
}

/** All of them, from left to right, until one is not true (reference: expressions 5). */
export function evaluateAll(comparisons: readonly Comparison[]): Evaluate {
  const [first, second] = comparisons as readonly [Comparison, Comparison];
  if (comparisons.length === 1) return (scope) => evaluateOne(first, scope);
  if (comparisons.length === 2)
    return (scope) => {
      const outcome = evaluateOne(first, scope);
      if (outcome !== true) return outcome === false ? false : undefined;
      return evaluateOne(second, scope);
    };
  return (scope) => {
    for (const comparison of comparisons) {
      const outcome = evaluateOne(comparison, scope);
      if (outcome !== true) return outcome === false ? false : undefined;
    }
    return true;
  };
}

function evaluateOne(comparison: Comparison, scope: Scope): Outcome {
  const value = operand(comparison, scope);
  const { bound } = comparison;
  // Plain numbers on both sides need no look at their types.
  if (typeof value !== 'number') return comparison.operate(value, bound);
  switch (comparison.order) {
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
    case '>':
      return value > bound;
    case '>=':
      return value >= bound;
  }
}

/** Each look at a member stands by itself: the engine learns the names and shapes of each place in the code. */
function operand(comparison: Comparison, scope: Scope): Outcome {
  if (comparison.isVariable) return valueAt(scope, comparison.place);
  const message = messageAt(scope, comparison.place);
  switch (comparison.depth) {
    case 1:
      return isObject(message) ? message[comparison.first] : undefined;
    case 2: {
      const inner = isObject(message) ? message[comparison.first] : undefined;
      return isObject(inner) ? inner[comparison.second] : undefined;
    }
    case 3: {
      const outer = isObject(message) ? message[comparison.first] : undefined;
      const inner = isObject(outer) ? outer[comparison.second] : undefined;
      return isObject(inner) ? inner[comparison.third] : undefined;
    }
    default:
      return comparison.read(message);
  }
}

function isObject(outcome: Outcome): outcome is Outcome & Members {
  return typeof outcome === 'object' && outcome !== null;
}

interface Members {
  readonly [name: string]: Json;
}
