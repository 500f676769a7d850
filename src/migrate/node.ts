/**
 * The common representation of all formats: values with their places in the source, so that findings can point to the
 * line that the user wrote, even after references are resolved.
 */
export interface Source {
  readonly path: string;
  readonly text: string;
  /** Number of lines before `text` in the file, for a text embedded in another one. */
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
  /** A string's value, or the source text of any other scalar. */
  readonly text: string;
  readonly place: Place;
  /** Unresolved references within the text. */
  readonly unresolved?: readonly string[];
  /** For a concatenated text, its parts in order. */
  readonly parts?: readonly ScalarNode[];
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly Node[];
  readonly place: Place;
  /** A list of Terraform blocks of one type, which stands for a single object where the API has no list. */
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

/** The member with exactly that name, if the node is an object and has it. */
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

/** Up to this number of members, a linear search is as fast as an index. */
const FEW = 8;
const indexes = new WeakMap<readonly Member[], ReadonlyMap<string, Node>>();

/** The text of a string, number or Boolean. */
export function textOf(node: Node | undefined): string | undefined {
  return node?.kind === 'scalar' && node.type !== 'null' ? node.text : undefined;
}

export function stringNode(text: string, place: Place): ScalarNode {
  return { kind: 'scalar', type: 'string', text, place };
}

/** The last member with a repeated name wins, as in CloudFormation. */
export function objectNode(members: readonly Member[], place: Place): ObjectNode {
  return { kind: 'object', members: [...new Map(members.map((each) => [each.name, each])).values()], place };
}

/** Replaces each scalar of the node. */
export function mapScalars<N extends Node>(node: N, replace: (scalar: ScalarNode) => ScalarNode): N;
export function mapScalars(node: Node, replace: (scalar: ScalarNode) => ScalarNode): Node {
  if (node.kind === 'scalar') return replace(node);
  if (node.kind === 'list') return { ...node, items: node.items.map((item) => mapScalars(item, replace)) };
  const members = node.members.map(({ name, value }) => ({ name, value: mapScalars(value, replace) }));
  return { ...node, members };
}

/** Converts to plain data, with numbers and Booleans of their types. */
export function plain(node: Node): unknown {
  if (node.kind === 'list') return node.items.map(plain);
  if (node.kind === 'object') {
    return Object.fromEntries(node.members.map(({ name, value }) => [name, plain(value)]));
  }
  if (node.type === 'number') return Number(node.text);
  if (node.type === 'boolean') return node.text.toLowerCase() === 'true';
  return node.type === 'null' ? null : node.text;
}

/** Line and column, from 1. */
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
