import { originOf } from './fit/origin.ts';
import { type Node, type Place, type ScalarNode, stringNode } from './node.ts';
import type { Origin } from './report.ts';

/** In characters. The largest definitions have half a megabyte. */
const LONGEST_TEXT = 4 * 1024 * 1024;

/** A few lines can expand to a text that does not fit into memory. */
export class TooLarge extends Error {
  constructor() {
    super('its references expand to too much data');
  }
}

/** Concatenates texts, keeping track of unresolved references and of the place of each part. Throws TooLarge. */
export function concat(parts: readonly ScalarNode[], place: Place): ScalarNode {
  const length = parts.reduce((sum, part) => sum + part.text.length, 0);
  if (length > LONGEST_TEXT) throw new TooLarge();
  const unresolved = parts.flatMap((part) => part.unresolved ?? []);
  const text = parts.map((part) => part.text).join('');
  return { kind: 'scalar', type: 'string', text, place, parts, ...(unresolved.length > 0 && { unresolved }) };
}

/** The characters from `start` to `end` of a text in a file. */
function slice({ text }: ScalarNode, { at }: Origin, start: number, end: number): ScalarNode {
  const from = at(start);
  const to = end > start ? at(end - 1) : from;
  const place = { source: from.source, start: from.start, end: Math.max(from.start, to.end) };
  return { kind: 'scalar', type: 'string', text: text.slice(start, end), place };
}

/** A value from elsewhere that is used at `place`, so that findings point to its use. */
export function usedAt(node: Node, place: Place): Node {
  if (node.kind === 'list') return { ...node, items: node.items.map((item) => usedAt(item, place)), place };
  if (node.kind === 'scalar') return { ...node, place, parts: [] };
  return { ...node, place };
}

/** The unresolved references within a node. */
export function unresolvedIn(node: Node): readonly string[] {
  if (node.kind === 'scalar') return node.unresolved ?? [];
  if (node.kind === 'list') return node.items.flatMap(unresolvedIn);
  return node.members.flatMap(({ value }) => unresolvedIn(value));
}

/**
 * Replaces all matches of a pattern in a text, keeping the places of the parts between. Returns the node itself if
 * nothing matches.
 */
export function replaceIn(
  node: ScalarNode,
  pattern: RegExp,
  replace: (match: RegExpExecArray, whole: ScalarNode) => ScalarNode,
): ScalarNode {
  const parts: ScalarNode[] = [];
  const origin = originOf(node);
  let end = 0;
  for (const match of node.text.matchAll(pattern)) {
    if (match.index > end) parts.push(slice(node, origin, end, match.index));
    end = match.index + match[0].length;
    parts.push(replace(match, slice(node, origin, match.index, end)));
  }
  if (parts.length === 0) return node;
  if (end < node.text.length) parts.push(slice(node, origin, end, node.text.length));
  return concat(parts, node.place);
}

/** A computed text that does not appear literally in any file. */
export function made(text: string, place: Place): ScalarNode {
  return { ...stringNode(text, place), parts: [] };
}

export function withUnresolved(node: ScalarNode, unresolved: readonly string[]): ScalarNode {
  return unresolved.length > 0 ? { ...node, unresolved } : node;
}
