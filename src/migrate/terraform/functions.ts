import { concat, made, replaceIn, unresolvedIn, withUnresolved } from '../compose.ts';
import { type ListNode, type Node, objectNode, type Place, type ScalarNode, textOf } from '../node.ts';
import { isUnresolved, jsonText, numberText } from './values.ts';

/** A Terraform function of known values. Returns undefined if Terraform would refuse them. */
type TerraformFunction = (args: readonly Node[], place: Place) => Node | undefined;

export const FUNCTIONS: Readonly<Record<string, TerraformFunction>> = {
  jsonencode: ([value], place) => value && withUnresolved(made(jsonText(value), place), unresolvedIn(value)),
  join: ([separator, ...lists], place) => {
    const items = lists.flatMap((list) => (list.kind === 'list' ? list.items : [list]));
    if (separator?.kind !== 'scalar') return undefined;
    const parts: ScalarNode[] = [];
    for (const [index, item] of items.entries()) {
      if (item.kind !== 'scalar') return undefined;
      if (index > 0 && separator.text !== '') parts.push(separator);
      parts.push(item);
    }
    return concat(parts, place);
  },
  format,
  lower: (args, place) => onText(args, place, (text) => text.toLowerCase()),
  upper: (args, place) => onText(args, place, (text) => text.toUpperCase()),
  trimspace: (args, place) => onText(args, place, (text) => text.trim()),
  replace: ([text, substring, replacement], place) => {
    const [whole, searched, put] = [text, substring, replacement].map(textOf);
    if (whole === undefined || searched === undefined || put === undefined) return undefined;
    const pattern = /^\/(.+)\/$/.exec(searched)?.[1];
    const search = pattern === undefined ? searched : regularExpression(pattern);
    if (search === undefined) return undefined;
    const replaced =
      typeof search === 'string' ? whole.replaceAll(search, () => put) : whole.replace(search, put);
    return made(replaced, place);
  },
  tostring: ([value], place) => {
    const text = textOf(value);
    return text === undefined ? value : made(text, place);
  },
  tonumber: ([value], place) => {
    const text = textOf(value);
    if (text === undefined || !/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return undefined;
    return { kind: 'scalar', type: 'number', text: numberText(text), place, parts: [] };
  },
  concat: (args, place) => {
    const lists = args.filter((each): each is ListNode => each.kind === 'list');
    if (lists.length < args.length) return undefined;
    return { kind: 'list', items: lists.flatMap(({ items }) => items), place };
  },
  merge: (args, place) =>
    objectNode(
      args.flatMap((each) => (each.kind === 'object' ? each.members : [])),
      place,
    ),
  lookup: ([map, key, otherwise]) => {
    if (map?.kind !== 'object') return undefined;
    return map.members.find(({ name }) => name === textOf(key))?.value ?? otherwise;
  },
  length: ([value], place) => {
    const length =
      value?.kind === 'list'
        ? value.items.length
        : value?.kind === 'object'
          ? value.members.length
          : undefined;
    const known = length ?? (value?.kind === 'scalar' ? [...value.text].length : undefined);
    if (known === undefined) return undefined;
    return { kind: 'scalar', type: 'number', text: String(known), place, parts: [] };
  },
  element: ([list, index]) => {
    const at = Number(textOf(index));
    return list?.kind === 'list' && at >= 0 ? list.items[at % list.items.length] : undefined;
  },
  split: ([separator, text], place) => {
    const [by, whole] = [textOf(separator), textOf(text)];
    if (by === undefined || whole === undefined) return undefined;
    const parts = whole === '' ? [] : whole.split(by);
    return { kind: 'list', items: parts.map((part) => made(part, place)), place };
  },
};

/** Functions that preserve unresolved references within their result. */
export const KEEPS_UNRESOLVED: ReadonlySet<string> = new Set([
  ...['jsonencode', 'join', 'format', 'concat', 'merge', 'lookup', 'element', 'length', 'tostring'],
]);

function onText([value]: readonly Node[], place: Place, change: (text: string) => string): Node | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : made(change(text), place);
}

function regularExpression(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, 'gu');
  } catch {
    // Not every Go pattern is valid in JavaScript: such a call stays unresolved.
    return undefined;
  }
}

/** Supports `%s`, `%v`, `%d`, `%q` and `%%`. */
function format([template, ...args]: readonly Node[], place: Place): Node | undefined {
  if (template?.kind !== 'scalar') return undefined;
  let next = 0;
  let isUnderstood = true;
  const result = replaceIn(template, /%(%|[^a-zA-Z%]*[a-zA-Z])/g, ([verb], { place: at }) => {
    if (verb === '%%') return made('%', at);
    const value = args[next++];
    const text = value && formatted(verb, value);
    if (text === undefined || value === undefined) isUnderstood = false;
    return withUnresolved(made(text ?? '', at), value === undefined ? [] : unresolvedIn(value));
  });
  return isUnderstood && next === args.length ? { ...result, place } : undefined;
}

function formatted(verb: string, value: Node): string | undefined {
  const text = value.kind === 'scalar' ? value.text : jsonText(value);
  if (verb === '%s' || verb === '%v') return text;
  if (verb === '%d') return /^-?\d+$/.test(text) || isUnresolved(value) ? text : undefined;
  return verb === '%q' ? JSON.stringify(text) : undefined;
}
