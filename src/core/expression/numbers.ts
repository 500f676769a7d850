import { type Decimal, type Integer, type Outcome, WholeDecimal } from './value.ts';

/** The number that an outcome is; undefined when it is none. */
export function numberOf(outcome: Outcome): Integer | Decimal | undefined {
  if (typeof outcome === 'number' || typeof outcome === 'bigint') return outcome;
  return outcome instanceof WholeDecimal ? outcome : undefined;
}

export function isInteger(outcome: Outcome): outcome is Integer {
  return typeof outcome === 'number' ? Number.isInteger(outcome) : typeof outcome === 'bigint';
}

/** The nearest double. */
export function toDouble(number: Integer | Decimal): number {
  return number instanceof WholeDecimal ? number.value : Number(number);
}

/** The number in a form that JavaScript compares exactly, large integers with doubles included. */
export function comparable(number: Integer | Decimal): number | bigint {
  return number instanceof WholeDecimal ? number.value : number;
}
