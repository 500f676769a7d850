import type { Node } from '../../src/core/expression/index.ts';
import { type Json, type Outcome, WholeDecimal } from '../../src/core/expression/value.ts';

/**
 * A second implementation of the language, slow and obvious: it walks the tree with values that carry their type. It
 * shares only the tree with the compiled code. Section numbers refer to spec expressions.
 */
export interface World {
  readonly variables: ReadonlyMap<string, Json>;
  readonly inputs: ReadonlyMap<string, Json>;
  /** The input whose message triggered the evaluation. */
  readonly trigger: string | undefined;
  readonly isTimer: boolean;
  readonly expired: ReadonlySet<string>;
}

type Tagged =
  | { readonly is: 'Integer'; readonly value: bigint }
  | { readonly is: 'Decimal'; readonly value: number }
  | { readonly is: 'String'; readonly value: string }
  | { readonly is: 'Boolean'; readonly value: boolean }
  | { readonly is: 'null' }
  | { readonly is: 'undefined' }
  | { readonly is: 'structure'; readonly value: object };

const UNDEFINED: Tagged = { is: 'undefined' };

export function evaluateReference(node: Node, world: World): Outcome {
  return untag(walk(node, world, false));
}

function walk(node: Node, world: World, inTemplate: boolean): Tagged {
  switch (node.kind) {
    case 'literal':
      return tag(node.value);
    case 'template': {
      // 4.4: a null or undefined part makes the whole text undefined.
      let text = '';
      for (const part of node.parts) {
        const piece = typeof part === 'string' ? part : textOf(walk(part, world, true));
        if (piece === undefined) return UNDEFINED;
        text += piece;
      }
      return { is: 'String', value: text };
    }
    case 'variable':
      return world.variables.has(node.name) ? tag(world.variables.get(node.name)) : UNDEFINED;
    case 'input': {
      let at: unknown = world.inputs.get(node.name);
      for (const step of node.path) {
        const isList = Array.isArray(at);
        if (typeof at !== 'object' || at === null || at instanceof WholeDecimal) return UNDEFINED;
        if (isList !== (typeof step === 'number')) return UNDEFINED;
        at = Object.getOwnPropertyDescriptor(at, step)?.value;
      }
      return tag(at as Outcome);
    }
    case 'sitewise':
      return UNDEFINED;
    case 'unary': {
      const operand = walk(node.operand, world, inTemplate);
      if (node.operator === '!') {
        return operand.is === 'Boolean' ? { is: 'Boolean', value: !operand.value } : UNDEFINED;
      }
      if (node.operator === '~') return operand.is === 'Integer' ? int64(-operand.value - 1n) : UNDEFINED;
      if (operand.is === 'Integer') return int64(0n - operand.value);
      return operand.is === 'Decimal' ? { is: 'Decimal', value: -operand.value } : UNDEFINED;
    }
    case 'binary': {
      const { operator } = node;
      const left = walk(node.left, world, inTemplate);
      if (operator === '&&') {
        if (left.is !== 'Boolean') return UNDEFINED;
        if (left.value === false) return left;
        const right = walk(node.right, world, inTemplate);
        return right.is === 'Boolean' ? right : UNDEFINED;
      }
      if (operator === '||') {
        // 5.1: a side without data counts as false.
        const first = orFalse(left);
        if (first.is !== 'Boolean') return UNDEFINED;
        if (first.value === true) return first;
        const second = orFalse(walk(node.right, world, inTemplate));
        return second.is === 'Boolean' ? second : UNDEFINED;
      }
      return binary(operator, left, walk(node.right, world, inTemplate), inTemplate);
    }
    case 'call':
      return call(node, world, inTemplate);
  }
}

function binary(operator: string, left: Tagged, right: Tagged, inTemplate: boolean): Tagged {
  if (operator === '!=') {
    // 5.1: not(a == b), where == with undefined is false.
    if (!hasValue(left) || !hasValue(right)) return { is: 'Boolean', value: true };
    const equal = binary('==', left, right, inTemplate);
    return equal.is === 'Boolean' ? { is: 'Boolean', value: !equal.value } : UNDEFINED;
  }
  if (!hasValue(left) || !hasValue(right)) return UNDEFINED;
  if (operator === '+') {
    if (left.is === 'String' && right.is === 'String')
      return { is: 'String', value: left.value + right.value };
    if (inTemplate && (left.is === 'String' || right.is === 'String')) {
      return { is: 'String', value: `${textOf(left)}${textOf(right)}` };
    }
  }
  if ('|^&'.includes(operator)) {
    if (left.is !== 'Integer' || right.is !== 'Integer') return UNDEFINED;
    if (operator === '|') return int64(left.value | right.value);
    return int64(operator === '^' ? left.value ^ right.value : left.value & right.value);
  }
  if (operator === '==' && left.is === right.is && !isNumber(left)) {
    return { is: 'Boolean', value: left.value === (right as typeof left).value };
  }
  if (!isNumber(left) || !isNumber(right)) return UNDEFINED;
  const [a, b] = [left.value, right.value];
  switch (operator) {
    case '==':
      // biome-ignore lint/suspicious/noDoubleEquals: a bigint equals the number of the same value only so
      return { is: 'Boolean', value: a == b };
    case '<':
      return { is: 'Boolean', value: a < b };
    case '<=':
      return { is: 'Boolean', value: a <= b };
    case '>':
      return { is: 'Boolean', value: a > b };
    case '>=':
      return { is: 'Boolean', value: a >= b };
    default:
      return typeof a === 'bigint' && typeof b === 'bigint'
        ? integerArithmetic(operator, a, b)
        : decimalArithmetic(operator, Number(a), Number(b));
  }
}

