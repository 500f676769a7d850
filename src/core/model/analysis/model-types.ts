import {
  type Environment,
  type Inference,
  inferTypes,
  type Node,
  type Reference,
  type Types,
  type VariableReference,
} from '../../expression/index.ts';
import type { Steps } from '../steps.ts';
import { assignedTypes } from './assigned-types.ts';
import type { ExpressionSite } from './expression-site.ts';

/** Types inferred from all expressions of a model (reference: analysis 7). */
export interface ModelTypes {
  /** The expressions that parse. */
  readonly sites: readonly TypedSite[];
  /** In order of first occurrence. */
  readonly references: readonly TypedReference[];
  /** The types that actions assign to each variable. */
  readonly variables: ReadonlyMap<string, Types>;
}

export interface TypedSite {
  readonly site: ExpressionSite;
  /** Inferred from the expression alone: its problems occur whatever its references hold. */
  readonly own: Inference;
  /** Inferred using what the rest of the model says about its references. */
  readonly inference: Inference;
}

export interface TypedReference {
  /** As written in the model: `$input.I.a`, `$variable.x`. */
  readonly text: string;
  readonly key: string;
  /** The locations that assign or require a type. */
  readonly claims: readonly Claim[];
  /** The types common to all claims: empty when they clash, all types when nothing is known. */
  readonly inferred: Types;
}

export interface Claim {
  readonly site: ExpressionSite;
  readonly types: Types;
}

const NUMBER: Types = ['Integer', 'Decimal'];
/** All types, in the order in which the service lists them. */
export const ANY: Types = ['Boolean', ...NUMBER, 'String'];

/** Expressions between two rests. */
const AT_ONCE = 50;

export function* modelTypesInSteps(sites: readonly ExpressionSite[]): Steps<ModelTypes> {
  const parsed = sites.flatMap((site) => (site.result.ok ? [{ site, node: site.result.node }] : []));
  const own = yield* mapInSteps(parsed, ({ site, node }) => infer(site, node, () => undefined));
  const inputs = new Map(claimed(own).map(({ key, inferred }) => [key, inferred]));
  const ofInput: Environment = (reference) => {
    const types = reference.kind === 'input' ? inputs.get(keyOf(reference)) : undefined;
    return types === undefined || types.length === 0 ? undefined : types;
  };
  yield;
  const assigned = assignedTypes(parsed, ofInput);
  yield;
  const environment: Environment = (reference) =>
    reference.kind === 'variable' ? assigned.get(reference.name) : ofInput(reference);
  const typed = yield* mapInSteps(parsed, ({ site, node }, index): TypedSite => {
    const alone = own[index]?.inference ?? infer(site, node, () => undefined).inference;
    // Skip the second inference when the rest of the model says nothing about the references.
    const knowsMore = alone.uses.some(({ reference }) => environment(reference) !== undefined);
    return { site, own: alone, inference: knowsMore ? infer(site, node, environment).inference : alone };
  });
  return { sites: typed, references: claimed(typed), variables: assigned };
}

function* mapInSteps<T, R>(items: readonly T[], map: (item: T, index: number) => R): Steps<R[]> {
  const mapped: R[] = [];
  for (const [index, item] of items.entries()) {
    mapped.push(map(item, index));
    if (index % AT_ONCE === 0) yield;
  }
  return mapped;
}

function infer(site: ExpressionSite, node: Node, environment: Environment) {
  const wanted = site.role === 'condition' ? (['Boolean'] as const) : ANY;
  return { site, inference: inferTypes(node, environment, wanted) };
}

/** Each reference with all claims about its type. */
function claimed(
  sites: readonly { readonly site: ExpressionSite; readonly inference: Inference }[],
): TypedReference[] {
  const found = new Map<string, { readonly text: string; readonly claims: Claim[] }>();
  const claim = (key: string, text: string, site: ExpressionSite, types: Types) => {
    const known = found.get(key) ?? { text, claims: [] };
    found.set(key, known);
    if (types.length < ANY.length) known.claims.push({ site, types });
  };
  for (const { site, inference } of sites) {
    for (const { reference, types } of inference.uses)
      claim(keyOf(reference), site.text.slice(reference.start, reference.end), site, types);
    const name = site.variableName;
    if (name !== undefined)
      claim(keyOf({ kind: 'variable', name }), `$variable.${name}`, site, inference.types);
  }
  return [...found].map(([key, { text, claims }]) => {
    return { key, text, claims, inferred: meet([ANY, ...claims.map(({ types }) => types)]) };
  });
}

/** A key that is equal for two references exactly when they refer to the same thing. */
export function keyOf(reference: Reference | Pick<VariableReference, 'kind' | 'name'>): string {
  if (reference.kind === 'variable') return `variable ${reference.name}`;
  const name = reference.kind === 'input' ? reference.name : '';
  // Names may contain any character; their lengths make the key unambiguous.
  let key = `${reference.kind} ${name.length}:${name}`;
  for (const step of reference.path) key += typeof step === 'number' ? `#${step}` : ` ${step.length}:${step}`;
  return key;
}

/** The types common to all; Integer and Decimal are compatible (reference: expressions 2). */
export function meet(all: readonly Types[]): Types {
  const common = ANY.filter((type) => all.every((types) => types.includes(type)));
  if (common.length > 0) return common;
  return all.every(isNumeric) ? NUMBER : [];
}

export function union(all: readonly Types[]): Types {
  return ANY.filter((type) => all.some((types) => types.includes(type)));
}

export function isNumeric(types: Types): boolean {
  return types.some((type) => NUMBER.includes(type));
}

/** Formats types as the service does, in its order. */
export function list(types: Types): string {
  return `[${ANY.filter((type) => types.includes(type)).join(', ')}]`;
}
