import type { ValueType } from './value.ts';

/**
 * What an argument may be: a value of that type, `any` outcome, a `name` (a text in quotes, without substitution),
 * or a `type` (the bare word String, Boolean or Decimal, or an expression giving that text).
 */
export type Parameter = 'String' | 'Integer' | 'any' | 'name' | 'type';

interface Signature {
  readonly takes: readonly Parameter[];
  /** Absent where the arguments decide. */
  readonly gives?: ValueType;
}

/** Every function there is (spec: expressions 7). */
const SIGNATURES = {
  timeout: { takes: ['name'], gives: 'Boolean' },
  currentInput: { takes: ['name'], gives: 'Boolean' },
  triggerType: { takes: ['name'], gives: 'Boolean' },
  convert: { takes: ['type', 'any'] },
  isNull: { takes: ['any'], gives: 'Boolean' },
  isUndefined: { takes: ['any'], gives: 'Boolean' },
  startsWith: { takes: ['String', 'String'], gives: 'Boolean' },
  endsWith: { takes: ['String', 'String'], gives: 'Boolean' },
  contains: { takes: ['String', 'String'], gives: 'Boolean' },
  bitor: { takes: ['Integer', 'Integer'], gives: 'Integer' },
  bitand: { takes: ['Integer', 'Integer'], gives: 'Integer' },
  bitxor: { takes: ['Integer', 'Integer'], gives: 'Integer' },
  bitnot: { takes: ['Integer'], gives: 'Integer' },
} as const satisfies Readonly<Record<string, Signature>>;

export type FunctionName = keyof typeof SIGNATURES;
export const FUNCTIONS: Readonly<Record<FunctionName, Signature>> = SIGNATURES;

/** The types that `convert` converts to. */
export const CONVERTIBLE = ['String', 'Boolean', 'Decimal'] as const;

export function isFunctionName(name: string): name is FunctionName {
  return Object.hasOwn(FUNCTIONS, name);
}

/** The function whose name is at most two letters away, for a suggestion. */
export function nearestFunction(name: string): string | undefined {
  let nearest: string | undefined;
  let least = 3;
  for (const known of Object.keys(FUNCTIONS)) {
    const apart = distance(known.toLowerCase(), name.toLowerCase());
    if (apart < least) [nearest, least] = [known, apart];
  }
  return nearest;
}

/** Letters to insert, remove or change until one word is the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: from.length + 1 }, (_, index) => index);
  for (const letter of to) {
    const above = row;
    row = [(above[0] ?? 0) + 1];
    for (let at = 1; at < above.length; at++) {
      const changed = (above[at - 1] ?? 0) + (from[at - 1] === letter ? 0 : 1);
      row.push(Math.min(changed, (above[at] ?? 0) + 1, (row[at - 1] ?? 0) + 1));
    }
  }
  return row[from.length] ?? 0;
}
