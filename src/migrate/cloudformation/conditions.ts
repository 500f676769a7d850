import { unresolvedIn } from '../compose.ts';
import { type Node, textOf } from '../node.ts';

/** The result of a condition; `undefined` if it depends on references that cannot be resolved. */
export interface Outcome {
  readonly holds: boolean | undefined;
  readonly references: readonly string[];
}

/** Resolves what a condition refers to. */
export interface ConditionScope {
  readonly named: (name: string) => Outcome;
  readonly resolve: (node: Node) => Node | undefined;
}

/** Evaluates a condition in three-valued logic: one false member makes an `And` false even if others are unknown. */
export function evaluateCondition(node: Node, scope: ConditionScope): Outcome {
  if (node.kind === 'scalar')
    return { holds: node.text.toLowerCase() === 'true', references: node.unresolved ?? [] };
  const [member] = node.kind === 'object' ? node.members : [];
  if (member === undefined) return unknown(['Conditions']);
  const { name, value } = member;
  const operands = value.kind === 'list' ? value.items : [value];
  switch (name) {
    case 'Condition':
      return scope.named(textOf(value) ?? '');
    case 'Fn::Equals':
      return equals(operands, scope);
    case 'Fn::Not': {
      const [{ holds, references } = unknown([name])] = operands.map((each) =>
        evaluateCondition(each, scope),
      );
      return { holds: holds === undefined ? undefined : !holds, references };
    }
    case 'Fn::And':
    case 'Fn::Or': {
      const decisive = name === 'Fn::Or';
      const outcomes = operands.map((each) => evaluateCondition(each, scope));
      if (outcomes.some(({ holds }) => holds === decisive)) return { holds: decisive, references: [] };
      const references = outcomes.flatMap((each) => each.references);
      return { holds: outcomes.some(({ holds }) => holds === undefined) ? undefined : !decisive, references };
    }
    default:
      return unknown([name]);
  }
}

function unknown(references: readonly string[]): Outcome {
  return { holds: undefined, references };
}

function equals(operands: readonly Node[], scope: ConditionScope): Outcome {
  const [left, right] = operands.map((each) => scope.resolve(each));
  const references = [left, right].flatMap((each) => (each === undefined ? [] : unresolvedIn(each)));
  if (references.length > 0) return unknown(references);
  return { holds: JSON.stringify(comparableOf(left)) === JSON.stringify(comparableOf(right)), references };
}

/** CloudFormation compares as text: `true` equals `"true"`. */
function comparableOf(node: Node | undefined): unknown {
  if (node?.kind === 'list') return node.items.map(comparableOf);
  if (node?.kind === 'object') return node.members.map(({ name, value }) => [name, comparableOf(value)]);
  return node?.text;
}
