import type { BinaryOperator, Node, Step } from '../../src/core/expression/index.ts';
import { renderText } from '../../src/core/expression/value.ts';

export interface Style {
  /** The text between tokens. */
  readonly space: string;
  readonly quote: '"' | "'";
  /** Adds parentheses even where precedence makes them unnecessary. */
  readonly allParentheses: boolean;
  /** Writes the types of `convert` as bare words, not in quotes. */
  readonly bareTypes: boolean;
}

/** From the lowest to the highest precedence (reference: expressions 3). */
const LEVELS: readonly (readonly BinaryOperator[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/'],
];

/** The text of an expression that parses to the given tree. */
export function print(node: Node, style: Style): string {
  const { space, quote } = style;
  switch (node.kind) {
    case 'literal':
      return typeof node.value === 'string' ? quoted(node.value, quote) : renderText(node.value);
    case 'template': {
      const parts = node.parts.map((part) =>
        typeof part === 'string' ? escaped(part, quote) : `\${${space}${print(part, style)}${space}}`,
      );
      return `${quote}${parts.join('')}${quote}`;
    }
    case 'variable':
      return `$variable${printStep(node.name)}`;
    case 'input':
      return `$input${[node.name, ...node.path].map(printStep).join('')}`;
    case 'sitewise':
      return `$sitewise${node.path.map(printStep).join('')}`;
    case 'unary': {
      const { operand, operator } = node;
      // Without parentheses the sign would become part of the literal.
      const isNumber = operand.kind === 'literal' && typeof operand.value !== 'boolean';
      const wrapped = operand.kind === 'binary' || isNumber || style.allParentheses;
      return `${operator}${space}${parenthesised(operand, wrapped, style)}`;
    }
    case 'binary': {
      const { left, right, operator } = node;
      const level = levelOf(node);
      const a = parenthesised(left, style.allParentheses || levelOf(left) < level, style);
      const b = parenthesised(right, style.allParentheses || levelOf(right) <= level, style);
      return `${a}${space}${operator}${space}${b}`;
    }
    case 'call': {
      const args = node.args.map((arg, index) =>
        style.bareTypes && node.name === 'convert' && index === 0 && isType(arg)
          ? arg.value
          : print(arg, style),
      );
      return `${node.name}${space}(${space}${args.join(`${space},${space}`)}${space})`;
    }
  }
}

/** Whether a node can be written as a bare word. */
function isType(node: Node): node is Node & { kind: 'literal'; value: string } {
  return node.kind === 'literal' && ['String', 'Boolean', 'Decimal'].some((type) => type === node.value);
}

function parenthesised(node: Node, wrapped: boolean, style: Style): string {
  const text = print(node, style);
  return wrapped ? `(${style.space}${text}${style.space})` : text;
}

function levelOf(node: Node): number {
  return node.kind === 'binary' ? LEVELS.findIndex((level) => level.includes(node.operator)) : LEVELS.length;
}

function printStep(step: Step): string {
  if (typeof step === 'number') return `[${step}]`;
  return /^[A-Za-z]\w*$/.test(step) ? `.${step}` : `.\`${step}\``;
}

function quoted(text: string, quote: string): string {
  return `${quote}${escaped(text, quote)}${quote}`;
}

function escaped(text: string, quote: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`).replaceAll('${', '\\u0024{');
}

/** The tree without source positions. */
export function withoutSpans(node: Node): unknown {
  return JSON.parse(
    JSON.stringify(node, (name, value: unknown) => {
      if (name === 'start' || name === 'end') return undefined;
      if (typeof value === 'bigint') return `Integer ${value}`;
      return name === 'value' && typeof value === 'object'
        ? `Decimal ${String(Object.values(value ?? {}))}`
        : value;
    }),
  );
}
