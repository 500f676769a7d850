import { type Node, positionOf, type ScalarNode } from '../node.ts';
import { own } from '../own.ts';
import type { Attribute, Block, Body, Expression } from './ast.ts';
import { parseExpression, parseTemplate } from './parser.ts';

/** Block types of Terraform's JSON syntax, with the number of labels between the type and the body. */
const LABELS: Readonly<Record<string, number>> = { resource: 2, data: 2, variable: 1, locals: 0 };

/** Converts a document in Terraform's JSON syntax to a body of HCL. Strings are templates. */
export function bodyOfJson(node: Node): Body {
  const members = node.kind === 'object' ? node.members : [];
  const items = members.flatMap(({ name, value }) => {
    const labels = own(LABELS, name);
    return labels === undefined ? [] : blocks(name, value, labels, []);
  });
  return { items, place: node.place };
}

/** A list contains several blocks. */
function blocks(type: string, node: Node, missing: number, labels: readonly string[]): Block[] {
  if (node.kind === 'list') return node.items.flatMap((item) => blocks(type, item, missing, labels));
  if (node.kind !== 'object') return [];
  if (missing > 0) {
    return node.members.flatMap(({ name, value }) => blocks(type, value, missing - 1, [...labels, name]));
  }
  const attributes = node.members
    .filter(({ name }) => name !== '//')
    .map(({ name, value }): Attribute => {
      // A variable's type is an expression, not a template.
      const isType = type === 'variable' && name === 'type' && value.kind === 'scalar';
      const expression = isType ? typeOf(value) : expressionOf(value);
      return { kind: 'attribute', name, value: expression, place: value.place };
    });
  return [{ kind: 'block', type, labels, body: { items: attributes, place: node.place }, place: node.place }];
}

function expressionOf(node: Node): Expression {
  const { place } = node;
  if (node.kind === 'list') {
    const items = node.items.map(expressionOf);
    // In JSON, a list of objects may stand for several blocks of the native syntax.
    const isBlocks = node.items.length > 0 && node.items.every(({ kind }) => kind === 'object');
    return { kind: 'tuple', items, place, ...(isBlocks && { blocks: true }) };
  }
  if (node.kind === 'object') {
    const members = node.members
      .filter(({ name }) => name !== '//')
      .map(({ name, value }) => ({ key: textExpression(name, value), value: expressionOf(value) }));
    return { kind: 'object', members, place };
  }
  if (node.type === 'string') return templateOf(node);
  return { kind: node.type, text: node.text, place };
}

function textExpression(text: string, { place }: Node): Expression {
  return { kind: 'template', parts: [{ kind: 'text', text, place }], place };
}

/** A template with interpolations is parsed as a source of its own; other text keeps its place in the file. */
function templateOf(node: ScalarNode): Expression {
  if (!/[$%]\{/.test(node.text)) return textExpression(node.text, node);
  return parseTemplate(embedded(node));
}

function typeOf(node: ScalarNode): Expression {
  return parseExpression(embedded(node));
}

function embedded({ text, place }: ScalarNode) {
  return { path: place.source.path, text, linesBefore: positionOf(place).line - 1 };
}
