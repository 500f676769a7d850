import { type Family, type SqlFunction, V1, V2 } from './function.ts';

/** Functions for Null and Undefined (docs/topic-rules.md: The SQL). */
export const ABSENCE_FUNCTIONS: Family = {
  get_or_default: {
    since: V2,
    arity: [1, 2],
    evaluate: ([value, otherwise]) => (value === undefined || value === null ? otherwise : value),
  },
  isnull: ofAny(V1, (value) => value === null),
  isundefined: ofAny(V2, (value) => value === undefined),
};

function ofAny(since: SqlFunction['since'], test: (value: unknown) => boolean): SqlFunction {
  return { since, arity: [1, 1], evaluate: ([value]) => test(value) };
}
