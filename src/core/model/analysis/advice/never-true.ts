import type { Node } from '../../../expression/index.ts';
import { advice, type Diagnostic } from '../finding.ts';

/** A condition whose parts, joined by &&, contradict each other: no value satisfies all bounds. */
export const neverTrue: Diagnostic = ({ expressions }) =>
  expressions.flatMap(({ role, path, text, result }) => {
    if (role !== 'condition' || !result.ok) return [];
    const ranges = new Map<string, Range>();
    for (const part of conjuncts(result.node)) {
      const bound = boundOf(part, text);
      if (bound === undefined) continue;
      const range = narrow(ranges.get(bound.reference) ?? EVERYTHING, bound);
      ranges.set(bound.reference, range);
      if (!isEmpty(range)) continue;
      const message = `Condition ${text} is never true: no value of ${bound.reference} satisfies it.`;
      return [advice('WARNING', path, message)];
    }
    return [];
  });

interface Range {
  readonly least: number;
  readonly most: number;
  /** Whether the bound itself is excluded. */
  readonly above: boolean;
  readonly below: boolean;
}

interface Bound {
  readonly reference: string;
  readonly operator: string;
  readonly value: number;
}

const EVERYTHING: Range = {
  least: Number.NEGATIVE_INFINITY,
  most: Number.POSITIVE_INFINITY,
  above: false,
  below: false,
};
/** The operator after its two sides are swapped. */
const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '==': '==' };

function conjuncts(node: Node): Node[] {
  if (node.kind !== 'binary' || node.operator !== '&&') return [node];
  return [...conjuncts(node.left), ...conjuncts(node.right)];
}

/** A comparison of a reference with a number; undefined for anything else. */
function boundOf(node: Node, text: string): Bound | undefined {
  if (node.kind !== 'binary' || MIRRORED[node.operator] === undefined) return undefined;
  const { left, right, operator } = node;
  const [reference, literal, sign] =
    left.kind === 'literal' ? [right, left, MIRRORED[operator]] : [left, right, operator];
  if (literal.kind !== 'literal' || (reference.kind !== 'input' && reference.kind !== 'variable'))
    return undefined;
  const value = typeof literal.value === 'object' ? literal.value.value : literal.value;
  if (typeof value !== 'number' || Number.isNaN(value)) return undefined;
  return { reference: text.slice(reference.start, reference.end), operator: sign ?? operator, value };
}

function narrow(range: Range, { operator, value }: Bound): Range {
  let { least, most, above, below } = range;
  if (operator !== '<' && operator !== '<=' && value >= least) {
    above = operator === '>' || (value === least && above);
    least = value;
  }
  if (operator !== '>' && operator !== '>=' && value <= most) {
    below = operator === '<' || (value === most && below);
    most = value;
  }
  // An equality outside the remaining range leaves it empty.
  if (operator === '==' && (value < range.least || value > range.most))
    return { ...range, least: 1, most: 0 };
  return { least, most, above, below };
}

function isEmpty({ least, most, above, below }: Range): boolean {
  return least > most || (least === most && (above || below));
}
