import type { BinaryOperator, Node } from './ast.ts';
import type { Bindings, Evaluate, Scope } from './scope.ts';
import type { Outcome } from './value.ts';

type Operate = (left: Outcome, right: Outcome) => Outcome;

/**
 * `reference operator number`, what most conditions are made of. It is data for one function rather than a closure:
 * where hundreds of conditions are alive, every call of a closure is one that nothing can inline.
 */
export interface Comparison {
  /** The variable's or the attribute's. */
  readonly place: number;
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
  const place = left.kind === 'variable' ? bindings.variable(left.name) : bindings.attribute(left);
  return { place, order, operate, bound };
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
  const { place, bound } = comparison;
  const value = scope.at(place);
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
