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
 * An expression as closures over its scope. What depends on nothing is worked out once; a reference on the left of
 * an operator with a constant on its right, the usual condition, is one closure. Never throws, and neither does what
 * it returns. The tests hold it against a reference evaluator that does neither of these.
 */
export function compile(node: Node, bindings: Bindings, watch?: Watch): Evaluate {
  return build(node, watch === undefined ? bindings : { ...bindings, watch }, false).evaluate;
}

/**
 * Wraps what evaluates one node, to see its outcome. With it nothing is fused or worked out beforehand, so that every
 * node that is no literal is evaluated by itself.
 */
export type Watch = (node: Node, evaluate: Evaluate) => Evaluate;

interface Watched extends Bindings {
  readonly watch?: Watch;
}

/** A compiled node; `constant` holds the outcome of one that depends on nothing. */
interface Part {
  readonly evaluate: Evaluate;
  readonly constant?: { readonly outcome: Outcome };
  /** Of one that is nothing but these, all of which must be true. */
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

/** Depends on its operands and on nothing else: a constant when they are. */
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

/** The right side is only looked at when the left one is true (reference: expressions 5). */
function conjunction(left: Evaluate, right: Evaluate): Evaluate {
  return (scope) => {
    const first = left(scope);
    if (first !== true) return first === false ? false : undefined;
    const second = right(scope);
    return typeof second === 'boolean' ? second : undefined;
  };
}

/** The right side is only looked at when the left one is false, or counts as false. */
function disjunction(left: Evaluate, right: Evaluate): Evaluate {
  return (scope) => {
    const first = asDisjunct(left(scope));
    return first === false ? asDisjunct(right(scope)) : first;
  };
}

/** What has no value counts as false; a value that is no Boolean spoils the whole (reference: expressions 5.1). */
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
