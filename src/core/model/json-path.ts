import { isArray } from '../expression/json.ts';
import { type Json, type Outcome, WholeDecimal } from '../expression/value.ts';

/**
 * Splits the jsonPath of an attribute or key into segments: `` a.`b c` `` is `['a', 'b c']` (reference: models 2.1).
 */
export function parseJsonPath(path: string): readonly string[] {
  const segments: string[] = [];
  for (const match of path.matchAll(/`([^`]*)`|([^.`]+)/g)) segments.push(match[1] ?? match[2] ?? '');
  return segments;
}

/** Returns the value at the path; undefined when a segment is absent. */
export function readPath(json: Json, path: readonly string[]): Outcome {
  let at: Outcome = json;
  for (const segment of path) {
    if (typeof at !== 'object' || at === null || at instanceof WholeDecimal || isArray(at)) return undefined;
    at = Object.hasOwn(at, segment) ? at[segment] : undefined;
  }
  return at;
}
