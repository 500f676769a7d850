import type { Node } from './ast.ts';
import type { Run } from './run.ts';
import { isObject, type Outcome } from './value.ts';

/** Where names are looked up: the payload, or an element of a nested query. */
export interface Scope {
  readonly run: Run;
  /** The value of `*`. */
  readonly element: Outcome;
  /** The alias of the element. */
  readonly alias: string | undefined;
  readonly outer: Scope | undefined;
}

export type Evaluate = (scope: Scope) => Outcome;
export type Compile = (node: Node) => Evaluate;

/**
 * Looks in the element's alias and members, then in those of enclosing queries, finally in the payload
 * (docs/topic-rules.md: The SQL).
 */
export function lookUp(scope: Scope, name: string): Outcome {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    if (at.alias === name) return at.element;
    if (isObject(at.element) && Object.hasOwn(at.element, name)) return at.element[name];
  }
  return undefined;
}
