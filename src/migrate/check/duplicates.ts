import type { Findings } from '../findings.ts';
import { KINDS } from '../fit/kinds.ts';
import type { Resource } from '../report.ts';
import { isSame } from '../same.ts';

/** Removes identical duplicates. Different resources with the same name are an ERROR. */
export function markDuplicates(resources: readonly Resource[], findings: Findings): Resource[] {
  const first = new Map<string, Resource>();
  return resources.filter((resource) => {
    const { kind, name, source, request, placeOf } = resource;
    const other = first.get(`${kind} ${name}`);
    if (other === undefined) {
      first.set(`${kind} ${name}`, resource);
      return true;
    }
    const isEqual = isSame(other.request, request);
    const what = `The ${KINDS[kind].words} ${name}`;
    findings.add({
      level: isEqual ? 'INFO' : 'ERROR',
      code: 'duplicate',
      resource: source.resource ?? name,
      kind,
      name,
      message: isEqual
        ? `${what} is in ${other.source.file} as well, with the same content; it is kept once`
        : `${what} is in ${other.source.file} as well, with other content; rename one of them`,
      place: placeOf('').place,
    });
    return !isEqual;
  });
}
