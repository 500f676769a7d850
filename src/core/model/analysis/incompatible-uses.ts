import type { Types } from '../../expression/index.ts';
import { type Diagnostic, error, type Finding, warning, within } from './finding.ts';
import { keyOf, list, meet, type TypedReference, type TypedSite, union } from './model-types.ts';

/**
 * Different locations require incompatible types of a reference. Within one expression that is an ERROR, because it can
 * never work. Across the model it is a WARNING: the value at each location is known only at run time, and the service
 * published such models (reference: analysis 7).
 */
export const incompatibleUses: Diagnostic = ({ types }) => {
  const within = types.sites.flatMap(clashesWithin);
  const reported = new Set(within.map(({ key }) => key));
  return [
    ...within.map(({ finding }) => finding),
    ...types.references.flatMap((reference) =>
      reference.inferred.length > 0 || reported.has(reference.key) ? [] : [acrossModel(reference)],
    ),
  ];
};

function clashesWithin({ site, own }: TypedSite): { readonly key: string; readonly finding: Finding }[] {
  const wanted = new Map<string, { readonly text: string; readonly all: Types[] }>();
  for (const { reference, types } of own.uses) {
    const text = site.text.slice(reference.start, reference.end);
    const known = wanted.get(keyOf(reference)) ?? { text, all: [] };
    known.all.push(types);
    wanted.set(keyOf(reference), known);
  }
  return [...wanted].flatMap(([key, { text, all }]) => {
    if (meet(all).length > 0) return [];
    const message = `Incompatible data types ${list(union(all))} found for ${text} in the following expression: ${site.text}`;
    return [{ key, finding: within(site, error('data-type', site.path, message)) }];
  });
}

function acrossModel({ text, claims }: TypedReference): Finding {
  const found = union(claims.map(({ types }) => types));
  const message = `Incompatible data types ${list(found)} used with ${text}. This may lead to a runtime error.`;
  return warning('data-type', [...new Set(claims.map(({ site }) => site.path))], message);
}
