import { children, type Node } from './ast.ts';
import { compile } from './compile.ts';
import type { Bindings, Evaluate, Scope } from './scope.ts';
import type { Outcome } from './value.ts';

/** A sub-expression and its outcome. */
export interface Explained {
  /** The source text, without surrounding white space and parentheses. */
  readonly expression: string;
  /** Undefined when the outcome is undefined or the part was skipped. */
  readonly value: Outcome;
  /** True when short-circuiting skipped it. */
  readonly isSkipped: boolean;
}

export interface Explanation {
  readonly value: Outcome;
  /** All sub-expressions except literals: children before parents, the whole expression last. */
  readonly parts: readonly Explained[];
}

/** Evaluates an expression once and returns the outcome of each of its parts. */
export type Explain = (scope: Scope) => Explanation;

/** `text` is the source of `node`. Compiles on the first call, because few expressions are ever explained. */
export function explain(text: string, node: Node, bindings: Bindings): Explain {
  let compiled: Explain | undefined;
  return (scope) => {
    compiled ??= compileExplain(text, node, bindings);
    return compiled(scope);
  };
}

function compileExplain(text: string, node: Node, bindings: Bindings): Explain {
  const nodes = partsOf(node);
  const places = new Map(nodes.map((part, index) => [part, index]));
  let outcomes: (readonly [Outcome] | undefined)[] = [];
  const watch = (part: Node, evaluate: Evaluate): Evaluate => {
    const place = places.get(part) as number;
    return (scope) => {
      const outcome = evaluate(scope);
      outcomes[place] = [outcome];
      return outcome;
    };
  };
  const evaluate = compile(node, bindings, watch);
  return (scope) => {
    outcomes = [];
    const value = evaluate(scope);
    const parts = nodes.map(({ start, end }, index): Explained => {
      const outcome = outcomes[index];
      return { expression: text.slice(start, end).trim(), value: outcome?.[0], isSkipped: !outcome };
    });
    return { value, parts };
  };
}

function partsOf(node: Node): Node[] {
  if (node.kind === 'literal') return [];
  return [...children(node).flatMap(partsOf), node];
}
