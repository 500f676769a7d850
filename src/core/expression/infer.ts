import type { Binary, BinaryOperator, Call, Node, Reference, Span, Unary, UnaryOperator } from './ast.ts';
import { FUNCTIONS } from './functions.ts';
import { typeOf, type ValueType } from './value.ts';

/** The types that something may have; all four where nothing is known. */
export type Types = readonly ValueType[];

/** Operands that can never fit their operator or function, whatever the references hold (reference: analysis 7). */
export interface TypeProblem extends Span {
  readonly code: 'INCOMPATIBLE_OPERANDS' | 'INCOMPATIBLE_COMPARISON';
  /** The operator's sign or the function's name. */
  readonly operator: string;
  /** What was inferred for the operands. */
  readonly types: Types;
}

/** One place where a reference stands, with the types that make sense there. */
export interface Use {
  readonly reference: Reference;
  readonly types: Types;
}

export interface Inference {
  /** What the expression can result in. */
  readonly types: Types;
  readonly problems: readonly TypeProblem[];
  /** In the order of the text. What must hold for a reference is what all its uses have in common. */
  readonly uses: readonly Use[];
}

/** Types of a reference that are known from elsewhere in the model; undefined when they are not. */
export type Environment = (reference: Reference) => Types | undefined;

const ANY: Types = ['Boolean', 'Integer', 'Decimal', 'String'];
const NUMBER: Types = ['Integer', 'Decimal'];
const INTEGER: Types = ['Integer'];
const STRING: Types = ['String'];
const BOOLEAN: Types = ['Boolean'];

/** What the operators take on both sides; `==`, `!=` and `+` depend on their operands. */
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

/** Checks one expression by types alone; `wanted` is what the place where it stands takes. */
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

  /** Notes what a place wants of the reference that stands there. */
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
    if (!meet(left, wanted) || !meet(right, wanted)) this.#report(node, operator, [...left, ...right]);
    if (wanted !== NUMBER) return wanted;
    return isOrder ? BOOLEAN : numeric(left, right);
  }

  /** Same types, or Integer and Decimal. */
  #equality(node: Binary, inTemplate: boolean): Types {
    const left = this.infer(node.left, inTemplate);
    const right = this.infer(node.right, inTemplate);
    this.use(node.left, right);
    this.use(node.right, left);
    if (!meet(widened(left), right)) this.#report(node, node.operator, [...left, ...right]);
    return BOOLEAN;
  }

  /** Numbers, or Strings; in a substitution one String is enough (reference: questions Q-PLUS). */
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

  /** Those of the types that are wanted; when there are none that is a problem, told once. */
  #fitting(node: Node, operator: string, types: Types, wanted: Types): Types {
    if (meet(types, wanted)) return types.filter((type) => wanted.includes(type));
    this.#report(node, operator, types);
    return wanted;
  }

  #report({ start, end }: Span, operator: string, types: Types): void {
    const code = COMPARING.some((sign) => sign === operator)
      ? 'INCOMPATIBLE_COMPARISON'
      : 'INCOMPATIBLE_OPERANDS';
    this.problems.push({ code, operator, types: [...new Set(types)], start, end });
  }
}

function isReference(node: Node): node is Reference {
  return node.kind === 'input' || node.kind === 'variable' || node.kind === 'sitewise';
}

function meet(types: Types, wanted: Types): boolean {
  return types.some((type) => wanted.includes(type));
}

/**
 * What a side of `<` most likely is: the type of the other side, as the service has it. What is compared with an
 * Integer it takes for an Integer; a Decimal is no clash with that.
 */
function likely(other: Types, wanted: Types): Types {
  const types = other.filter((type) => wanted.includes(type));
  return types.length > 0 ? types : wanted;
}

/** With every type also those that it compares with. */
function widened(types: Types): Types {
  return ANY.filter((type) => types.includes(type) || (NUMBER.includes(type) && meet(types, NUMBER)));
}

/** What can be added to one of the types. */
function addable(types: Types, inTemplate: boolean): Types {
  if (inTemplate) return types.includes('String') ? ANY : [...(meet(types, NUMBER) ? NUMBER : []), 'String'];
  return widened(types).filter((type) => type !== 'Boolean');
}

/** An Integer comes only from two of them (reference: expressions 5). */
function numeric(left: Types, right: Types): Types {
  if (!meet(left, NUMBER) || !meet(right, NUMBER)) return NUMBER;
  const integers = left.includes('Integer') && right.includes('Integer');
  const decimals = left.includes('Decimal') || right.includes('Decimal');
  return NUMBER.filter((type) => (type === 'Integer' ? integers : decimals));
}
