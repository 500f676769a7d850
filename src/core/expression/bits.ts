import { isInteger } from './numbers.ts';
import { integer, type Outcome } from './value.ts';

/** The bit operators and functions, on Integers of 64 bits in two's complement (reference: expressions 5 and 7). */
export function bitOr(left: Outcome, right: Outcome): Outcome {
  return isInteger(left) && isInteger(right) ? integer(BigInt(left) | BigInt(right)) : undefined;
}

export function bitXor(left: Outcome, right: Outcome): Outcome {
  return isInteger(left) && isInteger(right) ? integer(BigInt(left) ^ BigInt(right)) : undefined;
}

export function bitAnd(left: Outcome, right: Outcome): Outcome {
  return isInteger(left) && isInteger(right) ? integer(BigInt(left) & BigInt(right)) : undefined;
}

export function bitNot(operand: Outcome): Outcome {
  return isInteger(operand) ? integer(~BigInt(operand)) : undefined;
}
