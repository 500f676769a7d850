import { type Call, type Node, type Reference, visit } from './ast.ts';
import { FUNCTIONS } from './functions.ts';

/** Something outside an expression that it depends on. */
export type Dependency =
  | { readonly kind: 'input' | 'variable' | 'sitewise'; readonly name: string; readonly node: Reference }
  | { readonly kind: 'timeout' | 'currentInput'; readonly name: string; readonly node: Call };

/**
 * Everything an expression refers to, in source order; each node carries its path and span. Excludes timers and inputs
 * whose name is computed, which is known only at run time.
 */
export function references(expression: Node): Dependency[] {
  const found: Dependency[] = [];
  visit(expression, (node) => {
    if (node.kind === 'input' || node.kind === 'variable') {
      found.push({ kind: node.kind, name: node.name, node });
    } else if (node.kind === 'sitewise') {
      found.push({ kind: node.kind, name: node.path.join('.'), node });
    } else if (node.kind === 'call' && (node.name === 'timeout' || node.name === 'currentInput')) {
      const name = nameArgument(node);
      if (name !== undefined) found.push({ kind: node.name, name, node });
    }
  });
  return found;
}

/** The quoted name passed to timeout, currentInput or triggerType; undefined for any other expression. */
export function nameArgument({ args: [name] }: Call): string | undefined {
  return name?.kind === 'literal' && typeof name.value === 'string' ? name.value : undefined;
}

/** True when an expression refers to nothing, so that it has the same outcome in every scope. */
export function isConstant(expression: Node): boolean {
  let constant = true;
  visit(expression, (node) => {
    if (node.kind === 'input' || node.kind === 'variable' || node.kind === 'sitewise') constant = false;
    if (node.kind === 'call' && 'bind' in FUNCTIONS[node.name]) constant = false;
  });
  return constant;
}
