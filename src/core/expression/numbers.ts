import { type Decimal, type Integer, type Outcome, WholeDecimal } from './value.ts';

/** The outcome if it is a number, else undefined. */
export function numberOf(outcome: Outcome): Integer | Decimal | undefined {
  if (typeof outcome === 'number' || typeof outcome === 'bigint') return outcome;
  return outcome instanceof WholeDecimal ? outcome : undefined;
}

export function isInteger(outcome: Outcome): outcome is Integer {
  return typeof outcome === 'number' ? Number.isInteger(outcome) : typeof outcome === 'bigint';
}

/** Converts to the nearest double. */
export function toDouble(number: Integer | Decimal): number {
  return number instanceof WholeDecimal ? number.value : Number(number);
}

/** Converts to a form that JavaScript compares exactly, including large integers with doubles. */
export function comparable(number: Integer | Decimal): number | bigint {
  return number instanceof WholeDecimal ? number.value : number;
}
