import type { CastType } from './ast.ts';
import { toBoolean, toNumber, toText } from './convert.ts';
import { floorOf, toDouble } from './numbers.ts';
import type { Run } from './run.ts';
import { isNumber, type Outcome } from './value.ts';

/** `cast(… as T)` (docs/topic-rules.md: The SQL). */
export function castTo(type: CastType, value: Outcome, { version, toDecimal }: Run): Outcome {
  switch (type) {
    case 'String':
      return toText(value);
    case 'Boolean':
      return isNumber(value) ? toDouble(value) !== 0 : toBoolean(value);
    case 'Int': {
      if (typeof value === 'boolean') return Number(value);
      const number = toNumber(value, version);
      return number && floorOf(number);
    }
    case 'Double':
    case 'Decimal':
      return typeof value === 'boolean' ? toDecimal(Number(value)) : toNumber(value, version);
  }
}
