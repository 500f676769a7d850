import type { FunctionName } from './functions.ts';
import type { Value } from './value.ts';

/** A node's position in the source text: `start` inclusive, `end` exclusive, in UTF-16 code units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One step of a path: a member's name or an array's index. */
export type Step = string | number;

export type UnaryOperator = '!' | '-' | '~';
export type BinaryOperator =
  | '||'
  | '&&'
  | '|'
  | '^'
  | '&'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '+'
  | '-'
  | '*'
  | '/';

/** A number, String or Boolean literal. `-5` is a single literal. */
export interface Literal extends Span {
  readonly kind: 'literal';
  readonly value: Value;
}
/** A string with substitutions. Parts are literal text or expressions, in source order. */
export interface Template extends Span {
  readonly kind: 'template';
  readonly parts: readonly (string | Node)[];
}
export interface InputReference extends Span {
  readonly kind: 'input';
  readonly name: string;
  readonly path: readonly Step[];
}
export interface VariableReference extends Span {
  readonly kind: 'variable';
  readonly name: string;
}
/** `$sitewise.…`, allowed in alarm models only. The path starts with `assetModel`. */
export interface SitewiseReference extends Span {
  readonly kind: 'sitewise';
  readonly path: readonly Step[];
}
export interface Unary extends Span {
  readonly kind: 'unary';
  readonly operator: UnaryOperator;
  readonly operand: Node;
}
export interface Binary extends Span {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Node;
  readonly right: Node;
}
export interface Call extends Span {
  readonly kind: 'call';
  readonly name: FunctionName;
  readonly args: readonly Node[];
}

export type Reference = InputReference | VariableReference | SitewiseReference;
export type Node = Literal | Template | Reference | Unary | Binary | Call;

/** The node's immediate children. */
export function children(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'template':
      return node.parts.filter((part) => typeof part !== 'string');
    case 'unary':
      return [node.operand];
    case 'binary':
      return [node.left, node.right];
    case 'call':
      return node.args;
    default:
      return [];
  }
}

/** Calls `see` for every node in source order, parents before their children. */
export function visit(node: Node, see: (node: Node) => void): void {
  see(node);
  for (const child of children(node)) visit(child, see);
}
