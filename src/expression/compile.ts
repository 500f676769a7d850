import type { Binary, Call, InputReference, Node, SitewiseReference, Step, Template } from './ast.ts';
import { convert, textOf } from './convert.ts';
import { isArray } from './json.ts';
import {
  add,
  addInTemplate,
  BINARY,
  BIT_FUNCTIONS,
  type BinaryFunction,
  complement,
  negate,
  not,
} from './operators.ts';
import { nameArgument, references } from './references.ts';
import type { Bindings, Evaluate, Scope } from './scope.ts';
import { type Json, type Outcome, WholeDecimal } from './value.ts';

/**
 * An expression as a closure over its scope. Constants are folded; the comparisons that models are made of
 * (a reference with a number, a text or another reference) skip the general operators when both sides are plain
 * numbers. The reference evaluator of the tests gives the same results the slow way.
 */
export function compile(node: Node, bindings: Bindings): Evaluate {
  return build(node, bindings, false);
}

function build(node: Node, bindings: Bindings, inTemplate: boolean): Evaluate {
  const evaluate = buildNode(node, bindings, inTemplate);
  if (node.kind === 'literal' || !isConstant(node)) return evaluate;
  const value = evaluate(NOTHING);
  return () => value;
}

function buildNode(node: Node, bindings: Bindings, inTemplate: boolean): Evaluate {
  switch (node.kind) {
    case 'literal': {
      const { value } = node;
      return () => value;
    }
    case 'template':
      return buildTemplate(node, bindings);
    case 'variable': {
      const place = bindings.variable(node.name);
      return (scope) => scope.variables[place];
    }
    case 'input':
      return buildInput(node, bindings);
    case 'sitewise':
      return buildSitewise(node, bindings);
    case 'unary': {
      const operand = build(node.operand, bindings, inTemplate);
      const operate = { '!': not, '-': negate, '~': complement }[node.operator];
      return (scope) => operate(operand(scope));
    }
    case 'binary':
      return buildBinary(node, bindings, inTemplate);
    case 'call':
      return buildCall(node, bindings, inTemplate);
  }
}

/** Depends on nothing: not even on the trigger. */
function isConstant(node: Node): boolean {
  if (references(node).length > 0) return false;
  return !hasTriggerType(node);
}

function hasTriggerType(node: Node): boolean {
  switch (node.kind) {
    case 'call':
      return node.name === 'triggerType' || node.args.some(hasTriggerType);
    case 'unary':
      return hasTriggerType(node.operand);
    case 'binary':
      return hasTriggerType(node.left) || hasTriggerType(node.right);
    case 'template':
      return node.parts.some((part) => typeof part !== 'string' && hasTriggerType(part));
    default:
      return false;
  }
}

const NOTHING: Scope = {
  variables: [],
  inputs: [],
  triggerType: 'Timer',
  currentInput: -1,
  timeout: () => false,
};

function buildTemplate(node: Template, bindings: Bindings): Evaluate {
  const parts = node.parts.map((part) => (typeof part === 'string' ? part : build(part, bindings, true)));
  return (scope) => {
    let text = '';
    for (const part of parts) {
      const piece = typeof part === 'string' ? part : textOf(part(scope));
      if (piece === undefined) return undefined;
      text += piece;
    }
    return text;
  };
}

function buildInput(node: InputReference, bindings: Bindings): Evaluate {
  const place = bindings.input(node.name);
  const read = buildPath(node.path);
  return (scope) => {
    const payload = scope.inputs[place];
    return payload === undefined ? undefined : read(payload.value);
  };
}

function buildSitewise(node: SitewiseReference, bindings: Bindings): Evaluate {
  const place = bindings.sitewise?.(node) ?? -1;
  return (scope) => scope.sitewise?.[place];
}

type Read = (from: Outcome) => Outcome;

/** Walks own members only; names that every object inherits take the careful way. */
function buildPath(path: readonly Step[]): Read {
  const steps = path.map(buildStep);
  const [first, second] = steps;
  if (first === undefined) return (from) => from;
  if (second === undefined) return first;
  if (steps.length === 2) return (from) => second(first(from));
  return (from) => {
    let at = from;
    for (const step of steps) at = step(at);
    return at;
  };
}

function buildStep(step: Step): Read {
  if (typeof step === 'number') {
    return (from) => (typeof from === 'object' && from !== null && isList(from) ? from[step] : undefined);
  }
  if (step in Object.prototype) {
    return (from) => (isMembers(from) && Object.hasOwn(from, step) ? from[step] : undefined);
  }
  return (from) => (isMembers(from) ? from[step] : undefined);
}

function isList(from: object): from is readonly Json[] {
  return isArray(from as Json);
}

function isMembers(from: Outcome): from is { readonly [name: string]: Json } {
  return typeof from === 'object' && from !== null && !isArray(from) && !(from instanceof WholeDecimal);
}

