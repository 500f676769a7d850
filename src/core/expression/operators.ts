import { add, divide, multiply, negate, subtract } from './arithmetic.ts';
import type { BinaryOperator, UnaryOperator } from './ast.ts';
import { bitAnd, bitNot, bitOr, bitXor } from './bits.ts';
import { equal, greater, greaterOrEqual, less, lessOrEqual, notEqual } from './comparison.ts';
import type { Outcome } from './value.ts';

/** What an operator does with the outcomes of its operands; undefined is the result of whatever has none. */
export type Operate = (left: Outcome, right: Outcome) => Outcome;

/** The operators that always look at both operands; `&&` and `||` do not. */
export const BINARY: Readonly<Record<Exclude<BinaryOperator, '&&' | '||'>, Operate>> = {
  '|': bitOr,
  '^': bitXor,
  '&': bitAnd,
  '==': equal,
  '!=': notEqual,
  '<': less,
  '<=': lessOrEqual,
  '>': greater,
  '>=': greaterOrEqual,
  '+': add,
  '-': subtract,
  '*': multiply,
  '/': divide,
};

export const UNARY: Readonly<Record<UnaryOperator, (operand: Outcome) => Outcome>> = {
  '!': (operand) => (typeof operand === 'boolean' ? !operand : undefined),
  '-': negate,
  '~': bitNot,
};
