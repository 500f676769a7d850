import type { Binary, BinaryOperator, Call, Node, Reference, Span, Unary, UnaryOperator } from './ast.ts';
import { FUNCTIONS } from './functions.ts';
import { typeOf, type ValueType } from './value.ts';

/** The possible types of a value; all four when nothing is known. */
export type Types = readonly ValueType[];

/** Operands that can never fit their operator or function, whatever the references hold (reference: analysis 7). */
export interface TypeProblem extends Span {
  /** `UNORDERED_STRINGS`: both operands of an order are Strings, on which the service's documentation is silent. */
  readonly code: 'INCOMPATIBLE_OPERANDS' | 'INCOMPATIBLE_COMPARISON' | 'UNORDERED_STRINGS';
  /** The operator or the function's name. */
  readonly operator: string;
  /** The inferred types of the operands. */
  readonly types: Types;
}

/** One occurrence of a reference, and the types that make sense there. */
export interface Use {
  readonly reference: Reference;
  readonly types: Types;
}

export interface Inference {
  /** The possible types of the expression's result. */
  readonly types: Types;
  readonly problems: readonly TypeProblem[];
  /** In source order. The reference must have a type that all its uses accept. */
  readonly uses: readonly Use[];
}

/** Types of a reference known from the rest of the model; undefined when unknown. */
export type Environment = (reference: Reference) => Types | undefined;

const ANY: Types = ['Boolean', 'Integer', 'Decimal', 'String'];
const NUMBER: Types = ['Integer', 'Decimal'];
const INTEGER: Types = ['Integer'];
const STRING: Types = ['String'];
const BOOLEAN: Types = ['Boolean'];

/** Operand types of the operators. `==`, `!=` and `+` are missing because theirs depend on the other operand. */
const OPERANDS: Readonly<Record<Exclude<BinaryOperator, '==' | '!=' | '+'>, Types>> = {
  '||': BOOLEAN,
  '&&': BOOLEAN,
  '|': INTEGER,
  '^': INTEGER,
  '&': INTEGER,
  '<': NUMBER,
  '<=': NUMBER,
  '>': NUMBER,
  '>=': NUMBER,
  '-': NUMBER,
  '*': NUMBER,
  '/': NUMBER,
};
const OPERAND: Readonly<Record<UnaryOperator, Types>> = { '!': BOOLEAN, '-': NUMBER, '~': INTEGER };

const COMPARING: readonly BinaryOperator[] = ['==', '!=', '<', '<=', '>', '>='];

/** Infers the types of one expression and checks them. `wanted` are the types its position accepts. */
export function inferTypes(
  node: Node,
  environment: Environment = () => undefined,
  wanted: Types = ANY,
): Inference {
  const checker = new Checker(environment);
  const types = checker.infer(node, false);
  checker.use(node, wanted);
  const uses = checker.uses.toSorted((one, other) => one.reference.start - other.reference.start);
  return { types, problems: checker.problems, uses };
}

class Checker {
  readonly problems: TypeProblem[] = [];
  readonly uses: Use[] = [];
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  infer(node: Node, inTemplate: boolean): Types {
    switch (node.kind) {
      case 'literal':
        return ANY.filter((type) => type === typeOf(node.value));
      case 'template':
        for (const part of node.parts) if (typeof part !== 'string') this.#operand(part, ANY, true);
        return STRING;
      case 'input':
      case 'variable':
      case 'sitewise':
        return this.#environment(node) ?? ANY;
      case 'unary':
        return this.#unary(node, inTemplate);
      case 'binary':
        return this.#binary(node, inTemplate);
      case 'call':
        return this.#call(node, inTemplate);
    }
  }

  /** Records the types that a position accepts, if a reference occurs there. */
  use(node: Node, types: Types): void {
    if (isReference(node)) this.uses.push({ reference: node, types });
  }

