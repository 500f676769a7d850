import {
  type Environment,
  type Inference,
  inferTypes,
  type Reference,
  type Types,
} from '../../expression/index.ts';
import type { ExpressionSite } from './expression-site.ts';

/** What the expressions of a whole model say about types (spec: analysis 7, 10). */
export interface ModelTypes {
  /** Each expression that parses, with what is known of variables from all that is set. */
  readonly sites: readonly TypedSite[];
  /** In the order in which they first stand in the model. */
  readonly references: readonly TypedReference[];
}

export interface TypedSite {
  readonly site: ExpressionSite;
  readonly inference: Inference;
  /** What it can result in whatever its references hold. */
  readonly own: Types;
}

export interface TypedReference {
  /** As it stands in the model: `$input.I.a`, `$variable.x`. */
  readonly text: string;
  readonly kind: Reference['kind'];
  /** What each expression wants of it; of one that uses it twice, what both uses have in common. */
  readonly uses: readonly { readonly site: ExpressionSite; readonly types: Types; readonly wanted: Types }[];
  /** What is assigned to a variable; undefined for what is never assigned. */
  readonly assigned: Types | undefined;
}

const NUMBER: Types = ['Integer', 'Decimal'];
/** All types, in the order in which they are listed. */
export const ANY: Types = [...NUMBER, 'String', 'Boolean'];

export function modelTypes(sites: readonly ExpressionSite[]): ModelTypes {
  const assigned = assignedTypes(sites);
  const environment: Environment = (reference) =>
    reference.kind === 'variable' ? assigned.get(reference.name) : undefined;
  const typed = sites.flatMap((site): TypedSite[] =>
    site.result.ok
      ? [
          {
            site,
            inference: inferTypes(site.result.node, environment),
            own: inferTypes(site.result.node).types,
          },
        ]
      : [],
  );
  return { sites: typed, references: usesOf(typed, assigned) };
}

/** The types of each variable by what is set; repeated, because variables are set from variables. */
function assignedTypes(sites: readonly ExpressionSite[]): Map<string, Types> {
  let known = new Map<string, Types>();
  for (;;) {
    const next = new Map<string, Types>();
    for (const { variableName, result } of sites) {
      if (variableName === undefined || !result.ok) continue;
      const { types } = inferTypes(result.node, (reference) =>
        reference.kind === 'variable' ? known.get(reference.name) : undefined,
      );
      next.set(variableName, union([next.get(variableName) ?? [], types]));
    }
    if (same(known, next)) return next;
    known = next;
  }
}

function same(one: ReadonlyMap<string, Types>, other: ReadonlyMap<string, Types>): boolean {
  return (
    one.size === other.size && [...one].every(([name, types]) => other.get(name)?.length === types.length)
  );
}

function usesOf(sites: readonly TypedSite[], assigned: ReadonlyMap<string, Types>): TypedReference[] {
  const found = new Map<string, TypedReference & { readonly uses: Use[] }>();
  const entry = (key: string, text: string, kind: Reference['kind'], variable?: string) => {
    const known = found.get(key) ?? { text, kind, uses: [], assigned: assigned.get(variable ?? '') };
    found.set(key, known);
    return known;
  };
  for (const { site, inference } of sites) {
    for (const { reference, types } of inference.uses) {
      const text = site.text.slice(reference.start, reference.end);
      const variable = reference.kind === 'variable' ? reference.name : undefined;
      const { uses } = entry(keyOf(reference), text, reference.kind, variable);
      const before = uses.at(-1);
      if (before?.site !== site) uses.push({ site, types, wanted: types });
      else
        uses[uses.length - 1] = {
          site,
          types: meet([before.types, types]),
          wanted: union([before.wanted, types]),
        };
    }
    const name = site.variableName;
    if (name !== undefined) entry(keyOf({ kind: 'variable', name }), `$variable.${name}`, 'variable', name);
  }
  return [...found.values()];
}

type Use = TypedReference['uses'][number];

function keyOf({
  kind,
  ...reference
}: Pick<Reference, 'kind'> & { readonly name?: string; readonly path?: unknown }) {
  return JSON.stringify([kind, reference.name, reference.path]);
}

/** What all have in common; Integer and Decimal go together (spec: expressions 2). */
export function meet(all: readonly Types[]): Types {
  return all.reduce((common, types) => {
    const both = common.filter((type) => types.includes(type));
    if (both.length > 0) return both;
    return isNumeric(common) && isNumeric(types) ? NUMBER : [];
  });
}

export function union(all: readonly Types[]): Types {
  return ANY.filter((type) => all.some((types) => types.includes(type)));
}

export function isNumeric(types: Types): boolean {
  return types.some((type) => NUMBER.includes(type));
}

/** As the service prints them. */
export function list(types: Types): string {
  return `[${types.join(', ')}]`;
}