function integerArithmetic(operator: string, a: bigint, b: bigint): Tagged {
  if (operator === '+') return int64(a + b);
  if (operator === '-') return int64(a - b);
  if (operator === '*') return int64(a * b);
  return b === 0n ? UNDEFINED : int64(a / b);
}

function decimalArithmetic(operator: string, a: number, b: number): Tagged {
  if (operator === '/' && b === 0) return UNDEFINED;
  const value = operator === '+' ? a + b : operator === '-' ? a - b : operator === '*' ? a * b : a / b;
  return Number.isFinite(value) ? { is: 'Decimal', value } : UNDEFINED;
}

function call(node: Node & { kind: 'call' }, world: World, inTemplate: boolean): Tagged {
  const boolean = (value: boolean): Tagged => ({ is: 'Boolean', value });
  const [first = UNDEFINED, second = UNDEFINED] = node.args.map((arg) => walk(arg, world, inTemplate));
  const name = first.is === 'String' ? first.value : '';
  // A name must be a text.
  const isName = first.is === 'String';
  switch (node.name) {
    case 'timeout':
      if (!isName) return UNDEFINED;
      return boolean(world.expired.has(name));
    case 'currentInput':
      if (!isName) return UNDEFINED;
      return boolean(!world.isTimer && world.trigger === name);
    case 'triggerType':
      if (!isName) return UNDEFINED;
      return boolean(name.toUpperCase() === (world.isTimer ? 'TIMER' : 'MESSAGE'));
    case 'isNull':
      return boolean(first.is === 'null');
    case 'isUndefined':
      return boolean(first.is === 'undefined');
    case 'startsWith':
    case 'endsWith':
    case 'contains': {
      if (first.is !== 'String' || second.is !== 'String') return UNDEFINED;
      const at = first.value.indexOf(second.value);
      if (node.name === 'startsWith') return boolean(at === 0);
      if (node.name === 'contains') return boolean(at >= 0);
      return boolean(first.value.slice(first.value.length - second.value.length) === second.value);
    }
    case 'bitnot':
      return first.is === 'Integer' ? int64(-first.value - 1n) : UNDEFINED;
    case 'bitor':
      return binary('|', first, second, false);
    case 'bitand':
      return binary('&', first, second, false);
    case 'bitxor':
      return binary('^', first, second, false);
    case 'convert':
      return convert(name, second);
  }
}

/** 7: Boolean and number to String, String to Boolean and Decimal. */
function convert(type: string, from: Tagged): Tagged {
  if (!hasValue(from)) return UNDEFINED;
  if (type === 'String') return { is: 'String', value: textOf(from) ?? '' };
  if (type === 'Boolean') {
    if (from.is === 'Boolean') return from;
    if (from.is !== 'String' || (from.value !== 'true' && from.value !== 'false')) return UNDEFINED;
    return { is: 'Boolean', value: from.value === 'true' };
  }
  if (type !== 'Decimal' || from.is === 'Boolean') return UNDEFINED;
  if (from.is === 'String' && !/^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$/.test(from.value))
    return UNDEFINED;
  const value = Number(from.value);
  return Number.isFinite(value) ? { is: 'Decimal', value } : UNDEFINED;
}

function int64(value: bigint): Tagged {
  return value >= -9223372036854775808n && value <= 9223372036854775807n
    ? { is: 'Integer', value }
    : UNDEFINED;
}

function orFalse(side: Tagged): Tagged {
  return hasValue(side) ? side : { is: 'Boolean', value: false };
}

function isNumber(value: Tagged): value is Tagged & { is: 'Integer' | 'Decimal' } {
  return value.is === 'Integer' || value.is === 'Decimal';
}

function hasValue(value: Tagged): value is Tagged & { is: 'Integer' | 'Decimal' | 'String' | 'Boolean' } {
  return value.is !== 'null' && value.is !== 'undefined' && value.is !== 'structure';
}

/** 4.4: a Decimal shows at least one fraction digit. */
function textOf(value: Tagged): string | undefined {
  if (!hasValue(value)) return undefined;
  if (value.is !== 'Decimal') return String(value.value);
  if (Object.is(value.value, -0)) return '-0.0';
  const [mantissa = '', exponent] = String(value.value).split('e');
  const pointed = mantissa.includes('.') ? mantissa : `${mantissa}.0`;
  return exponent === undefined ? pointed : `${pointed}e${Number(exponent)}`;
}

function tag(outcome: Outcome): Tagged {
  if (outcome === undefined) return UNDEFINED;
  if (outcome === null) return { is: 'null' };
  if (typeof outcome === 'string') return { is: 'String', value: outcome };
  if (typeof outcome === 'boolean') return { is: 'Boolean', value: outcome };
  if (outcome instanceof WholeDecimal) return { is: 'Decimal', value: outcome.value };
  if (typeof outcome === 'bigint') return { is: 'Integer', value: outcome };
  if (typeof outcome === 'object') return { is: 'structure', value: outcome };
  return Number.isInteger(outcome)
    ? { is: 'Integer', value: BigInt(outcome) }
    : { is: 'Decimal', value: outcome };
}

/** Converts to the representation of `value.ts`. */
function untag(value: Tagged): Outcome {
  switch (value.is) {
    case 'undefined':
      return undefined;
    case 'null':
      return null;
    case 'structure':
      return value.value as Json;
    case 'Integer':
      return BigInt(Number(value.value)) === value.value && Number.isSafeInteger(Number(value.value))
        ? Number(value.value)
        : value.value;
    case 'Decimal':
      return Number.isInteger(value.value) ? new WholeDecimal(value.value) : value.value;
    default:
      return value.value;
  }
}
