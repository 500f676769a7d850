import type { Attribute, Block, Body, Expression } from '../hcl/ast.ts';

/** A local with the rules to import although they do not send to an input. Written by our own exports. */
export const MARKED_RULES = 'tripline_topic_rules';

/** A resource or data block, identified by `type.label`. */
export interface ResourceBlock {
  readonly type: string;
  readonly label: string;
  readonly block: Block;
}

/** The declarations in the files of one folder. The first declaration of a name wins. */
export class Module {
  readonly variables = new Map<string, Block>();
  readonly locals = new Map<string, Expression>();
  readonly resources = new Map<string, ResourceBlock>();
  readonly data = new Map<string, ResourceBlock>();

  add({ items }: Body): void {
    for (const item of items) {
      if (item.kind !== 'block') continue;
      const [first = '', second = ''] = item.labels;
      if (item.type === 'variable') keep(this.variables, first, item);
      if (item.type === 'resource') keep(this.resources, `${first}.${second}`, resourceOf(item));
      if (item.type === 'data') keep(this.data, `${first}.${second}`, resourceOf(item));
      if (item.type !== 'locals') continue;
      for (const each of item.body.items) {
        if (each.kind === 'attribute') keep(this.locals, each.name, each.value);
      }
    }
  }
}

function resourceOf(block: Block): ResourceBlock {
  const [type = '', label = ''] = block.labels;
  return { type, label, block };
}

function keep<T>(map: Map<string, T>, name: string, value: T): void {
  if (!map.has(name)) map.set(name, value);
}

/** The resources of one file, in source order. */
export function resourcesIn({ items }: Body): ResourceBlock[] {
  return items.flatMap((item) => (item.kind === 'block' && item.type === 'resource' ? resourceOf(item) : []));
}

export function attributeOf({ items }: Body, name: string): Attribute | undefined {
  return items.find((item): item is Attribute => item.kind === 'attribute' && item.name === name);
}
