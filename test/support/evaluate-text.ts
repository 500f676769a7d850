import { compile, EMPTY_SCOPE, parse } from '../../src/core/expression/index.ts';
import { NO_BINDINGS } from '../../src/core/expression/scope.ts';
import type { Outcome } from '../../src/core/expression/value.ts';

/** Evaluates an expression with two texts in its variables `a` and `b`. */
export function evaluateText(expression: string, a: string, b = ''): Outcome {
  const parsed = parse(expression);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const evaluate = compile(parsed.node, { ...NO_BINDINGS, variable: (name) => (name === 'a' ? 0 : 1) });
  return evaluate({ ...EMPTY_SCOPE, at: (place) => (place === 0 ? a : b) });
}
