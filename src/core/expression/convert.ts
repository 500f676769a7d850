import { isInteger, numberOf, toDouble } from './numbers.ts';
import { textOf } from './text.ts';
import { decimal, type Outcome } from './value.ts';

/** A number literal, optionally signed. */
const NUMBER = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * `convert(type, value)` (reference: expressions 7, questions Q-CONVINT). Returns the value unchanged when it already
 * has the type, undefined when it cannot be converted.
 */
export function convert(type: Outcome, value: Outcome): Outcome {
  switch (type) {
    case 'String':
      return textOf(value);
    case 'Decimal':
      return toDecimal(value);
    case 'Boolean':
      return toBoolean(value);
    default:
      return undefined;
  }
}

function toDecimal(value: Outcome): Outcome {
  if (typeof value === 'string') return NUMBER.test(value) ? decimal(Number(value)) : undefined;
  return isInteger(value) ? decimal(toDouble(value)) : numberOf(value);
}

function toBoolean(value: Outcome): Outcome {
  if (typeof value === 'boolean') return value;
  if (value === 'true') return true;
  return value === 'false' ? false : undefined;
}
