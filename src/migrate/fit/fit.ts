import type { Shape, Shapes } from '../../wire/service/table.ts';
import type { ListNode, Node, ObjectNode } from '../node.ts';
import { apiName, camelCase, comparable } from './names.ts';
import { fitScalar, freeScalar } from './scalar.ts';

/** Notified while a request is built. */
export interface FitListener {
  /** `node` became the value at `path`. */
  readonly placed: (path: string, node: Node) => void;
  /** The API's structure at `path` has no member `name`, which is left out. */
  readonly unknown: (path: string, name: string, node: Node, known: readonly string[]) => void;
}

/**
 * Converts a node to the API's shape: its spelling of names and its scalar types, without null members. Whatever does
 * not fit stays unchanged and is reported by the validation of the request.
 */
export function toApiShape(
  node: Node,
  shapeName: string,
  shapes: Shapes,
  path: string,
  listener: FitListener,
): unknown {
  listener.placed(path, node);
  const shape = shapes[shapeName];
  if (shape === undefined) throw new Error(`The table has no shape ${shapeName}`);
  const given = unwrapBlocks(node, shape);
  if (shape.type === 'structure' && given.kind === 'object') {
    // An action of an unknown type is an error of its own, which names the type.
    const isUnknown = !given.members.some(({ name }) => apiName(shape.members, name) !== undefined);
    if (shape.isKind === true && isUnknown) return freeForm(given, path, listener);
    return structure(given, shape.members, shapes, path, listener);
  }
  if (shape.type === 'list' && given.kind === 'list') {
    return given.items.map((item, index) =>
      toApiShape(item, shape.member, shapes, `${path}[${index}]`, listener),
    );
  }
  const hasNoScalar = shape.type === 'structure' || shape.type === 'list' || shape.type === 'document';
  if (given.kind !== 'scalar' || hasNoScalar) {
    return freeForm(given, path, listener);
  }
  return fitScalar(given, shape.type);
}

function structure(
  { members }: ObjectNode,
  shapeMembers: Readonly<Record<string, { readonly shape: string }>>,
  shapes: Shapes,
  path: string,
  listener: FitListener,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const { name, value } of members) {
    if (value.kind === 'scalar' && value.type === 'null') continue;
    const known = apiName(shapeMembers, name);
    const shape = known === undefined ? undefined : shapeMembers[known]?.shape;
    if (known === undefined || shape === undefined) {
      listener.unknown(path, name, value, Object.keys(shapeMembers));
    } else {
      result[known] = toApiShape(value, shape, shapes, path === '' ? known : `${path}.${known}`, listener);
    }
  }
  return result;
}

/** A Terraform block becomes an object where the API has one, and a list of objects where it has a list. */
function unwrapBlocks(node: Node, shape: Shape): Node {
  const [only, ...more] = (node as ListNode).items ?? [];
  const isObject = shape.type === 'structure' || shape.type === 'document';
  const wrapped = node.kind === 'list' && node.blocks === true && isObject;
  return wrapped && only !== undefined && more.length === 0 ? only : node;
}

/** Members whose names are chosen by the user. */
const MAPS: ReadonlySet<string> = new Set(['clientproperties']);

/** Converts a value that no shape describes to the API's spelling. */
function freeForm(node: Node, path: string, listener: FitListener): unknown {
  if (node.kind === 'scalar') return freeScalar(node);
  if (node.kind === 'list') {
    const [only] = node.items;
    if (node.blocks === true && node.items.length === 1 && only !== undefined)
      return freeForm(only, path, listener);
    return node.items.map((item, index) => placed(item, `${path}[${index}]`, listener));
  }
  const isMap = MAPS.has(comparable(path.split('.').at(-1) ?? ''));
  const result: Record<string, unknown> = {};
  for (const { name, value } of node.members) {
    if (value.kind === 'scalar' && value.type === 'null') continue;
    const known = isMap ? name : camelCase(name);
    result[known] = placed(value, `${path}.${known}`, listener);
  }
  return result;
}

function placed(node: Node, path: string, listener: FitListener): unknown {
  listener.placed(path, node);
  return freeForm(node, path, listener);
}
