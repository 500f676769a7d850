import type { Limits } from '../../limits.ts';
import { Fault, type ResourceKind } from '../fault.ts';
import { alarmModels, type Catalog, detectorModels } from './catalog.ts';
import type { Defined, DefinitionContext } from './definition.ts';
import { putInput } from './inputs.ts';
import { mergeTags } from './merge-tags.ts';
import type { Tag } from './records.ts';
import { retag } from './versioned.ts';

/** Tags of resources (reference: api 1.4). */

export interface Resource {
  readonly kind: ResourceKind;
  readonly name: string;
}

/** Adds tags; overwrites those with an equal key. */
export function tag(
  catalog: Catalog,
  { resource, tags }: { readonly resource: Resource; readonly tags: readonly Tag[] },
  { limits }: DefinitionContext,
): Defined<undefined> {
  return replace(catalog, resource, mergeTags(tagsOf(catalog, resource), tags, limits), limits);
}

/** Removing a key that the resource does not have is not an error. */
export function untag(
  catalog: Catalog,
  { resource, tagKeys }: { readonly resource: Resource; readonly tagKeys: readonly string[] },
  { limits }: DefinitionContext,
): Defined<undefined> {
  const rest = tagsOf(catalog, resource).filter(({ key }) => !tagKeys.includes(key));
  return replace(catalog, resource, rest, limits);
}

/** Throws Fault when there is no such resource. */
export function tagsOf(catalog: Catalog, { kind, name }: Resource): readonly Tag[] {
  const tags =
    kind === 'input'
      ? catalog.inputs.get(name)?.tags
      : catalog[kind === 'detectorModel' ? 'models' : 'alarmModels'].get(name)?.record.tags;
  if (tags === undefined) throw new Fault('ResourceNotFoundException', `Resource of name: ${name} not found`);
  return tags;
}

function replace(
  catalog: Catalog,
  { kind, name }: Resource,
  tags: readonly Tag[],
  limits: Limits,
): Defined<undefined> {
  const input = kind === 'input' ? catalog.inputs.get(name) : undefined;
  if (input !== undefined) {
    const put = putInput(catalog, { ...input, tags });
    return { catalog: put.catalog, rows: put.rows, result: undefined };
  }
  const model = kind === 'detectorModel' ? catalog.models.get(name) : undefined;
  if (model !== undefined) {
    const { models, rows } = retag(detectorModels(limits), catalog.models, model, tags);
    return { catalog: catalog.with({ models }), rows, result: undefined };
  }
  const alarmModel = kind === 'alarmModel' ? catalog.alarmModels.get(name) : undefined;
  if (alarmModel === undefined) return { catalog, rows: [], result: undefined };
  const { models, rows } = retag(alarmModels(limits), catalog.alarmModels, alarmModel, tags);
  return { catalog: catalog.with({ alarmModels: models }), rows, result: undefined };
}
