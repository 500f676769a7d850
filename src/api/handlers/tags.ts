import type { Tag } from '../../runtime/catalog/records.ts';
import { type Resource, tagsOf } from '../../runtime/catalog/tags.ts';
import { Fault } from '../../runtime/fault.ts';
import { parseArn } from './arn.ts';
import type { Service } from './service.ts';

/** The operations on tags (reference: api 1.4, 2). */

interface OfResource {
  readonly resourceArn: string;
}

export async function tagResource(
  service: Service,
  { resourceArn, tags }: OfResource & { readonly tags: readonly Tag[] },
) {
  const resource = parseArn(service, resourceArn);
  await byArn(resourceArn, () => service.host.define('tag', { resource, tags }));
  return {};
}

/** Removing a key that the resource does not have is not an error. */
export async function untagResource(
  service: Service,
  { resourceArn, tagKeys }: OfResource & { readonly tagKeys: readonly string[] },
) {
  const resource = parseArn(service, resourceArn);
  await byArn(resourceArn, () => service.host.define('untag', { resource, tagKeys }));
  return {};
}

export async function listTagsForResource(service: Service, { resourceArn }: OfResource) {
  const resource: Resource = parseArn(service, resourceArn);
  const catalog = await service.host.catalog();
  return { tags: await byArn(resourceArn, async () => tagsOf(catalog, resource)) };
}

/** A missing resource is named in the error as the caller named it. */
async function byArn<T>(resourceArn: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'ResourceNotFoundException') throw error;
    throw new Fault('ResourceNotFoundException', `Resource of ARN: ${resourceArn} not found`);
  }
}
