import type { Place, ScalarNode } from './node.ts';
import { stringNode } from './node.ts';

/** The placeholder for an unknown value; `reference` is its source text. */
export function unresolvedText(reference: string): string {
  return `unresolved(${reference})`;
}

/** Returns the value that the user supplied for the reference, or a placeholder. */
export function referenceNode(
  reference: string,
  place: Place,
  resolve: ReadonlyMap<string, string> | undefined,
): ScalarNode {
  const supplied = resolve?.get(reference);
  if (supplied !== undefined) return stringNode(supplied, place);
  return { ...stringNode(unresolvedText(reference), place), unresolved: [reference] };
}

const MARK = /unresolved\(([A-Za-z0-9_:./[\]*"-]+)\)/g;

/**
 * Finds the placeholders that an earlier import wrote into a file: they are unresolved references, which the user can
 * now supply.
 */
export function withMarks(node: ScalarNode, resolve: ReadonlyMap<string, string> | undefined): ScalarNode {
  if (node.type !== 'string' || !node.text.includes('unresolved(')) return node;
  const unresolved: string[] = [];
  const text = node.text.replace(MARK, (mark, reference: string) => {
    const supplied = resolve?.get(reference);
    if (supplied === undefined) unresolved.push(reference);
    return supplied ?? mark;
  });
  return unresolved.length === 0 ? { ...node, text } : { ...node, text, unresolved };
}
