import type { Shapes } from './service/table.ts';
import { isObject } from './shape-reader.ts';

/** A request member that the API does not know and therefore drops. */
export interface UnknownMember {
  /** Path of the containing object, relative to the checked value: `states[0].onInput`. */
  readonly path: string;
  readonly name: string;
  /** The known members of that object. */
  readonly known: readonly string[];
}

/** Finds all members at any depth that a value's shape does not have. */
export function unknownMembers(value: unknown, shapeName: string, shapes: Shapes): UnknownMember[] {
  const found: UnknownMember[] = [];
  look(value, shapeName, '');
  return found;

  function look(at: unknown, name: string, path: string): void {
    const shape = shapes[name];
    if (shape?.type === 'list' && Array.isArray(at))
      for (const [index, item] of at.entries()) look(item, shape.member, `${path}[${index}]`);
    if (shape?.type !== 'structure' || !isObject(at)) return;
    // An unknown kind is not dropped but is an error of its own.
    if (shape.isKind === true && !Object.keys(at).some((member) => Object.hasOwn(shape.members, member)))
      return;
    for (const [member, inner] of Object.entries(at)) {
      const known = Object.hasOwn(shape.members, member) ? shape.members[member] : undefined;
      if (known === undefined) found.push({ path, name: member, known: Object.keys(shape.members) });
      else look(inner, known.shape, path === '' ? member : `${path}.${member}`);
    }
  }
}
