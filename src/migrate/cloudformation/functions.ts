import { base64 } from '@scure/base';
import { concat, made, replaceIn, unresolvedIn, usedAt, withUnresolved } from '../compose.ts';
import { memberOf, type Node, type Place, type ScalarNode, textOf } from '../node.ts';
import type { Stack } from './stack.ts';

/** An intrinsic function. Its argument is not resolved yet. Returning undefined removes the member. */
export type Intrinsic = (stack: Stack, argument: Node, place: Place) => Node | undefined;

export const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (stack, argument, place) => {
    const name = textOf(argument) ?? '';
    return name === 'AWS::NoValue' ? undefined : stack.reference(name, place);
  },
  'Fn::GetAtt': (stack, argument, place) => {
    const [logicalId = '', attribute = ''] = attributeOf(stack, argument);
    return stack.attribute(logicalId, attribute, place);
  },
  'Fn::If': (stack, argument, place) => {
    if (argument.kind !== 'list') return stack.unresolved('Fn::If', place);
    const [condition, whenTrue, whenFalse] = argument.items;
    const chosen = stack.isTrue(textOf(condition) ?? '', place) ? whenTrue : whenFalse;
    return chosen && stack.resolve(chosen);
  },
  'Fn::Sub': sub,
  'Fn::Join': join,
  'Fn::Select': (stack, argument, place) => {
    const [index, list] = argumentsOf(stack, argument);
    const unknown = [index, list?.kind === 'list' ? undefined : list].find(isUnresolved);
    if (unknown !== undefined) return unknown;
    const selected = list?.kind === 'list' ? list.items[Number(textOf(index))] : undefined;
    return selected ?? stack.unresolved('Fn::Select', place);
  },
  'Fn::Split': (stack, argument, place) => {
    const [delimiter, text] = argumentsOf(stack, argument);
    const unknown = [text, delimiter].find(isUnresolved);
    if (unknown !== undefined) return unknown;
    const [by, whole] = [textOf(delimiter), textOf(text)];
    if (!by || whole === undefined) return stack.unresolved('Fn::Split', place);
    return { kind: 'list', items: whole.split(by).map((part) => made(part, place)), place };
  },
  'Fn::FindInMap': findInMap,
  'Fn::Base64': (stack, argument, place) => {
    const text = stack.resolve(argument);
    if (text === undefined || isUnresolved(text)) return text;
    const content = textOf(text);
    if (content === undefined) return stack.unresolved('Fn::Base64', place);
    return made(base64.encode(new TextEncoder().encode(content)), place);
  },
  'Fn::ImportValue': (stack, argument, place) => {
    const name = stack.resolve(argument);
    return stack.imported(textOf(name) ?? '', place);
  },
};

/** Functions that require the transform AWS::LanguageExtensions. */
export const EXTENSIONS: Readonly<Record<string, Intrinsic>> = {
  'Fn::ToJsonString': (stack, argument, place) => {
    const value = stack.resolve(argument);
    if (value === undefined) return stack.unresolved('Fn::ToJsonString', place);
    return withUnresolved(made(jsonOf(value), place), unresolvedIn(value));
  },
  'Fn::Length': (stack, argument, place) => {
    const list = stack.resolve(argument);
    if (list?.kind === 'list')
      return { kind: 'scalar', type: 'number', text: String(list.items.length), place };
    return isUnresolved(list) ? list : stack.unresolved('Fn::Length', place);
  },
};

function isUnresolved(node: Node | undefined): boolean {
  return node !== undefined && unresolvedIn(node).length > 0;
}

function argumentsOf(stack: Stack, argument: Node): readonly (Node | undefined)[] {
  const given = argument.kind === 'list' ? argument.items : [argument];
  return given.map((each) => stack.resolve(each));
}

/** `[logical id, attribute]`, or both in one text joined by a dot. The attribute may be a reference. */
function attributeOf(stack: Stack, argument: Node): readonly string[] {
  if (argument.kind === 'list') return argument.items.map((item) => textOf(stack.resolve(item)) ?? '');
  const text = textOf(argument) ?? '';
  const dot = text.indexOf('.');
  return dot < 0 ? [text] : [text.slice(0, dot), text.slice(dot + 1)];
}

function join(stack: Stack, argument: Node, place: Place): Node | undefined {
  const [delimiter, list] = argumentsOf(stack, argument);
  if (isUnresolved(delimiter)) return delimiter;
  if (list?.kind === 'scalar') return list;
  if (list?.kind !== 'list' || delimiter?.kind !== 'scalar') return stack.unresolved('Fn::Join', place);
  const parts: ScalarNode[] = [];
  for (const [index, item] of list.items.entries()) {
    if (item.kind !== 'scalar') return stack.unresolved('Fn::Join', place);
    if (index > 0 && delimiter.text !== '') parts.push(delimiter);
    parts.push(item);
  }
  return concat(parts, place);
}

/** `${Name}`, `${Name.Attribute}`, `${!literal}`; in its list form, the argument also supplies values. */
function sub(stack: Stack, argument: Node, place: Place): Node | undefined {
  const [template, map] = argument.kind === 'list' ? argument.items : [argument];
  const text = template && stack.resolve(template);
  if (text?.kind !== 'scalar') return stack.unresolved('Fn::Sub', place);
  return replaceIn(text, /\$\{([^{}]*)\}/g, (match, whole) => {
    const name = match[1] ?? '';
    if (name.startsWith('!')) return { ...whole, text: `\${${name.slice(1)}}`, parts: [] };
    return asText(stack, substitute(stack, name, map, whole.place), whole.place);
  });
}

function substitute(stack: Stack, name: string, map: Node | undefined, place: Place): Node | undefined {
  const own = memberOf(map, name);
  if (own !== undefined) {
    const value = stack.resolve(own);
    return value && usedAt(value, place);
  }
  const dot = name.indexOf('.');
  if (dot < 0) return stack.reference(name, place);
  return stack.attribute(name.slice(0, dot), name.slice(dot + 1), place);
}

/** Renders a list of texts with commas, as it was given. */
function asText(stack: Stack, node: Node | undefined, place: Place): ScalarNode {
  if (node?.kind === 'scalar') return node;
  if (node?.kind !== 'list') return stack.unresolved('Fn::Sub', place);
  const text = node.items.map((item) => textOf(item) ?? '').join(',');
  return withUnresolved(made(text, place), unresolvedIn(node));
}

function findInMap(stack: Stack, argument: Node, place: Place): Node | undefined {
  const given = argument.kind === 'list' ? argument.items : [];
  const keys = given.slice(0, 3).map((key) => stack.resolve(key));
  const unknown = keys.find(isUnresolved);
  const names = keys.map(textOf);
  const found = unknown === undefined ? stack.mapped(names) : undefined;
  if (found !== undefined) return usedAt(found, place);
  const otherwise = stack.hasExtensions ? memberOf(given[3], 'DefaultValue') : undefined;
  if (otherwise !== undefined) return stack.resolve(otherwise);
  return unknown ?? stack.unresolved('Fn::FindInMap', place);
}

/** Renders JSON with numbers as they are written. */
function jsonOf(node: Node): string {
  if (node.kind === 'list') return `[${node.items.map(jsonOf).join(',')}]`;
  if (node.kind === 'object') {
    return `{${node.members.map(({ name, value }) => `${JSON.stringify(name)}:${jsonOf(value)}`).join(',')}}`;
  }
  return node.type === 'string' ? JSON.stringify(node.text) : node.type === 'null' ? 'null' : node.text;
}
