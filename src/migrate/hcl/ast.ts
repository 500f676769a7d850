import type { Place } from '../node.ts';

/** A body of HCL: attributes and blocks in source order. */
export interface Body {
  readonly items: readonly (Attribute | Block)[];
  readonly place: Place;
}

export interface Attribute {
  readonly kind: 'attribute';
  readonly name: string;
  readonly value: Expression;
  readonly place: Place;
}

export interface Block {
  readonly kind: 'block';
  readonly type: string;
  readonly labels: readonly string[];
  readonly body: Body;
  readonly place: Place;
}

export type Expression =
  | { readonly kind: 'number' | 'boolean' | 'null'; readonly text: string; readonly place: Place }
  | Template
  | {
      readonly kind: 'tuple';
      readonly items: readonly Expression[];
      readonly place: Place;
      readonly blocks?: true;
    }
  | { readonly kind: 'object'; readonly members: readonly ObjectMember[]; readonly place: Place }
  | Traversal
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly Expression[];
      readonly place: Place;
    }
  | {
      readonly kind: 'conditional';
      readonly condition: Expression;
      readonly whenTrue: Expression;
      readonly whenFalse: Expression;
      readonly place: Place;
    }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
      readonly place: Place;
    }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression; readonly place: Place }
  /** Parsed but not interpreted: `for` expressions and template directives. */
  | { readonly kind: 'other'; readonly place: Place };

export interface ObjectMember {
  readonly key: Expression;
  readonly value: Expression;
}

/** A text with interpolations: quoted or a heredoc. */
export interface Template {
  readonly kind: 'template';
  readonly parts: readonly TemplatePart[];
  readonly place: Place;
}

export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string; readonly place: Place }
  | { readonly kind: 'interpolation'; readonly value: Expression; readonly place: Place };

/** `root.name[0]`: a name followed by steps. */
export interface Traversal {
  readonly kind: 'traversal';
  readonly root: Expression | string;
  readonly steps: readonly (string | Expression)[];
  readonly place: Place;
}

/** The source text, on one line. */
export function writtenText({ source, start, end }: Place): string {
  return source.text.slice(start, end).trim().replace(/\s+/g, ' ');
}
