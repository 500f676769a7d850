import { unresolvedIn } from '../compose.ts';
import type { ListNode, Node, ObjectNode, ScalarNode } from '../node.ts';

/** Formats a number as Terraform converts it to text: without exponent and without trailing zeros in the fraction. */
export function numberText(written: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(written) ?? [];
  const shift = Number(exponent);
  if (Math.abs(shift) > MOST_DIGITS) return written;
  const digits = whole + fraction;
  const point = whole.length + shift;
  const padded =
    point > digits.length
      ? digits.padEnd(point, '0')
      : digits.padStart(digits.length - Math.min(point, 0), '0');
  const split = Math.max(point, 0);
  const left = padded.slice(0, split).replace(/^0+(?=\d)/, '') || '0';
  const right = padded.slice(split).replace(/0+$/, '');
  const text = right === '' ? left : `${left}.${right}`;
  return text === '0' ? text : `${sign}${text}`;
}

/** Longer numbers stay as they are written. */
const MOST_DIGITS = 500;

/** Renders JSON as Terraform's jsonencode does: members sorted by name, and some characters escaped for HTML. */
export function jsonText(node: Node): string {
  return plainJson(node).replace(/[<>&\u2028\u2029]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${code}`;
  });
}

function plainJson(node: Node): string {
  if (node.kind === 'list') return `[${node.items.map(plainJson).join(',')}]`;
  if (node.kind === 'object') {
    const members = node.members.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    return `{${members.map(({ name, value }) => `${JSON.stringify(name)}:${plainJson(value)}`).join(',')}}`;
  }
  return node.type === 'string' ? JSON.stringify(node.text) : node.type === 'null' ? 'null' : node.text;
}

export function isUnresolved(node: Node): boolean {
  return unresolvedIn(node).length > 0;
}

/** Converts a value to the type of a variable. Only texts, numbers and Booleans are converted to each other. */
export function convertTo(type: string, node: Node): Node {
  if (node.kind !== 'scalar' || node.type === 'null' || isUnresolved(node)) return node;
  if (type === 'string') return { ...node, type: 'string' } satisfies ScalarNode;
  if (type === 'number' && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(node.text)) {
    return { ...node, type: 'number', text: numberText(node.text) };
  }
  return type === 'bool' && /^(true|false)$/.test(node.text) ? { ...node, type: 'boolean' } : node;
}

/** Values of different types differ; numbers are compared by value. */
export function isEqual(left: Node, right: Node): boolean {
  if (left.kind === 'scalar' && right.kind === 'scalar')
    return left.type === right.type && left.text === right.text;
  if (left.kind === 'list' && right.kind === 'list') return sameItems(left, right);
  return left.kind === 'object' && right.kind === 'object' && sameMembers(left, right);
}

function sameItems({ items }: ListNode, other: ListNode): boolean {
  return (
    items.length === other.items.length &&
    items.every((item, index) => {
      const with_ = other.items[index];
      return with_ !== undefined && isEqual(item, with_);
    })
  );
}

function sameMembers({ members }: ObjectNode, other: ObjectNode): boolean {
  const byName = new Map(other.members.map(({ name, value }) => [name, value]));
  return (
    members.length === byName.size &&
    members.every(({ name, value }) => {
      const with_ = byName.get(name);
      return with_ !== undefined && isEqual(value, with_);
    })
  );
}
