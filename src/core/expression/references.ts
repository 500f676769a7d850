import { type Call, type Node, type Reference, visit } from './ast.ts';

/** Something outside the expression that it depends on. */
export type Dependency =
  | { readonly kind: 'input' | 'variable' | 'sitewise'; readonly name: string; readonly node: Reference }
  | { readonly kind: 'timeout' | 'currentInput'; readonly name: string; readonly node: Call };

/** Everything that an expression refers to, in the order of the text; the node tells path and range. */
export function references(expression: Node): Dependency[] {
  const found: Dependency[] = [];
  visit(expression, (node) => {
    if (node.kind === 'input' || node.kind === 'variable') {
      found.push({ kind: node.kind, name: node.name, node });
    } else if (node.kind === 'sitewise') {
      found.push({ kind: node.kind, name: node.path.join('.'), node });
    } else if (node.kind === 'call' && (node.name === 'timeout' || node.name === 'currentInput')) {
      found.push({ kind: node.name, name: nameArgument(node), node });
    }
  });
  return found;
}

/** The name that timeout, currentInput or triggerType is given. */
export function nameArgument({ args: [name] }: Call): string {
  return name?.kind === 'literal' && typeof name.value === 'string' ? name.value : '';
}
