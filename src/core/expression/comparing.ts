import type { BinaryOperator, Node } from './ast.ts';
import type { Bindings, Evaluate, Scope } from './scope.ts';
import type { Outcome } from './value.ts';

type Operate = (left: Outcome, right: Outcome) => Outcome;

/**
 * `reference operator number`, the most common form of condition. Stored as data for one function instead of a closure:
 * with hundreds of live conditions, V8 cannot inline the calls to their closures.
 */
export interface Comparison {
  /** Place of the variable or attribute. */
  readonly place: number;
  readonly order: Order;
  readonly operate: Operate;
  readonly bound: number;
}

const ORDERS = ['<', '<=', '>', '>='] as const;
type Order = (typeof ORDERS)[number];

/** Returns undefined when the expression is not such a comparison. */
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

/** Evaluates the comparisons from left to right and stops at the first that is not true (reference: expressions 5). */
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
  // Two plain numbers compare without checking their types.
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
