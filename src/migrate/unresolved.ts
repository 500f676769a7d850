import type { Place, ScalarNode } from './node.ts';
import { stringNode } from './node.ts';

/** What stands in the place of a value that is not known; `reference` in the source's own words. */
export function unresolvedText(reference: string): string {
  return `unresolved(${reference})`;
}

/** The value that the user supplies for the reference, or the mark of an unresolved one. */
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
 * A text of a file that an earlier import wrote: marks that it left are still unresolved, and can be supplied now.
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
