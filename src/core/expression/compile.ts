import { addInTemplate } from './arithmetic.ts';
import type { Binary, Call, Node, Template } from './ast.ts';
import { type Comparison, comparisonOf, evaluateAll } from './comparing.ts';
import { FUNCTIONS } from './functions.ts';
import { BINARY, UNARY } from './operators.ts';
import { nameArgument } from './references.ts';
import { type Bindings, EMPTY_SCOPE, type Evaluate } from './scope.ts';
import { join, textOf } from './text.ts';
import { isValue, type Outcome } from './value.ts';

/**
 * Compiles an expression to closures over its scope. Constant parts are evaluated once, at compile time; comparisons of
 * a reference with a constant, the usual condition, are fused. Neither this function nor the one it returns ever
 * throws. A differential test compares it with a reference evaluator that does no folding and no fusing.
 */
export function compile(node: Node, bindings: Bindings, watch?: Watch): Evaluate {
  return build(node, watch === undefined ? bindings : { ...bindings, watch }, false).evaluate;
}

/**
 * Wraps the function that evaluates one node, to observe its outcome. Disables folding and fusing, so that every node
 * except a literal is evaluated individually.
 */
export type Watch = (node: Node, evaluate: Evaluate) => Evaluate;

interface Watched extends Bindings {
  readonly watch?: Watch;
}

/** A compiled node. `constant` is set when the outcome does not depend on the scope. */
interface Part {
  readonly evaluate: Evaluate;
  readonly constant?: { readonly outcome: Outcome };
  /** Set when the node is a comparison, or a conjunction of nothing but comparisons. */
  readonly comparisons?: readonly Comparison[];
}

function build(node: Node, bindings: Watched, inTemplate: boolean): Part {
  const part = buildNode(node, bindings, inTemplate);
  if (bindings.watch === undefined || node.kind === 'literal') return part;
  return { evaluate: bindings.watch(node, part.evaluate) };
}

function buildNode(node: Node, bindings: Watched, inTemplate: boolean): Part {
  switch (node.kind) {
    case 'literal':
      return constant(node.value);
    case 'template':
      return buildTemplate(node, bindings);
    case 'variable':
      return held(bindings.variable(node.name));
    case 'input':
      return held(bindings.attribute(node));
    case 'sitewise':
      return bindings.sitewise === undefined ? ABSENT : held(bindings.sitewise(node));
    case 'unary': {
      const operate = UNARY[node.operator];
      const operand = build(node.operand, bindings, inTemplate);
      return derived([operand], (scope) => operate(operand.evaluate(scope)));
    }
    case 'binary':
      return buildBinary(node, bindings, inTemplate);
    case 'call':
      return buildCall(node, bindings, inTemplate);
  }
}

function constant(outcome: Outcome): Part {
  return { evaluate: () => outcome, constant: { outcome } };
}

/** A part that depends only on its operands: constant when all of them are. */
function derived(operands: readonly Part[], evaluate: Evaluate): Part {
  return operands.every((operand) => operand.constant) ? constant(evaluate(EMPTY_SCOPE)) : { evaluate };
}

function buildTemplate(node: Template, bindings: Watched): Part {
  const parts = node.parts.map((part) =>
    typeof part === 'string' ? constant(part) : build(part, bindings, true),
  );
  return derived(parts, (scope) => {
    let text: string | undefined = '';
    for (const part of parts) {
      const piece = textOf(part.evaluate(scope));
      if (piece === undefined) return undefined;
      text = join(text, piece);
      if (text === undefined) return undefined;
    }
    return text;
  });
}

function held(place: number): Part {
  return { evaluate: (scope) => scope.at(place) };
}

function buildBinary(node: Binary, bindings: Watched, inTemplate: boolean): Part {
  const left = build(node.left, bindings, inTemplate);
  const right = build(node.right, bindings, inTemplate);
  if (node.operator === '&&') {
    if (left.comparisons !== undefined && right.comparisons !== undefined) {
      const comparisons = [...left.comparisons, ...right.comparisons];
      return { evaluate: evaluateAll(comparisons), comparisons };
    }
    return derived([left, right], conjunction(left.evaluate, right.evaluate));
  }
  if (node.operator === '||') return derived([left, right], disjunction(left.evaluate, right.evaluate));
  const operate = node.operator === '+' && inTemplate ? addInTemplate : BINARY[node.operator];
  if (right.constant) {
    const bound = right.constant.outcome;
    const isFused = bindings.watch === undefined;
    const comparison = isFused && comparisonOf(node.left, node.operator, operate, bound, bindings);
    if (comparison) return { evaluate: evaluateAll([comparison]), comparisons: [comparison] };
    return derived([left], (scope) => operate(left.evaluate(scope), bound));
  }
  const [a, b] = [left.evaluate, right.evaluate];
  return { evaluate: (scope) => operate(a(scope), b(scope)) };
}

/** Evaluates the right side only when the left one is true (reference: expressions 5). */
function conjunction(left: Evaluate, right: Evaluate): Evaluate {
  return (scope) => {
    const first = left(scope);
    if (first !== true) return first === false ? false : undefined;
    const second = right(scope);
    return typeof second === 'boolean' ? second : undefined;
  };
}

/** Evaluates the right side only when the left one is false or has no value (reference: expressions 5). */
function disjunction(left: Evaluate, right: Evaluate): Evaluate {
  return (scope) => {
    const first = asDisjunct(left(scope));
    return first === false ? asDisjunct(right(scope)) : first;
  };
}

/**
 * A side without a value counts as false; a value that is not a Boolean makes the whole expression undefined
 * (reference: expressions 5.1).
 */
function asDisjunct(side: Outcome): boolean | undefined {
  if (typeof side === 'boolean') return side;
  return isValue(side) ? undefined : false;
}

function buildCall(node: Call, bindings: Watched, inTemplate: boolean): Part {
  const definition = FUNCTIONS[node.name];
  if ('bind' in definition) {
    const name = nameArgument(node);
    if (name !== undefined) return { evaluate: definition.bind(name, bindings) };
  }
  const args = node.args.map((arg) => build(arg, bindings, inTemplate));
  const [first = ABSENT, second = ABSENT] = args;
  if ('bind' in definition) return { evaluate: definition.resolve(first.evaluate, bindings) };
  const { call } = definition;
  return derived(args, (scope) => call(first.evaluate(scope), second.evaluate(scope)));
}

const ABSENT = constant(undefined);
