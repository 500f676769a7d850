import type { Node } from './ast.ts';
import type { Run } from './run.ts';
import { isObject, type Outcome } from './value.ts';

/** Where names are looked up: the payload, or an element of a nested query. */
export interface Scope {
  readonly run: Run;
  /** What `*` is. */
  readonly element: Outcome;
  /** The name of the element itself. */
  readonly alias: string | undefined;
  readonly outer: Scope | undefined;
}

export type Evaluate = (scope: Scope) => Outcome;
export type Compile = (node: Node) => Evaluate;

/** The element's alias or member, then those of the queries around it, at last the payload's (docs/topic-rules.md: The SQL). */
export function lookUp(scope: Scope, name: string): Outcome {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    if (at.alias === name) return at.element;
    if (isObject(at.element) && Object.hasOwn(at.element, name)) return at.element[name];
  }
  return undefined;
}
