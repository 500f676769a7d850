import type { Limits } from '../../limits.ts';
import { Fault } from '../../runtime/fault.ts';
import type { CatalogChange, Tag } from '../../runtime/models.ts';
import { parseArn } from './arn.ts';
import type { ResourceKind, Service } from './service.ts';

/** The operations on tags (spec: api 1.4, 2). */

interface OfResource {
  readonly resourceArn: string;
}

/** The tags of one resource, and the change that replaces them. */
interface Tagged {
  readonly tags: readonly Tag[];
  readonly replace: (tags: readonly Tag[]) => CatalogChange;
}

const TAGGED: Readonly<Record<ResourceKind, (service: Service, name: string) => Tagged | undefined>> = {
  input: ({ host: { catalog } }, name) => {
    const record = catalog.inputs.get(name);
    return record && { tags: record.tags, replace: (tags) => catalog.putInput({ ...record, tags }) };
  },
  detectorModel: ({ host: { catalog } }, name) => {
    const model = catalog.models.get(name);
    return model && { tags: model.record.tags, replace: (tags) => catalog.models.tag(name, tags) };
  },
  alarmModel: ({ host: { catalog } }, name) => {
    const model = catalog.alarmModels.get(name);
    return model && { tags: model.record.tags, replace: (tags) => catalog.alarmModels.tag(name, tags) };
  },
};

export function tagResource(service: Service, request: OfResource & { readonly tags: readonly Tag[] }) {
  return service.host.command((turn) => {
    const { tags, replace } = find(service, request);
    turn.define(replace(mergeTags(tags, request.tags, service.limits)));
    return {};
  });
}

/** A key that the resource does not have is no error. */
export function untagResource(
  service: Service,
  request: OfResource & { readonly tagKeys: readonly string[] },
) {
  return service.host.command((turn) => {
    const { tags, replace } = find(service, request);
    turn.define(replace(tags.filter(({ key }) => !request.tagKeys.includes(key))));
    return {};
  });
}

export function listTagsForResource(service: Service, request: OfResource) {
  return service.host.command(() => ({ tags: find(service, request).tags }));
}

/**
 * The tags there are with the given ones on top: an equal key is overwritten in its place. Throws Fault past the
 * limit and for a reserved key.
 */
export function mergeTags(tags: readonly Tag[], given: readonly Tag[], limits: Limits): readonly Tag[] {
  const merged = new Map(tags.map(({ key, value }) => [key, value]));
  for (const { key, value } of given) {
    if (/^aws:/i.test(key)) {
      throw new Fault('InvalidRequestException', `Tag key ${key} starts with the reserved prefix aws:`);
    }
    merged.set(key, value);
  }
  if (merged.size > limits.tagsPerResource) {
    const message = `Number of tags of the resource ${merged.size} exceeds the limit ${limits.tagsPerResource}`;
    throw new Fault('LimitExceededException', message);
  }
  return Array.from(merged, ([key, value]) => ({ key, value }));
}

function find(service: Service, { resourceArn }: OfResource): Tagged {
  const { kind, name } = parseArn(service, resourceArn);
  const tagged = TAGGED[kind](service, name);
  if (tagged !== undefined) return tagged;
  throw new Fault('ResourceNotFoundException', `Resource of ARN: ${resourceArn} not found`);
}
