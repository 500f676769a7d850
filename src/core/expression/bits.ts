import { isInteger } from './numbers.ts';
import { integer, type Outcome } from './value.ts';

/** Bit operators and functions on 64-bit two's complement Integers (reference: expressions 5 and 7). */
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
