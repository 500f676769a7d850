/**
 * What every format is read into: values that remember where they stand, so that a finding can point at the line that
 * the user wrote, whatever was resolved in between.
 */
export interface Source {
  readonly path: string;
  readonly text: string;
  /** Lines that come before `text` in the file, for a text that is embedded in another one. */
  readonly linesBefore?: number;
}

/** A range of a source, as offsets into its text. */
export interface Place {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

export type Node = ScalarNode | ListNode | ObjectNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly type: 'string' | 'number' | 'boolean' | 'null';
  /** A string's value; anything else as it is written. */
  readonly text: string;
  readonly place: Place;
  /** References within the text that could not be resolved. */
  readonly unresolved?: readonly string[];
  /** For a text that was put together: what came from where, in order. */
  readonly parts?: readonly ScalarNode[];
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly Node[];
  readonly place: Place;
  /** The blocks of one type in a Terraform body: stand for one object where the API has no list. */
  readonly blocks?: true;
}

export interface ObjectNode {
  readonly kind: 'object';
  readonly members: readonly Member[];
  readonly place: Place;
}

export interface Member {
  readonly name: string;
  readonly value: Node;
}

/** The member of that very name, if the node is an object that has it. */
export function memberOf(node: Node | undefined, name: string): Node | undefined {
  if (node?.kind !== 'object') return undefined;
  const { members } = node;
  if (members.length <= FEW) return members.find((member) => member.name === name)?.value;
  let index = indexes.get(members);
  if (index === undefined) {
    index = new Map(members.map((member) => [member.name, member.value]));
    indexes.set(members, index);
  }
  return index.get(name);
}

/** Members of which looking at each is as fast as an index. */
const FEW = 8;
const indexes = new WeakMap<readonly Member[], ReadonlyMap<string, Node>>();

/** The text of a string, number or Boolean. */
export function textOf(node: Node | undefined): string | undefined {
  return node?.kind === 'scalar' && node.type !== 'null' ? node.text : undefined;
}

export function stringNode(text: string, place: Place): ScalarNode {
  return { kind: 'scalar', type: 'string', text, place };
}

/** Members with a repeated name count as the last one (CloudFormation takes such templates). */
export function objectNode(members: readonly Member[], place: Place): ObjectNode {
  return { kind: 'object', members: [...new Map(members.map((each) => [each.name, each])).values()], place };
}

/** The node with each of its scalars replaced. */
export function mapScalars<N extends Node>(node: N, replace: (scalar: ScalarNode) => ScalarNode): N;
export function mapScalars(node: Node, replace: (scalar: ScalarNode) => ScalarNode): Node {
  if (node.kind === 'scalar') return replace(node);
  if (node.kind === 'list') return { ...node, items: node.items.map((item) => mapScalars(item, replace)) };
  const members = node.members.map(({ name, value }) => ({ name, value: mapScalars(value, replace) }));
  return { ...node, members };
}

/** Plain data: numbers and Booleans by their type. */
export function plain(node: Node): unknown {
  if (node.kind === 'list') return node.items.map(plain);
  if (node.kind === 'object') {
    return Object.fromEntries(node.members.map(({ name, value }) => [name, plain(value)]));
  }
  if (node.type === 'number') return Number(node.text);
  if (node.type === 'boolean') return node.text.toLowerCase() === 'true';
  return node.type === 'null' ? null : node.text;
}

/** Line and column from 1. */
export function positionOf({ source, start }: Place): { readonly line: number; readonly column: number } {
  const starts = lineStartsOf(source);
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= start) low = middle + 1;
    else high = middle;
  }
  return { line: low + (source.linesBefore ?? 0), column: start - (starts[low - 1] ?? 0) + 1 };
}

const lineStarts = new WeakMap<Source, readonly number[]>();

function lineStartsOf(source: Source): readonly number[] {
  const known = lineStarts.get(source);
  if (known !== undefined) return known;
  const starts = [0];
  for (let at = source.text.indexOf('\n'); at >= 0; at = source.text.indexOf('\n', at + 1))
    starts.push(at + 1);
  lineStarts.set(source, starts);
  return starts;
}
