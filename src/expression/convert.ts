import { decimal, isValue, type Outcome, renderText, typeOf, WholeDecimal } from './value.ts';

const NUMBER = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** `convert(type, value)` (spec: expressions 7, questions Q-CONVINT); undefined for what cannot be converted. */
export function convert(type: Outcome, value: Outcome): Outcome {
  if (!isValue(value)) return undefined;
  switch (type) {
    case 'String':
      return renderText(value);
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
  if (typeOf(value) === 'Decimal') return value;
  return typeof value === 'number' || typeof value === 'bigint' ? decimal(Number(value)) : undefined;
}

function toBoolean(value: Outcome): Outcome {
  if (value === 'true' || value === true) return true;
  if (value === 'false' || value === false) return false;
  return undefined;
}

/** Whether an outcome has a text, as substitutions need it. */
export function textOf(outcome: Outcome): string | undefined {
  if (typeof outcome === 'string') return outcome;
  return isValue(outcome) || outcome instanceof WholeDecimal ? renderText(outcome) : undefined;
}