function buildBinary(node: Binary, bindings: Bindings, inTemplate: boolean): Evaluate {
  const { operator } = node;
  const left = build(node.left, bindings, inTemplate);
  const right = build(node.right, bindings, inTemplate);
  switch (operator) {
    case '&&':
      return (scope) => {
        const first = left(scope);
        if (typeof first !== 'boolean') return undefined;
        if (!first) return false;
        const second = right(scope);
        return typeof second === 'boolean' ? second : undefined;
      };
    case '||':
      return (scope) => {
        const first = asDisjunct(left(scope));
        if (first !== false) return first;
        return asDisjunct(right(scope));
      };
    case '+':
      return general(left, right, inTemplate ? addInTemplate : add, sum);
    case '-':
      return general(left, right, BINARY['-'], difference);
    case '>':
      return comparison(node, left, right, bindings, BINARY['>'], (a, b) => a > b);
    case '>=':
      return comparison(node, left, right, bindings, BINARY['>='], (a, b) => a >= b);
    case '<':
      return comparison(node, left, right, bindings, BINARY['<'], (a, b) => a < b);
    case '<=':
      return comparison(node, left, right, bindings, BINARY['<='], (a, b) => a <= b);
    case '==':
      return equality(left, right, BINARY['=='], true);
    case '!=':
      return equality(left, right, BINARY['!='], false);
    default: {
      const operate = BINARY[operator];
      return (scope) => operate(left(scope), right(scope));
    }
  }
}

/** A side without data counts as false; one that is no Boolean spoils the whole (spec: expressions 5). */
function asDisjunct(side: Outcome): boolean | undefined {
  if (typeof side === 'boolean') return side;
  return side === undefined || side === null ? false : undefined;
}

/** Safe integers whose result is safe need no more; undefined asks for the general operator. */
function sum(a: number, b: number): number | undefined {
  const result = a + b;
  return Number.isInteger(a) && Number.isInteger(b) && Number.isSafeInteger(result) ? result : undefined;
}

function difference(a: number, b: number): number | undefined {
  const result = a - b;
  return Number.isInteger(a) && Number.isInteger(b) && Number.isSafeInteger(result) ? result : undefined;
}

function general(
  left: Evaluate,
  right: Evaluate,
  operate: BinaryFunction,
  fast: (a: number, b: number) => number | undefined,
): Evaluate {
  return (scope) => {
    const a = left(scope);
    const b = right(scope);
    if (typeof a === 'number' && typeof b === 'number') return fast(a, b) ?? operate(a, b);
    return operate(a, b);
  };
}

function comparison(
  node: Binary,
  left: Evaluate,
  right: Evaluate,
  bindings: Bindings,
  operate: BinaryFunction,
  fast: (a: number, b: number) => boolean,
): Evaluate {
  const bound = node.right.kind === 'literal' ? node.right.value : undefined;
  if (typeof bound === 'number') {
    if (node.left.kind === 'variable') {
      const place = bindings.variable(node.left.name);
      return (scope) => {
        const a = scope.variables[place];
        return typeof a === 'number' ? fast(a, bound) : operate(a, bound);
      };
    }
    return (scope) => {
      const a = left(scope);
      return typeof a === 'number' ? fast(a, bound) : operate(a, bound);
    };
  }
  return (scope) => {
    const a = left(scope);
    const b = right(scope);
    return typeof a === 'number' && typeof b === 'number' ? fast(a, b) : operate(a, b);
  };
}

function equality(left: Evaluate, right: Evaluate, operate: BinaryFunction, wanted: boolean): Evaluate {
  return (scope) => {
    const a = left(scope);
    const b = right(scope);
    // Two plain numbers, or two texts, are equal exactly when they are the same.
    if (typeof a === 'number' && typeof b === 'number') return (a === b) === wanted;
    if (typeof a === 'string' && typeof b === 'string') return (a === b) === wanted;
    return operate(a, b);
  };
}

function buildCall(node: Call, bindings: Bindings, inTemplate: boolean): Evaluate {
  switch (node.name) {
    case 'timeout': {
      const place = bindings.timer(nameArgument(node));
      return (scope) => scope.timeout(place);
    }
    case 'currentInput': {
      const place = bindings.input(nameArgument(node));
      return (scope) => scope.currentInput === place;
    }
    case 'triggerType': {
      const wanted = nameArgument(node).toLowerCase();
      return (scope) => scope.triggerType.toLowerCase() === wanted;
    }
    default:
      return buildPlainCall(node, bindings, inTemplate);
  }
}

function buildPlainCall(node: Call, bindings: Bindings, inTemplate: boolean): Evaluate {
  const args = node.args.map((arg) => build(arg, bindings, inTemplate));
  const [first = () => undefined, second = () => undefined] = args;
  switch (node.name) {
    case 'isNull':
      return (scope) => first(scope) === null;
    case 'isUndefined':
      return (scope) => first(scope) === undefined;
    case 'convert':
      return (scope) => convert(first(scope), second(scope));
    case 'startsWith':
      return onTexts(first, second, (a, b) => a.startsWith(b));
    case 'endsWith':
      return onTexts(first, second, (a, b) => a.endsWith(b));
    case 'contains':
      return onTexts(first, second, (a, b) => a.includes(b));
    case 'bitnot':
      return (scope) => complement(first(scope));
    default: {
      const operate = BIT_FUNCTIONS[node.name];
      return (scope) => operate?.(first(scope), second(scope));
    }
  }
}

function onTexts(first: Evaluate, second: Evaluate, test: (a: string, b: string) => boolean): Evaluate {
  return (scope) => {
    const a = first(scope);
    const b = second(scope);
    return typeof a === 'string' && typeof b === 'string' ? test(a, b) : undefined;
  };
}