  #operand(node: Node, wanted: Types, inTemplate: boolean): Types {
    this.use(node, wanted);
    return this.infer(node, inTemplate);
  }

  #unary(node: Unary, inTemplate: boolean): Types {
    const wanted = OPERAND[node.operator];
    const types = this.#operand(node.operand, wanted, inTemplate);
    return this.#fitting(node, node.operator, types, wanted);
  }

  #binary(node: Binary, inTemplate: boolean): Types {
    const { operator } = node;
    if (operator === '==' || operator === '!=') return this.#equality(node, inTemplate);
    if (operator === '+') return this.#sum(node, inTemplate);
    const wanted = OPERANDS[operator];
    const left = this.infer(node.left, inTemplate);
    const right = this.infer(node.right, inTemplate);
    const isOrder = COMPARING.includes(operator);
    this.use(node.left, isOrder ? likely(right, wanted) : wanted);
    this.use(node.right, isOrder ? likely(left, wanted) : wanted);
    if (!meet(left, wanted) || !meet(right, wanted)) {
      const isOfStrings = isOrder && left.includes('String') && right.includes('String');
      if (isOfStrings) this.#report(node, operator, STRING, 'UNORDERED_STRINGS');
      else this.#report(node, operator, [...left, ...right]);
    }
    if (wanted !== NUMBER) return wanted;
    return isOrder ? BOOLEAN : numeric(left, right);
  }

  /** Both sides must have the same type, or be Integer and Decimal. */
  #equality(node: Binary, inTemplate: boolean): Types {
    const left = this.infer(node.left, inTemplate);
    const right = this.infer(node.right, inTemplate);
    this.use(node.left, right);
    this.use(node.right, left);
    if (!meet(widened(left), right)) this.#report(node, node.operator, [...left, ...right]);
    return BOOLEAN;
  }

  /** Numbers or Strings; in a substitution one String is enough (reference: questions Q-PLUS). */
  #sum(node: Binary, inTemplate: boolean): Types {
    const left = this.infer(node.left, inTemplate);
    const right = this.infer(node.right, inTemplate);
    if (isReference(node.left)) this.use(node.left, addable(right, inTemplate));
    if (isReference(node.right)) this.use(node.right, addable(left, inTemplate));
    const types = meet(left, NUMBER) && meet(right, NUMBER) ? [...numeric(left, right)] : [];
    const strings = [left, right].filter((side) => side.includes('String')).length;
    if (strings === 2 || (inTemplate && strings === 1)) types.push('String');
    if (types.length === 0) this.#report(node, '+', [...left, ...right]);
    return types.length === 0 ? [...NUMBER, ...STRING] : types;
  }

  #call(node: Call, inTemplate: boolean): Types {
    const { takes, gives } = FUNCTIONS[node.name];
    for (const [index, arg] of node.args.entries()) {
      const parameter = takes[index] ?? 'any';
      const wanted = parameter === 'any' ? ANY : parameter === 'Integer' ? INTEGER : STRING;
      this.#fitting(node, node.name, this.#operand(arg, wanted, inTemplate), wanted);
    }
    return typeof gives === 'function' ? gives(node.args) : gives;
  }

  /** Returns the types that are also wanted. When there are none, reports a problem once and returns `wanted`. */
  #fitting(node: Node, operator: string, types: Types, wanted: Types): Types {
    if (meet(types, wanted)) return types.filter((type) => wanted.includes(type));
    this.#report(node, operator, types);
    return wanted;
  }

  #report({ start, end }: Span, operator: string, types: Types, code = codeOf(operator)): void {
    this.problems.push({ code, operator, types: [...new Set(types)], start, end });
  }
}

function codeOf(operator: string): TypeProblem['code'] {
  return COMPARING.some((sign) => sign === operator) ? 'INCOMPATIBLE_COMPARISON' : 'INCOMPATIBLE_OPERANDS';
}

function isReference(node: Node): node is Reference {
  return node.kind === 'input' || node.kind === 'variable' || node.kind === 'sitewise';
}

function meet(types: Types, wanted: Types): boolean {
  return types.some((type) => wanted.includes(type));
}

/**
 * The types that one side of an order most likely has: those of the other side, as the service infers them. A
 * reference compared with an Integer is inferred as an Integer, which does not clash with Decimal.
 */
function likely(other: Types, wanted: Types): Types {
  const types = other.filter((type) => wanted.includes(type));
  if (types.length > 0) return types;
  return other.includes('String') ? STRING : wanted;
}

/** Adds the types that compare with the given ones. */
function widened(types: Types): Types {
  return ANY.filter((type) => types.includes(type) || (NUMBER.includes(type) && meet(types, NUMBER)));
}

/** The types that can be added to one of the given types. */
function addable(types: Types, inTemplate: boolean): Types {
  if (inTemplate) return types.includes('String') ? ANY : [...(meet(types, NUMBER) ? NUMBER : []), 'String'];
  return widened(types).filter((type) => type !== 'Boolean');
}

/** Integer only if both sides may be Integers (reference: expressions 5). */
function numeric(left: Types, right: Types): Types {
  if (!meet(left, NUMBER) || !meet(right, NUMBER)) return NUMBER;
  const integers = left.includes('Integer') && right.includes('Integer');
  const decimals = left.includes('Decimal') || right.includes('Decimal');
  return NUMBER.filter((type) => (type === 'Integer' ? integers : decimals));
}
