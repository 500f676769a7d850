import {
  type Dependency,
  type Environment,
  inferTypes,
  type Node,
  type Types,
} from '../../expression/index.ts';
import type { ValueType } from '../../expression/value.ts';
import type { ExpressionSite } from './expression-site.ts';

const ANY: Types = ['Boolean', 'Integer', 'Decimal', 'String'];

/** One setVariable action and the possible types of its value, as far as known. */
interface Assignment {
  readonly variable: string;
  readonly node: Node;
  readonly references: readonly Dependency[];
  types: Types;
}

/**
 * Infers the types of each variable from all its assignments. Variables may be assigned from variables, so an
 * assignment is re-examined when a variable it reads loses a type. Types are only ever removed, so this terminates,
 * after a number of steps proportional to the reads in the model.
 */
export function assignedTypes(
  parsed: readonly { readonly site: ExpressionSite; readonly node: Node }[],
  ofInput: Environment,
): ReadonlyMap<string, Types> {
  const assignments = parsed.flatMap(
    ({ site: { variableName: variable, references }, node }): Assignment[] =>
      variable === undefined ? [] : [{ variable, node, references, types: ANY }],
  );
  const readers = readersOf(assignments);
  const counts = new Map<string, Map<ValueType, number>>();
  for (const { variable } of assignments) {
    const count = counts.get(variable) ?? new Map<ValueType, number>();
    for (const type of ANY) count.set(type, (count.get(type) ?? 0) + 1);
    counts.set(variable, count);
  }
  const typesOf = (variable: string) => {
    const count = counts.get(variable);
    return count && ANY.filter((type) => (count.get(type) ?? 0) > 0);
  };
  const environment: Environment = (reference) =>
    reference.kind === 'variable' ? typesOf(reference.name) : ofInput(reference);
  const waiting = new Set(assignments);
  for (const assignment of waiting) {
    waiting.delete(assignment);
    const possible = inferTypes(assignment.node, environment).types;
    const types = assignment.types.filter((type) => possible.includes(type));
    if (types.length === 0 || types.length === assignment.types.length) continue;
    const before = typesOf(assignment.variable)?.length;
    const count = counts.get(assignment.variable);
    for (const type of assignment.types)
      if (!types.includes(type)) count?.set(type, (count.get(type) ?? 1) - 1);
    assignment.types = types;
    if (typesOf(assignment.variable)?.length === before) continue;
    for (const reader of readers.get(assignment.variable) ?? []) waiting.add(reader);
  }
  return new Map([...counts.keys()].map((variable) => [variable, typesOf(variable) ?? ANY]));
}

/** For each variable, the assignments that read it. */
function readersOf(assignments: readonly Assignment[]): Map<string, Set<Assignment>> {
  const readers = new Map<string, Set<Assignment>>();
  for (const assignment of assignments)
    for (const { kind, name } of assignment.references) {
      if (kind !== 'variable') continue;
      const known = readers.get(name) ?? new Set<Assignment>();
      readers.set(name, known.add(assignment));
    }
  return readers;
}
