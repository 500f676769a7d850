import { type Call, children, type Node, type Reference } from './ast.ts';

/** Something outside the expression that it depends on. */
export type Dependency =
  | { readonly kind: 'input' | 'variable' | 'sitewise'; readonly name: string; readonly node: Reference }
  | { readonly kind: 'timeout' | 'currentInput'; readonly name: string; readonly node: Call };

/** Everything that an expression refers to, in the order of the text. */
export function references(node: Node): Dependency[] {
  switch (node.kind) {
    case 'input':
    case 'variable':
      return [{ kind: node.kind, name: node.name, node }];
    case 'sitewise':
      return [{ kind: 'sitewise', name: node.path.join('.'), node }];
    case 'call':
      if (node.name === 'timeout' || node.name === 'currentInput') {
        return [{ kind: node.name, name: nameArgument(node), node }];
      }
      return children(node).flatMap(references);
    default:
      return children(node).flatMap(references);
  }
}

/** The name that timeout, currentInput and triggerType are given. */
export function nameArgument(call: Call): string {
  const [arg] = call.args;
  return arg?.kind === 'literal' ? String(arg.value) : '';
}
