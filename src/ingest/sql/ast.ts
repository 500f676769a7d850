import type { OrderOperator } from './compare.ts';
import type { ArithmeticOperator } from './numbers.ts';

/** `end` is exclusive; both are character positions in the statement. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type BinaryOperator = ArithmeticOperator | OrderOperator | '=' | '<>' | 'IN' | 'AND' | 'OR';

/** The syntax tree (docs/topic-rules.md: The SQL). Function names are in lower case. */
export type Node = Span &
  (
    | { readonly kind: 'literal'; readonly value: string | boolean | null }
    | { readonly kind: 'number'; readonly text: string }
    | { readonly kind: 'star' }
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'variable'; readonly name: string }
    | { readonly kind: 'member'; readonly of: Node; readonly name: string }
    /** `a.*`, only as an item of a selection. */
    | { readonly kind: 'spread'; readonly of: Node }
    | { readonly kind: 'minus'; readonly operand: Node }
    | { readonly kind: 'not'; readonly operand: Node }
    | {
        readonly kind: 'binary';
        readonly operator: BinaryOperator;
        readonly left: Node;
        readonly right: Node;
      }
    | { readonly kind: 'call'; readonly name: string; readonly args: readonly Node[] }
    | { readonly kind: 'cast'; readonly operand: Node; readonly type: CastType }
    | {
        readonly kind: 'case';
        readonly subject: Node;
        readonly branches: readonly { readonly when: Node; readonly then: Node }[];
        readonly otherwise: Node | undefined;
      }
    | { readonly kind: 'exists'; readonly query: Query }
    /** `isList`: the parenthesized right side of IN. */
    | { readonly kind: 'array'; readonly items: readonly Node[]; readonly isList: boolean }
    | {
        readonly kind: 'object';
        readonly members: readonly { readonly name: string; readonly value: Node }[];
      }
    | { readonly kind: 'query'; readonly query: Query }
  );

export type NodeOf<K extends Node['kind']> = Extract<Node, { readonly kind: K }>;

export type CastType = 'String' | 'Int' | 'Double' | 'Decimal' | 'Boolean';

export interface Item extends Span {
  readonly node: Node;
  /** The path of the alias. */
  readonly alias: readonly string[] | undefined;
}

export type Selection =
  | { readonly kind: 'value'; readonly node: Node }
  | { readonly kind: 'items'; readonly items: readonly Item[] };

/** A nested query. */
export interface Query extends Span {
  readonly selection: Selection;
  readonly source: Node;
  readonly alias: string | undefined;
  readonly where: Node | undefined;
}

export interface Assignment extends Span {
  readonly name: string;
  readonly node: Node;
}

export interface Statement {
  readonly assignments: readonly Assignment[];
  readonly selection: Selection;
  /** The topic filter; a rule without one is only reached by Basic Ingest. */
  readonly from: (Span & { readonly filter: string }) | undefined;
  readonly where: Node | undefined;
}

/** The child nodes. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'member':
    case 'spread':
      return [node.of];
    case 'minus':
    case 'not':
    case 'cast':
      return [node.operand];
    case 'binary':
      return [node.left, node.right];
    case 'call':
      return node.args;
    case 'case': {
      const branches = node.branches.flatMap(({ when, then }) => [when, then]);
      return [node.subject, ...branches, ...(node.otherwise === undefined ? [] : [node.otherwise])];
    }
    case 'array':
      return node.items;
    case 'object':
      return node.members.map(({ value }) => value);
    case 'exists':
    case 'query':
      return nodesOf(node.query);
    default:
      return [];
  }
}

export function nodesOf({ selection, source, where }: Query): readonly Node[] {
  return [...selected(selection), source, ...(where === undefined ? [] : [where])];
}

export function selected(selection: Selection): readonly Node[] {
  return selection.kind === 'value' ? [selection.node] : selection.items.map(({ node }) => node);
}
