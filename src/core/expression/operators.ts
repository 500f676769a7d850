import { add, divide, multiply, negate, subtract } from './arithmetic.ts';
import type { BinaryOperator, UnaryOperator } from './ast.ts';
import { bitAnd, bitNot, bitOr, bitXor } from './bits.ts';
import { equal, greater, greaterOrEqual, less, lessOrEqual, notEqual } from './comparison.ts';
import type { Outcome } from './value.ts';

/** Applies an operator to the outcomes of its operands; returns undefined for operands it does not accept. */
export type Operate = (left: Outcome, right: Outcome) => Outcome;

/** The operators that always evaluate both operands, unlike `&&` and `||`. */
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
