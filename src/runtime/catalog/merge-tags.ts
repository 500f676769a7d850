import type { Limits } from '../../limits.ts';
import { Fault } from '../fault.ts';
import type { Tag } from './records.ts';

/**
 * The existing tags with the given ones merged in: an equal key is overwritten in place. Throws Fault past the limit
 * and for a reserved key.
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
