import { COMPARISON_OPERATORS } from '../../../src/core/alarm/definition.ts';

/** The sign of a comparison: `>` for `GREATER`. */
export function signOf(operator: string | undefined): string {
  const signs: Readonly<Record<string, string>> = COMPARISON_OPERATORS;
  return signs[operator ?? ''] ?? operator ?? '';
}
