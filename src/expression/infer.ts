import type { Binary, Call, FunctionName, Node, Reference, Span } from './ast.ts';
import { typeOf, type ValueType } from './value.ts';

/** What a node can result in, without its references' values; every type where nothing is known. */
export type Types = readonly ValueType[];

/** An operator or function whose operands can never fit (spec: analysis 7). */
export interface TypeProblem extends Span {
  readonly operator: string;
  readonly types: Types;
  readonly kind: 'OPERAND' | 'COMPARISON';
}

export interface Inference {
  readonly types: Types;
  readonly problems: readonly TypeProblem[];
}

/** Types of a reference known from elsewhere in the model; undefined when they are not. */
export type Environment = (reference: Reference) => Types | undefined;

const ANY: Types = ['Integer', 'Decimal', 'String', 'Boolean'];
const NUMBERS: Types = ['Integer', 'Decimal'];
const BOOLEAN: Types = ['Boolean'];
const STRING: Types = ['String'];
const INTEGER: Types = ['Integer'];

const ARITHMETIC = ['-', '*', '/'];
const BITWISE = ['|', '^', '&'];
const ORDER = ['<', '<=', '>', '>='];

const ARGUMENTS: Partial<Record<FunctionName, Types>> = {
  startsWith: STRING,
  endsWith: STRING,
  contains: STRING,
  bitor: INTEGER,
  bitand: INTEGER,
  bitxor: INTEGER,
  bitnot: INTEGER,
};

/** Checks one expression by its types. */
export function inferTypes(node: Node, environment: Environment = () => undefined): Inference {
  const problems: TypeProblem[] = [];
  const types = new Inferrer(environment, problems).infer(node, false);
  return { types, problems };
}

class Inferrer {
  readonly #environment: Environment;
  readonly #problems: TypeProblem[];

  constructor(environment: Environment, problems: TypeProblem[]) {
    this.#environment = environment;
    this.#problems = problems;
  }

  infer(node: Node, inTemplate: boolean): Types {
    switch (node.kind) {
      case 'literal': {
        const type = typeOf(node.value);
        return type === undefined ? ANY : [type];
      }
      case 'template':
        for (const part of node.parts) if (typeof part !== 'string') this.infer(part, true);
        return STRING;
      case 'input':
      case 'variable':
      case 'sitewise':
        return this.#environment(node) ?? ANY;
      case 'unary': {
        const wanted = { '!': BOOLEAN, '-': NUMBERS, '~': INTEGER }[node.operator];
        return this.#operand(node, node.operator, this.infer(node.operand, inTemplate), wanted);
      }
      case 'binary':
        return this.#binary(node, inTemplate);
      case 'call':
        return this.#call(node, inTemplate);
    }
  }

  #binary(node: Binary, inTemplate: boolean): Types {
    const { operator } = node;
    const left = this.infer(node.left, inTemplate);
    const right = this.infer(node.right, inTemplate);
    if (operator === '&&' || operator === '||') return this.#both(node, left, right, BOOLEAN, BOOLEAN);
    if (BITWISE.includes(operator)) return this.#both(node, left, right, INTEGER, INTEGER);
    if (ORDER.includes(operator)) return this.#both(node, left, right, NUMBERS, BOOLEAN);
    if (operator === '==' || operator === '!=') return this.#equality(node, left, right);
    if (ARITHMETIC.includes(operator)) return this.#both(node, left, right, NUMBERS, numeric(left, right));
    return this.#sum(node, left, right, inTemplate);
  }

  #equality(node: Binary, left: Types, right: Types): Types {
    const meet =
      left.some((type) => right.includes(type)) || (overlaps(left, NUMBERS) && overlaps(right, NUMBERS));
    if (!meet) this.#report(node, node.operator, [...left, ...right], 'COMPARISON');
    return BOOLEAN;
  }

  #sum(node: Binary, left: Types, right: Types, inTemplate: boolean): Types {
    const types: ValueType[] = [];
    if (overlaps(left, NUMBERS) && overlaps(right, NUMBERS)) types.push(...numeric(left, right));
    const [strings, values] = [left.includes('String'), right.includes('String')];
    if (inTemplate ? strings || values : strings && values) types.push('String');
    if (types.length > 0) return types;
    this.#report(node, '+', [...left, ...right], 'OPERAND');
    return ANY;
  }

  #call(node: Call, inTemplate: boolean): Types {
    const args = node.args.map((arg) => this.infer(arg, inTemplate));
    const wanted = ARGUMENTS[node.name];
    if (wanted !== undefined) for (const types of args) this.#operand(node, node.name, types, wanted);
    if (node.name === 'convert') return convertible(node);
    return node.name.startsWith('bit') ? INTEGER : BOOLEAN;
  }

  #both(node: Binary, left: Types, right: Types, wanted: Types, result: Types): Types {
    if (!overlaps(left, wanted) || !overlaps(right, wanted)) {
      const kind = ORDER.includes(node.operator) ? 'COMPARISON' : 'OPERAND';
      this.#report(node, node.operator, [...left, ...right], kind);
    }
    return result;
  }

  #operand(node: Node, operator: string, types: Types, wanted: Types): Types {
    if (!overlaps(types, wanted)) this.#report(node, operator, types, 'OPERAND');
    return wanted.filter((type) => types.includes(type) || !overlaps(types, wanted));
  }

  #report({ start, end }: Span, operator: string, types: Types, kind: TypeProblem['kind']): void {
    this.#problems.push({ operator, types: [...new Set(types)], kind, start, end });
  }
}

function overlaps(types: Types, wanted: Types): boolean {
  return types.some((type) => wanted.includes(type));
}

/** Integer only from two Integers (spec: expressions 5). */
function numeric(left: Types, right: Types): Types {
  if (!overlaps(left, NUMBERS) || !overlaps(right, NUMBERS)) return NUMBERS;
  const types: ValueType[] = [];
  if (left.includes('Integer') && right.includes('Integer')) types.push('Integer');
  if (left.includes('Decimal') || right.includes('Decimal')) types.push('Decimal');
  return types;
}

function convertible({ args: [type] }: Call): Types {
  const word = type?.kind === 'literal' ? type.value : undefined;
  if (word === 'String' || word === 'Boolean' || word === 'Decimal') return [word];
  return ['String', 'Boolean', 'Decimal'];
}
